import { extname } from "node:path";
import type { Matrix } from "@winnow/embedding";
import { writeStream } from "../files/write-stream.ts";
import { UsageError } from "../problems.ts";

/** Kinds of file that vectors can be written to. */
export const VECTOR_FILES = [".csv", ".npy", ".parquet"] as const;

/** Vectors with their names, read in portions. */
export interface WritableVectors {
  readonly fileNames: readonly string[];
  readonly dimensions: number;
  read(from: number, to: number): Matrix;
}

const ROWS = 1024;

/** As a sentence names them: ".csv, .npy or .parquet". */
export function anyOf(kinds: readonly string[]): string {
  return `${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}`;
}

/** @throws UsageError for a kind of file that isn't written */
export function requireVectorFile(path: string, flag: string): void {
  if (!VECTOR_FILES.some((one) => one === extname(path).toLowerCase())) throw new UsageError(`${flag} must end in ${anyOf(VECTOR_FILES)}, not ${JSON.stringify(path)}.`);
}

/**
 * Writes vectors, whole or not at all: a CSV or Parquet file with names, or an NPY file and beside it a list of its names.
 * @returns the files written
 */
export async function writeVectors(path: string, vectors: WritableVectors, signal: AbortSignal): Promise<string[]> {
  const { writeEmbeddingsCsv, writeFileNameList, writeNpy, writeParquet } = await import("@winnow/formats");
  const kind = extname(path).toLowerCase();
  if (kind !== ".npy") {
    const { fileNames, dimensions } = vectors;
    await writeStream(path, kind === ".csv" ? writeEmbeddingsCsv(csvRows(vectors), { width: dimensions }) : writeParquet(portions(vectors), { fileNames, columns: dimensions }), signal);
    return [path];
  }
  const list = `${path.slice(0, -extname(path).length)}.txt`;
  await writeStream(list, writeFileNameList(vectors.fileNames), signal);
  await writeStream(path, writeNpy(portions(vectors), { rows: vectors.fileNames.length, columns: vectors.dimensions }), signal);
  return [path, list];
}

function* portions({ fileNames, read }: WritableVectors): Generator<Float32Array> {
  for (let from = 0; from < fileNames.length; from += ROWS) yield read(from, Math.min(from + ROWS, fileNames.length)).data;
}

function* csvRows(vectors: WritableVectors): Generator<{ fileName: string; values: Float32Array }> {
  let at = 0;
  for (const data of portions(vectors)) {
    for (let from = 0; from < data.length; from += vectors.dimensions) yield { fileName: vectors.fileNames[at++]!, values: data.subarray(from, from + vectors.dimensions) };
  }
}
