import { CustomMetadata, METADATA_FOLDER, METADATA_SCHEMA_FILE, type MetadataEntry, MetadataFileError, frameOf, metadataFileOf, parseValuePath, readMetadataFile, readMetadataSchema, valueAtPath } from "@winnow/formats";
import type { SourceFiles } from "../files/source-files.ts";
import { RunFailure } from "../run/context.ts";
import { type SideInput, decoded, isAbout, isItem, stemsOf } from "./predictions.ts";
import { Refusals, sideFiles } from "./side-listing.ts";

/** Reads what the metadata of the datasource consists of; undefined when it has none. @throws RunFailure for a schema that can't be used */
export async function readEntries(files: SourceFiles): Promise<readonly MetadataEntry[] | undefined> {
  const text = await files.readText(METADATA_SCHEMA_FILE);
  if (text === undefined) return undefined;
  const entries = readMetadataSchema(text, METADATA_SCHEMA_FILE);
  if (entries instanceof MetadataFileError) throw new RunFailure(`${entries.message} Put it right, or remove the file if there is no metadata.`);
  return entries;
}

/** The values of the schema's entries for each image, video and frame. */
export class MetadataValues {
  readonly entries: readonly MetadataEntry[];
  readonly #paths: readonly (readonly (string | number)[])[];
  readonly #own = new Map<string, readonly unknown[]>();

  constructor(entries: readonly MetadataEntry[]) {
    this.entries = entries;
    this.#paths = entries.map(({ path }) => parseValuePath(path));
  }

  add(fileName: string, metadata: Readonly<Record<string, unknown>>): void {
    this.#own.set(fileName, this.#paths.map((path) => valueAtPath(metadata, path)));
  }

  /** A value of an image or frame: its own, that of its video, or the entry's default. */
  of(fileName: string, video: string | undefined, entry: number): unknown {
    return this.#own.get(fileName)?.[entry] ?? (video === undefined ? undefined : this.#own.get(video)?.[entry]) ?? this.entries[entry]!.defaultValue;
  }
}

/** Reads the metadata of the images, videos and frames of this run. */
export async function readMetadata({ context, files, fileNames, isAll, relevantFilenamesFile }: SideInput, entries: readonly MetadataEntry[]): Promise<{ values: MetadataValues; refusals: Refusals }> {
  const values = new MetadataValues(entries);
  const refusals = new Refusals("metadata files");
  const stems = stemsOf(fileNames);
  async function* wanted(): AsyncGenerator<string, void, undefined> {
    for await (const page of sideFiles(context, "metadata", relevantFilenamesFile)) {
      for (const path of page) {
        if (isAbout(path.slice(METADATA_FOLDER.length + 1), stems)) yield path;
        else if (isAll) refusals.addUnknown(path);
      }
    }
  }
  let done = 0;
  for await (const file of files.readAll(wanted(), 16)) {
    context.progress("reading metadata", ++done, null);
    if ("problem" in file) {
      refusals.add(`${file.path}: ${file.problem.message}.`);
      continue;
    }
    const found = readMetadataFile(decoded(file.bytes), { file: file.path });
    if (found instanceof MetadataFileError) refusals.add(found.message);
    else if (!isItem(found.fileName, fileNames)) refusals.addUnknown(file.path);
    else values.add(found.fileName, found.metadata);
  }
  return { values, refusals };
}

/** The whole metadata of some samples, as it is stored with them; those without a file have none, save what the schema gives. */
export async function readMetadataOf(files: SourceFiles, entries: readonly MetadataEntry[], fileNames: readonly string[]): Promise<Map<string, Record<string, unknown>>> {
  const metadata = new CustomMetadata(entries);
  const videoOf = (name: string) => frameOf(name)?.videoPath;
  const wanted = new Set(fileNames.flatMap((name) => [metadataFileOf(name), ...(videoOf(name) === undefined ? [] : [metadataFileOf(videoOf(name)!)])]));
  const found = new Map<string, Readonly<Record<string, unknown>>>();
  for await (const file of files.readAll(wanted, 16)) {
    if ("problem" in file) continue;
    const one = readMetadataFile(decoded(file.bytes), { file: file.path });
    if (!(one instanceof MetadataFileError)) found.set(one.fileName, one.metadata);
  }
  return new Map(
    fileNames.flatMap((name) => {
      const [own, ofVideo] = [found.get(name), found.get(videoOf(name) ?? "")];
      return own === undefined && ofVideo === undefined && entries.length === 0 ? [] : [[name, metadata.of(own, ofVideo)]];
    }),
  );
}
