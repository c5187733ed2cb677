import { createHash } from "node:crypto";
import { type Encoder, type NamedImage, encodeAll } from "@winnow/embedding";
import { ImageError, decodeImage, sniffFormat } from "@winnow/media";
import { mediaKind, splitExtension } from "@winnow/storage";
import type { SourceFiles } from "../files/source-files.ts";
import { type RunContext, RunFailure } from "../run/context.ts";
import type { InputTable } from "./input-table.ts";
import type { Duplicate, FramePlace, Item, LeftOut } from "./item.ts";
import type { Stopwatch } from "./stopwatch.ts";
import type { Entry, VectorStore } from "./vector-store.ts";

/** A picture on its way to the encoder. */
export interface Picture {
  readonly item: Item;
  /** As in a file that decodes. */
  readonly bytes: Uint8Array;
}

/** A frame of a video, decoded. */
export interface Frame extends FramePlace {
  readonly fileName: string;
  /** Its pixels as the bytes of an image file. */
  readonly bytes: () => Uint8Array;
  /** Share of the frame that is corrupt, 0 … 1. */
  readonly corruption: number;
  /** Of its pixels. */
  readonly hash: () => string;
}

/** What opens a video and gives its frames in order. Its end says how many there were, for how long. */
export type FramesOf = (video: string) => AsyncGenerator<Frame, VideoEnd, undefined>;

export interface VideoEnd {
  readonly frames: number;
  readonly seconds: number;
  /** Why the video is not sound, if it isn't. */
  readonly reason?: string;
}

export interface ReadingOptions {
  readonly context: RunContext;
  readonly files: SourceFiles;
  readonly store: VectorStore;
  readonly watch: Stopwatch;
  /** Makes vectors of pictures; or they are looked up. */
  readonly encoder: Encoder | InputTable;
  readonly framesOf: FramesOf;
  /** Names of items that are in the dataset already, which are not read again. */
  readonly known: ReadonlySet<string>;
  readonly checksCorruptness: boolean;
  readonly corruptionThreshold: number;
  readonly removesDuplicates: boolean;
  readonly batchSize: number;
  /** Pictures read and decoded ahead. */
  readonly ahead: number;
  /** Told when the first vectors are there, and after that each time. */
  readonly onFirst?: () => Promise<void>;
  /** What is cut out of a picture instead of taking it whole. */
  readonly crops?: (item: Item, bytes: Uint8Array) => Promise<Picture[]>;
}

export interface Reading {
  readonly items: readonly Item[];
  /** Row of each item in the store. */
  readonly rows: Uint32Array;
  readonly corrupt: readonly LeftOut[];
  readonly duplicates: readonly Duplicate[];
  readonly videos: ReadonlyMap<string, { readonly frames: number; readonly seconds: number }>;
  /** Images and frames that were looked at. */
  readonly images: number;
  readonly frames: number;
}

/**
 * Reads everything once: each file is fetched, checked, compared with those before by its content, decoded and embedded,
 * while the next ones are on their way. Nothing is kept but names and vectors.
 */
export async function readInput(fileNames: readonly string[], options: ReadingOptions): Promise<Reading> {
  const { context, store, encoder } = options;
  const pass = new Pass(options, fileNames.length);
  const began = performance.now();
  if ("encode" in encoder) {
    for await (const batch of encodeAll(encoder, pass.pictures(fileNames), { batchSize: options.batchSize, concurrency: options.ahead, signal: context.signal })) {
      const items = batch.fileNames.map((name): Entry => ({ kind: "item", ...pass.take(name) }));
      const broken = batch.broken.map(({ fileName, reason }): Entry => ({ kind: "broken", name: pass.take(fileName).item.fileName, reason }));
      store.append([...pass.drain(), ...items, ...broken], batch.vectors.data);
      pass.embedded += items.length;
      pass.tell();
      if (pass.embedded > 0) await options.onFirst?.();
    }
  } else {
    for await (const { fileName, bytes } of pass.pictures(fileNames)) {
      const taken = pass.take(fileName);
      const reason = options.checksCorruptness ? await reasonBroken(bytes) : undefined;
      const vector = encoder.vectorOf(fileName);
      if (reason === undefined && vector === undefined) throw new RunFailure(`The embeddings file has no row for ${fileName}. Give it one for every file that is to be looked at, or leave \`embeddings\` out.`);
      const entry: Entry = reason === undefined ? { kind: "item", ...taken } : { kind: "broken", name: fileName, reason };
      store.append([...pass.drain(), entry], reason === undefined ? vector! : new Float32Array());
      pass.embedded++;
      pass.tell();
    }
  }
  store.append(pass.drain(), new Float32Array());
  const seconds = (performance.now() - began) / 1000;
  options.watch.add("reading and checking", seconds, pass.checked);
  options.watch.add("embedding", seconds, pass.embedded);
  return sorted(store, fileNames);
}

/** A file by file walk through the input, on which pictures come out at the end and everything else is noted. */
class Pass {
  checked = 0;
  embedded = 0;
  readonly #options: ReadingOptions;
  readonly #total: number;
  readonly #began = performance.now();
  readonly #pending = new Map<string, { readonly item: Item; readonly hash?: string }>();
  readonly #seen = new Map<string, string>();
  #noted: Entry[] = [];
  #files = 0;

  constructor(options: ReadingOptions, total: number) {
    this.#options = options;
    this.#total = total;
    for (const entry of options.store.entries) {
      if ((entry.kind === "item" || entry.kind === "whole") && entry.hash !== undefined) this.#seen.set(entry.hash, entry.kind === "item" ? entry.item.fileName : entry.name);
    }
  }

  async *pictures(fileNames: readonly string[]): AsyncGenerator<NamedImage & { readonly bytes: Uint8Array }, void, undefined> {
    const { store, files, ahead, known } = this.#options;
    const done = new Set<string>();
    for (const entry of store.entries) done.add(entry.kind === "item" ? entry.item.fileName : entry.name);
    for (let at = 0; at < fileNames.length; ) {
      if (mediaKind(fileNames[at]!) === "video") {
        yield* this.#video(fileNames[at]!, done);
        this.#files++;
        at++;
        continue;
      }
      let end = at;
      while (end < fileNames.length && mediaKind(fileNames[end]!) === "image") end++;
      const images = fileNames.slice(at, end);
      this.#files += images.length;
      const wanted = images.filter((name) => !done.has(name) && !known.has(name));
      this.#files -= wanted.length;
      for await (const file of files.readAll(wanted, ahead)) {
        this.checked++;
        this.#files++;
        if ("problem" in file) this.#noted.push({ kind: "broken", name: file.path, reason: file.problem.message });
        else yield* this.#image(file.path, file.bytes);
      }
      at = end;
    }
  }

  /** The item of a picture that has come through. */
  take(fileName: string): { readonly item: Item; readonly hash?: string } {
    const taken = this.#pending.get(fileName)!;
    this.#pending.delete(fileName);
    return taken;
  }

  /** What was noted beside the pictures since it was asked for last. */
  drain(): Entry[] {
    const noted = this.#noted;
    this.#noted = [];
    return noted;
  }

  tell(): void {
    const seconds = Math.max(0.001, (performance.now() - this.#began) / 1000);
    this.#options.context.progress("embedding", Math.max(0, this.#files - this.#pending.size), this.#total, { checked: this.checked / seconds, embedded: this.embedded / seconds });
  }

  async *#image(fileName: string, bytes: Uint8Array): AsyncGenerator<NamedImage & { readonly bytes: Uint8Array }, void, undefined> {
    const { checksCorruptness } = this.#options;
    const hash = this.#options.removesDuplicates ? createHash("sha256").update(bytes).digest("base64") : undefined;
    if (this.#isRepeated(fileName, hash)) return;
    const reason = checksCorruptness ? wrongKind(fileName, bytes) : undefined;
    if (reason !== undefined) this.#noted.push({ kind: "broken", name: fileName, reason });
    else yield* this.#out({ fileName }, bytes, hash);
  }

  async *#video(video: string, done: ReadonlySet<string>): AsyncGenerator<NamedImage & { readonly bytes: Uint8Array }, void, undefined> {
    const { framesOf, corruptionThreshold, checksCorruptness, known, context, removesDuplicates } = this.#options;
    if (done.has(video)) return;
    const frames = framesOf(video);
    let given = 0;
    try {
      for (;;) {
        const next = await frames.next();
        if (next.done) {
          const { frames: count, seconds, reason } = next.value;
          if (reason !== undefined) this.#noted.push({ kind: "broken", name: video, reason });
          this.#noted.push({ kind: "video", name: video, frames: count, seconds });
          return;
        }
        context.signal.throwIfAborted();
        given++;
        this.checked++;
        const { fileName, bytes, corruption, hash, index, seconds, pts } = next.value;
        if (done.has(fileName) || known.has(fileName)) continue;
        if (checksCorruptness && corruption > corruptionThreshold) {
          this.#noted.push({ kind: "broken", name: fileName, reason: `the frame is corrupt: its score ${corruption.toFixed(3)} is above ${corruptionThreshold}` });
          continue;
        }
        const key = removesDuplicates ? hash() : undefined;
        if (!this.#isRepeated(fileName, key)) yield* this.#out({ fileName, frame: { video, index, seconds, pts } }, bytes(), key);
      }
    } catch (error) {
      if (!(error instanceof ImageError) && !isBrokenVideo(error)) throw error;
      // What came before the damage is good.
      this.#noted.push({ kind: "broken", name: video, reason: given === 0 ? error.message : `after ${given} frames: ${error.message}` });
      if (given > 0) this.#noted.push({ kind: "video", name: video, frames: given, seconds: 0 });
    } finally {
      await frames.return({ frames: given, seconds: 0 });
    }
  }

  async *#out(item: Item, bytes: Uint8Array, hash: string | undefined): AsyncGenerator<NamedImage & { readonly bytes: Uint8Array }, void, undefined> {
    const { crops } = this.#options;
    if (crops === undefined) {
      this.#pending.set(item.fileName, { item, ...(hash === undefined ? {} : { hash }) });
      yield { fileName: item.fileName, bytes };
      return;
    }
    let cut: Picture[];
    try {
      cut = await crops(item, bytes);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      this.#noted.push({ kind: "broken", name: item.fileName, reason: error.message });
      return;
    }
    for (const crop of cut) {
      this.#pending.set(crop.item.fileName, { item: crop.item });
      yield { fileName: crop.item.fileName, bytes: crop.bytes };
    }
    this.#noted.push({ kind: "whole", name: item.fileName, ...(hash === undefined ? {} : { hash }) });
  }

  #isRepeated(fileName: string, key: string | undefined): boolean {
    if (key === undefined) return false;
    const first = this.#seen.get(key);
    if (first === undefined) {
      this.#seen.set(key, fileName);
      return false;
    }
    this.#noted.push({ kind: "duplicate", name: fileName, of: first });
    return true;
  }
}

/** Whether an error says that a video can't be decoded (any further). */
function isBrokenVideo(error: unknown): error is Error {
  return error instanceof Error && error.name === "VideoError";
}

const KINDS: Readonly<Record<string, readonly string[]>> = { jpeg: ["jpg", "jpeg"], png: ["png"], webp: ["webp"], tiff: ["tif", "tiff"], gif: [], bmp: ["bmp"], pnm: ["ppm", "pgm"] };

/** Why a file isn't what its extension says, if so. */
function wrongKind(fileName: string, bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "the file is empty";
  const format = sniffFormat(bytes);
  // What is no image at all is told by the decoder.
  if (format === undefined || KINDS[format]!.includes(splitExtension(fileName).extension.toLowerCase())) return undefined;
  return `its content is ${format === "pnm" ? "PPM" : format.toUpperCase()}, which its extension doesn't say`;
}

async function reasonBroken(bytes: Uint8Array): Promise<string | undefined> {
  try {
    await decodeImage(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof ImageError) return error.message;
    throw error;
  }
}

/** What the store holds, in the order of the input however often the pass was interrupted. */
function sorted(store: VectorStore, fileNames: readonly string[]): Reading {
  const place = new Map(fileNames.map((name, i) => [name, i]));
  const videos = new Map<string, { frames: number; seconds: number }>();
  const reasons = new Map<string, string>();
  const found: { readonly item: Item; readonly row: number }[] = [];
  const repeated: Duplicate[] = [];
  const whole = new Set<string>();
  let row = 0;
  for (const entry of store.entries) {
    if (entry.kind === "item") found.push({ item: entry.item, row: row++ });
    else if (entry.kind === "broken") reasons.set(entry.name, entry.reason);
    else if (entry.kind === "duplicate") repeated.push({ fileName: entry.name, keptFileName: entry.of });
    else if (entry.kind === "video") videos.set(entry.name, { frames: entry.frames, seconds: entry.seconds });
    else whole.add(entry.name);
  }
  const unit = ({ frame, crop, fileName }: Item) => place.get(frame?.video ?? crop?.parentFrame?.video ?? crop?.parent ?? fileName) ?? fileNames.length;
  const index = ({ frame, crop }: Item) => frame?.index ?? crop?.parentFrame?.index ?? 0;
  found.sort((a, b) => unit(a.item) - unit(b.item) || index(a.item) - index(b.item) || (a.item.crop?.index ?? 0) - (b.item.crop?.index ?? 0));
  // A copy of a broken file is as broken.
  const duplicates = repeated.filter(({ keptFileName }) => !reasons.has(keptFileName));
  for (const { fileName, keptFileName } of repeated) {
    const reason = reasons.get(keptFileName);
    if (reason !== undefined) reasons.set(fileName, reason);
  }
  const corrupt = [...reasons].map(([fileName, reason]) => ({ fileName, reason })).sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
  const frames = found.filter(({ item }) => item.frame !== undefined).length;
  return {
    items: found.map(({ item }) => item),
    rows: Uint32Array.from(found, (one) => one.row),
    corrupt,
    duplicates,
    videos,
    images: fileNames.length - videos.size,
    frames: [...videos.values()].reduce((sum, video) => sum + video.frames, 0) || frames,
  };
}
