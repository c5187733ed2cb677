import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type EmbeddingsTable, EmbeddingsCsvError, readEmbeddingsCsv, writeEmbeddingsCsv } from "@winnow/formats";
import { RunFailure } from "../run/context.ts";
import { pathBelow } from "./choose-encoder.ts";

/** Where a pool of selected embeddings lies in the shared folder. */
function folderOf(shared: string, name: string): string {
  return join(shared, "datapools", name);
}

/** @throws RunFailure without a shared folder, or for a name that no folder can have */
function requirePoolFolder(shared: string | undefined, name: string): string {
  if (shared === undefined) throw new RunFailure("datapool.name needs a shared folder to keep the pool in: start the worker with --shared DIR.");
  if (!/^[a-zA-Z0-9][a-zA-Z0-9 ._-]{0,100}$/.test(name)) throw new RunFailure(`datapool.name must be made of letters, digits, blanks and ._-, got ${JSON.stringify(name)}.`);
  return folderOf(shared, name);
}

/** What a local pool holds; undefined when there is none yet. @throws RunFailure when its vectors have another width */
export async function readLocalPool(shared: string | undefined, name: string, dimensions: number): Promise<EmbeddingsTable | undefined> {
  requirePoolFolder(shared, name);
  const path = await pathBelow(shared!, join("datapools", name, "embeddings.csv"), "datapool.name");
  if (path === undefined) return undefined;
  try {
    const table = await readEmbeddingsCsv(createReadStream(path));
    if (table.rows > 0 && table.width !== dimensions) throw new RunFailure(`The pool ${name} holds vectors of ${table.width} values, and this run makes ${dimensions}: they can't be compared. Use the encoder that the pool was made with, or another pool.`);
    return table;
  } catch (error) {
    if (error instanceof EmbeddingsCsvError) throw new RunFailure(`The pool ${name} can't be read: ${error.message}.`);
    throw error;
  }
}

/** Adds vectors to a local pool; names that it has are left as they are, so that it can be done twice. */
export async function addToLocalPool(shared: string | undefined, name: string, rows: readonly { readonly fileName: string; readonly values: Float32Array }[], { keepHistory, stamp }: { readonly keepHistory: boolean; readonly stamp: string }): Promise<void> {
  const folder = requirePoolFolder(shared, name);
  const dimensions = rows[0]?.values.length;
  if (dimensions === undefined) return;
  const before = await readLocalPool(shared, name, dimensions);
  const known = new Set(before?.fileNames);
  const added = rows.filter(({ fileName }) => !known.has(fileName));
  if (added.length === 0) return;
  await mkdir(folder, { recursive: true });
  const [path, draft] = [join(folder, "embeddings.csv"), join(folder, `embeddings.${stamp}.part`)];
  function* all() {
    for (let row = 0; row < (before?.rows ?? 0); row++) yield { fileName: before!.fileNames[row]!, values: before!.data.subarray(row * dimensions!, (row + 1) * dimensions!) };
    yield* added;
  }
  try {
    await pipeline(Readable.from(writeEmbeddingsCsv(all(), { width: dimensions })), createWriteStream(draft, { flush: true } as object));
    if (keepHistory && before !== undefined) {
      await mkdir(join(folder, "history"), { recursive: true });
      // A copy: the pool is there at every moment.
      await copyFile(path, join(folder, "history", `embeddings_before_${stamp}.csv`));
    }
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
