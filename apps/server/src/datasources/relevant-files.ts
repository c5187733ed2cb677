import { buffer } from "node:stream/consumers";
import { imageExtensions, isRelevant, parseRelevantFilenames, RelevantFilenamesError, relevantPrefixes, type RelevantFilenames, SourceError, splitExtension, videoExtensions } from "@winnow/storage";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { platformFolder, requirePath } from "./paths.ts";

const fileBytesMax = 128 << 20;
/** Lists kept between the pages of listings, together so many characters. */
const keptCharactersMax = 128 << 20;

const extensions = [...imageExtensions, ...videoExtensions].flatMap((one) => [one, one.toUpperCase()]);

/** The files that a listing is limited to. */
export class RelevantFiles {
  readonly #list: RelevantFilenames;
  #stems: ReadonlySet<string> | undefined;

  constructor(
    list: RelevantFilenames,
    readonly characters: number,
  ) {
    this.#list = list;
  }

  /** The names, when the list says nothing but names and not more than these. */
  names(countMax: number): readonly string[] | undefined {
    return this.#list.rules.length === 0 && this.#list.names.size <= countMax ? [...this.#list.names] : undefined;
  }

  hasSample(path: string): boolean {
    return isRelevant(this.#list, path);
  }

  /**
   * Whether a prediction or metadata file, named without the folder of its kind, is of a relevant image, video or frame of such a video.
   * It bears the name of its image without extension, so every extension that an image can have is tried on patterns.
   */
  hasJson(path: string): boolean {
    const stem = path.replace(/\.json$/, "");
    this.#stems ??= new Set([...this.#list.names].map((name) => splitExtension(name).filename));
    if (this.#stems.has(stem)) return true;
    const [, video, extension] = /^(.+)-\d+-([A-Za-z0-9]+)$/.exec(stem) ?? [];
    if (video !== undefined && isRelevant(this.#list, `${video}.${extension}`)) return true;
    return this.#list.rules.length > 0 && extensions.some((one) => isRelevant(this.#list, `${stem}.${one}`));
  }

  /** What every relevant path begins with; of JSON files what comes before the extension. */
  prefix(kind: "sample" | "json"): string {
    const prefixes = relevantPrefixes(this.#list);
    return commonStart(kind === "sample" ? prefixes : prefixes.map((one) => splitExtension(one).filename));
  }
}

/** Reads lists of relevant file names, and keeps them while listings go on. */
export class RelevantFilesReader {
  readonly #kept = new Map<string, RelevantFiles>();

  /**
   * @param fileName path from the root of the datasource; below `.lightly/` of the one that the platform writes to
   * @param isFirst the list is read anew at the beginning of a listing; pages that follow see the same list
   * @throws DomainError DATASET_DATASOURCE_RELEVANT_FILENAMES_INVALID
   */
  async read({ sources }: Context, datasetId: string, fileName: string, isFirst: boolean): Promise<RelevantFiles> {
    const key = `${datasetId}/${fileName}`;
    const kept = this.#kept.get(key);
    if (kept && !isFirst) return kept;
    const refuse = (why: string) => new DomainError("DATASET_DATASOURCE_RELEVANT_FILENAMES_INVALID", `The file of relevant file names "${fileName.slice(0, 200)}" can't be used: ${why}`);
    try {
      requirePath("relevantFilenamesFileName", fileName);
      const { source } = await sources.require(datasetId, fileName.startsWith(platformFolder) ? "LIGHTLY" : "INPUT");
      const facts = await source.facts(fileName);
      if (!facts) throw refuse("there is no such file in the datasource.");
      if (facts.sizeBytes > fileBytesMax) throw refuse(`it has ${facts.sizeBytes} bytes; at most ${fileBytesMax} are read.`);
      const bytes = await buffer(await source.read(fileName, { start: 0, end: fileBytesMax - 1 }));
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      const files = new RelevantFiles(parseRelevantFilenames(text), text.length);
      this.#keep(key, files);
      return files;
    } catch (error) {
      if (error instanceof RelevantFilenamesError || (error instanceof SourceError && error.kind === "path") || (error instanceof DomainError && error.code === "BAD_REQUEST")) throw refuse(error.message);
      if (error instanceof TypeError) throw refuse("it is no text in UTF-8.");
      throw error;
    }
  }

  #keep(key: string, files: RelevantFiles): void {
    this.#kept.delete(key);
    this.#kept.set(key, files);
    let total = [...this.#kept.values()].reduce((sum, { characters }) => sum + characters, 0);
    for (const [oldest, { characters }] of this.#kept) {
      if (total <= keptCharactersMax && this.#kept.size <= 100) break;
      this.#kept.delete(oldest);
      total -= characters;
    }
  }
}

function commonStart(texts: readonly string[]): string {
  let start = texts[0] ?? "";
  for (const text of texts) while (!text.startsWith(start)) start = start.slice(0, -1);
  // Half of a surrogate pair is no text.
  return /\p{Surrogate}$/u.test(start) ? start.slice(0, -1) : start;
}
