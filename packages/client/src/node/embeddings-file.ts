/** Embeddings files on disk, too large for memory: rows are kept as places in the file and read when their turn comes. */
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { randomBytes } from "node:crypto";
import { CsvError, EmbeddingsCsvError, checkEmbeddingsHeader, csvField, csvRecords, firstField, splitRecord, uploadedColumns } from "@winnow/formats";
import { RuntimeError } from "../errors.ts";

const LINE_END = Uint8Array.of(10);
/** Read ahead of the disk; larger than a row, so that most rows cost no system call of their own. */
const READ_BYTES = 1 << 18;
/** Rows that are looked up on disk together. */
const ROWS_TOGETHER = 1024;
/** Rows closer than this are read together, with what lies between them. */
const GAP_BYTES = 1 << 14;
const TOGETHER_BYTES_MAX = 1 << 22;

/** Where rows lie in a file, without their line ends. */
export interface Places {
  readonly offsets: ArrayLike<number>;
  readonly lengths: ArrayLike<number>;
}

export function bytesOf(path: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: READ_BYTES, ...(signal === undefined ? {} : { signal }) });
}

/**
 * Goes through a file: the header with its place, then each row's name and place.
 * @throws RuntimeError for a header that breaks the rules, an empty row, and what isn't CSV, naming the line
 */
export async function readPlaces(
  path: string,
  on: { header(columns: readonly string[], offset: number, length: number): void; row(fileName: string, offset: number, length: number, line: number): void },
  signal?: AbortSignal,
): Promise<void> {
  let begun = false;
  try {
    for await (const block of csvRecords(bytesOf(path, signal))) {
      for (let i = 0; i < block.count; i++) {
        const offset = block.fileOffset + block.start[i]!;
        const length = block.end[i]! - block.start[i]!;
        if (!begun) {
          begun = true;
          on.header(checkEmbeddingsHeader(splitRecord(block, i)).columns, offset, length);
        } else if (length === 0) {
          throw new RuntimeError(`line ${block.line[i]} of ${path} is empty; an embeddings file must have no empty rows`);
        } else {
          on.row(firstField(block, i), offset, length, block.line[i]!);
        }
      }
    }
  } catch (error) {
    if (error instanceof CsvError || error instanceof EmbeddingsCsvError) throw new RuntimeError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
  if (!begun) throw new RuntimeError(`${path} is empty; an embeddings file begins with a header`);
}

/**
 * Removes columns that belong to no embedding. A file without any isn't touched.
 * @throws RuntimeError as {@link readPlaces}
 */
export async function keepUploadedColumns(path: string, signal?: AbortSignal): Promise<void> {
  let kept: boolean[] = [];
  await readPlaces(
    path,
    {
      header(columns) {
        kept = uploadedColumns(columns);
      },
      row() {},
    },
    signal,
  );
  if (kept.every(Boolean)) return;
  await replaceFile(path, async (write) => {
    for await (const block of csvRecords(bytesOf(path, signal))) {
      let text = "";
      for (let i = 0; i < block.count; i++) {
        const fields = splitRecord(block, i).filter((_, at) => kept[at]);
        text += `${fields.map(csvField).join(",")}\n`;
      }
      await write(Buffer.from(text));
    }
  });
}

/** The rows at these places, in this order, each with a line end: in chunks of some megabytes. */
export async function* rowsAt(file: FileHandle, places: Places): AsyncGenerator<Uint8Array, void, undefined> {
  const count = places.offsets.length;
  for (let from = 0; from < count; ) {
    let to = from;
    let bytes = 0;
    while (to < count && to - from < ROWS_TOGETHER && (bytes < TOGETHER_BYTES_MAX || to === from)) bytes += places.lengths[to++]!;
    const rows = await piecesAt(file, places, from, to);
    yield Buffer.concat(rows.flatMap((row) => [row, LINE_END]));
    from = to;
  }
}

/** The rows `from … to`; those that lie near each other are read together, and several reads are under way at a time. */
export async function piecesAt(file: FileHandle, { offsets, lengths }: Places, from = 0, to = offsets.length): Promise<Uint8Array[]> {
  const order = Array.from({ length: to - from }, (_, at) => at).sort((a, b) => offsets[from + a]! - offsets[from + b]!);
  const pieces: Uint8Array[] = Array.from({ length: to - from });
  const reads: Promise<void>[] = [];
  for (let at = 0; at < order.length; ) {
    const start = offsets[from + order[at]!]!;
    let end = start;
    const first = at;
    for (; at < order.length; at++) {
      const place = from + order[at]!;
      const stop = offsets[place]! + lengths[place]!;
      if (at > first && (offsets[place]! - end > GAP_BYTES || stop - start > TOGETHER_BYTES_MAX)) break;
      end = Math.max(end, stop);
    }
    const last = at;
    reads.push(
      readFully(file, start, end - start).then((bytes) => {
        for (let i = first; i < last; i++) {
          const place = from + order[i]!;
          pieces[order[i]!] = bytes.subarray(offsets[place]! - start, offsets[place]! - start + lengths[place]!);
        }
      }),
    );
  }
  await Promise.all(reads);
  return pieces;
}

async function readFully(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(length);
  for (let held = 0; held < length; ) {
    const { bytesRead } = await file.read(bytes, held, length - held, position + held);
    if (bytesRead === 0) throw new RuntimeError("the embeddings file became shorter while it was being read");
    held += bytesRead;
  }
  return bytes;
}

/** Writes a file anew: beside it first, and over it only when all is on disk. On an error the file stays as it was. */
export async function replaceFile(path: string, fill: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString("hex")}.part`;
  const { mode } = await stat(path);
  const file = await open(beside, "wx", mode);
  try {
    try {
      await fill(async (bytes) => {
        await file.writeFile(bytes);
      });
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
