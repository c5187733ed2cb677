import { ImageError, type ImageSource, type Pixels } from "@winnow/media";
import type { Encoder } from "./encoder.ts";
import type { Matrix } from "./matrix.ts";

/** An image to encode, named for reports: by path, by bytes, or with both (then the bytes are used). */
export type NamedImage = { readonly fileName: string } & ({ readonly path: string } | { readonly bytes: Uint8Array });

export interface EncodeProgress {
  /** Images encoded so far. */
  readonly encoded: number;
  /** Images left out so far. */
  readonly broken: number;
}

export interface EncodeAllOptions {
  /** Images per {@link EncodedBatch}, 8 by default. Does not change the vectors. */
  readonly batchSize?: number;
  /** Images that are read and decoded ahead, twice the batch by default. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  /** Called after each batch. */
  readonly onProgress?: (progress: EncodeProgress) => void;
}

/** An image left out, and why. */
export interface BrokenImage {
  readonly fileName: string;
  /** A sentence for people. */
  readonly reason: string;
}

/** Consecutive images of the input: vector i belongs to fileNames[i]. Broken ones of this stretch are not among them. */
export interface EncodedBatch {
  readonly fileNames: readonly string[];
  readonly vectors: Matrix;
  readonly broken: readonly BrokenImage[];
}

/**
 * Encodes a stream of images, in the order in which they come. The next images are read and decoded while the model
 * computes; memory holds only what is ahead. An image that can't be decoded or opened is reported and left out.
 * @throws what the input throws; the signal's reason when aborted; RangeError for options that make no sense.
 */
export async function* encodeAll(
  encoder: Encoder,
  images: AsyncIterable<NamedImage> | Iterable<NamedImage>,
  options: EncodeAllOptions = {},
): AsyncGenerator<EncodedBatch, void, undefined> {
  const batchSize = whole("batchSize", options.batchSize ?? 8);
  const ahead = whole("concurrency", options.concurrency ?? 2 * batchSize);
  const { signal } = options;
  let [encoded, broken] = [0, 0];

  const flush = async (batch: readonly Prepared[]): Promise<EncodedBatch> => {
    const whole = batch.filter((image) => image.pixels !== undefined);
    const result = {
      fileNames: whole.map((image) => image.fileName),
      vectors: await encoder.encode(whole.map((image) => image.pixels!)),
      broken: batch.flatMap(({ fileName, reason }) => (reason === undefined ? [] : [{ fileName, reason }])),
    };
    encoded += result.fileNames.length;
    broken += result.broken.length;
    options.onProgress?.({ encoded, broken });
    return result;
  };

  let batch: Prepared[] = [];
  let inBatch = 0;
  for await (const image of prepareAhead(encoder, images, ahead, signal)) {
    signal?.throwIfAborted();
    batch.push(image);
    if (image.pixels !== undefined) inBatch++;
    // A long run of broken files must not wait for whole ones to be reported.
    if (inBatch < batchSize && batch.length < 16 * batchSize) continue;
    yield await flush(batch);
    [batch, inBatch] = [[], 0];
  }
  signal?.throwIfAborted();
  if (batch.length > 0) yield await flush(batch);
}

interface Prepared {
  readonly fileName: string;
  readonly pixels?: Pixels;
  readonly reason?: string;
}

/** Decoded images in input order, `ahead` of them under way. */
async function* prepareAhead(
  encoder: Encoder,
  images: AsyncIterable<NamedImage> | Iterable<NamedImage>,
  ahead: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Prepared, void, undefined> {
  const underWay: Promise<Prepared>[] = [];
  for await (const image of images) {
    signal?.throwIfAborted();
    const prepared = prepareOne(encoder, image);
    prepared.catch(() => undefined); // awaited in its turn; must not count as unhandled until then
    underWay.push(prepared);
    if (underWay.length >= ahead) yield await underWay.shift()!;
  }
  for (const prepared of underWay) yield await prepared;
}

async function prepareOne(encoder: Encoder, image: NamedImage): Promise<Prepared> {
  const { fileName } = image;
  const source: ImageSource = "bytes" in image ? image.bytes : image.path;
  try {
    return { fileName, pixels: await encoder.prepare(source) };
  } catch (error) {
    if (error instanceof ImageError) return { fileName, reason: error.message };
    const reason = UNREADABLE[(error as NodeJS.ErrnoException).code ?? ""];
    if (reason !== undefined) return { fileName, reason };
    throw error;
  }
}

/** What is wrong with one file; any other error of the file system (too many open files, a failing disk) ends the work. */
const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: "the file doesn't exist any more",
  EACCES: "permission to read the file is denied",
  EPERM: "permission to read the file is denied",
  EISDIR: "it is a folder, not a file",
  ELOOP: "the file is a link that leads in circles",
};

function whole(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number of at least 1, got ${value}`);
  return value;
}
