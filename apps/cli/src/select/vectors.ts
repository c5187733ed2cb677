import { createReadStream, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { extname } from "node:path";
import { type Matrix, matrix } from "@winnow/curation";
import { type ParquetVectors, readEmbeddingsCsv, readFileNameList, readNpy, readParquet } from "@winnow/formats";
import { Problem } from "../problems.ts";

/** Embeddings with the names of their rows. */
export interface NamedVectors {
  readonly points: Matrix;
  readonly names: readonly string[];
}

/** Embeddings from a CSV, NPY or Parquet file, on memory that the engine's threads share. @throws Problem for another kind of file */
export async function readVectors(path: string, signal: AbortSignal): Promise<{ readonly points: Matrix; readonly names: readonly string[] | undefined }> {
  const source = () => createReadStream(path, { highWaterMark: 1 << 20 });
  switch (extname(path).toLowerCase()) {
    case ".csv": {
      const { data, rows, width, fileNames } = await naming(path, readEmbeddingsCsv(source(), { sizeInBytes: statSync(path).size, signal }));
      const points = matrix(rows, width);
      points.data.set(data);
      return { points, names: fileNames };
    }
    case ".npy": {
      const file = statSync(path);
      const sizeInBytes = file.isFile() ? file.size : undefined;
      return { points: await naming(path, readNpy(source(), { allocate: (rows, columns) => matrix(rows, columns).data, sizeInBytes, signal })), names: undefined };
    }
    case ".parquet": {
      const { names, rows, columns, data } = await naming(path, fromParquet(path, signal));
      if (names !== undefined && new Set(names).size !== names.length) throw new Problem(`${path} names a file twice; every row needs a name of its own.`);
      return { points: { rows, columns, data }, names };
    }
    default:
      throw new Problem(`${path}: embeddings are read from .csv, .npy and .parquet files.`);
  }
}

async function fromParquet(path: string, signal: AbortSignal): Promise<ParquetVectors> {
  const file = await open(path);
  try {
    const slice = async (start: number, end: number): Promise<ArrayBuffer> => {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) throw new Problem(`${path} became shorter while it was read.`);
        at += bytesRead;
      }
      return bytes.buffer;
    };
    return await readParquet({ byteLength: (await file.stat()).size, slice }, { allocate: (rows, columns) => matrix(rows, columns).data, signal });
  } finally {
    await file.close();
  }
}

/** The same with names: those of the CSV or Parquet file, of a list with one per row, or else the row numbers from 0. */
export async function readNamedVectors(path: string, namesPath: string | undefined, signal: AbortSignal): Promise<NamedVectors> {
  const { points, names } = await readVectors(path, signal);
  if (namesPath === undefined) return { points, names: names ?? Array.from({ length: points.rows }, (_, row) => String(row)) };
  if (names !== undefined) throw new Problem(`--names goes with files without names; ${path} holds its own.`);
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
    if (error instanceof Error && /Csv|Npy|Parquet/.test(error.name)) throw new Problem(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}
