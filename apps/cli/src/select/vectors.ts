import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { type Matrix, matrix } from "@winnow/curation";
import { readEmbeddingsCsv, readFileNameList, readNpy } from "@winnow/formats";
import { Problem } from "../problems.ts";

/** Embeddings with the names of their rows. */
export interface NamedVectors {
  readonly points: Matrix;
  readonly names: readonly string[];
}

/** Embeddings from a CSV or NPY file, on memory that the engine's threads share. @throws Problem for another kind of file */
export async function readVectors(path: string, signal: AbortSignal): Promise<{ readonly points: Matrix; readonly names: readonly string[] | undefined }> {
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  switch (extname(path).toLowerCase()) {
    case ".csv": {
      const { data, rows, width, fileNames } = await naming(path, readEmbeddingsCsv(source, { signal }));
      const points = matrix(rows, width);
      points.data.set(data);
      return { points, names: fileNames };
    }
    case ".npy":
      return { points: await naming(path, readNpy(source, { allocate: (rows, columns) => matrix(rows, columns).data, signal })), names: undefined };
    case ".parquet":
      throw new Problem(`${path}: Parquet can't be read yet. Give the embeddings as CSV or NPY.`);
    default:
      throw new Problem(`${path}: embeddings are read from .csv and .npy files.`);
  }
}

/** The same with names: those of the CSV, of a list with one per row, or else the row numbers from 0. */
export async function readNamedVectors(path: string, namesPath: string | undefined, signal: AbortSignal): Promise<NamedVectors> {
  const { points, names } = await readVectors(path, signal);
  if (namesPath === undefined) return { points, names: names ?? Array.from({ length: points.rows }, (_, row) => String(row)) };
  if (names !== undefined) throw new Problem("--names goes with .npy files; a CSV holds its names.");
  const listed = await readNames(namesPath);
  if (listed.length !== points.rows) throw new Problem(`${namesPath} has ${listed.length} names, but ${path} has ${points.rows} rows; they must be as many.`);
  if (new Set(listed).size !== listed.length) throw new Problem(`${namesPath} names a file twice; every row needs a name of its own.`);
  return { points, names: listed };
}

/** One name per line. */
export async function readNames(path: string): Promise<string[]> {
  const names: string[] = [];
  for await (const name of readFileNameList(createReadStream(path))) names.push(name);
  return names;
}

/** A complaint about a file's content names the file. */
export async function naming<Result>(path: string, reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && /Csv|Npy/.test(error.name)) throw new Problem(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}
