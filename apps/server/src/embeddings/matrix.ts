import { matrix, type Matrix } from "@winnow/curation";
import { BlobNotFoundError, type BlobStore } from "@winnow/storage";
import { embeddingMatrixKey } from "../blobs/addresses.ts";
import type { EmbeddingTable } from "../db/schema.ts";
import { JobEndedError } from "../jobs/queue.ts";

/** The vectors of an embedding on shared memory, row i for ordinal i. @throws JobEndedError when it was deleted meanwhile */
export async function loadMatrix(blobs: BlobStore, embedding: EmbeddingTable): Promise<Matrix> {
  const loaded = matrix(embedding.rows, embedding.columns);
  // A buffer of its own for reading: files can't be read straight into shared memory.
  const file = await blobs.open(embeddingMatrixKey(embedding.dataset_id, embedding.id)).catch(wasDeleted);
  try {
    const target = new Uint8Array(loaded.data.buffer, loaded.data.byteOffset, loaded.data.byteLength);
    const chunk = new Uint8Array(4 * 1024 * 1024);
    for (let at = 0; at < target.length; ) {
      const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, target.length - at), at);
      if (bytesRead === 0) throw new Error(`the matrix of embedding ${embedding.id} ends early`);
      target.set(chunk.subarray(0, bytesRead), at);
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
  return loaded;
}

/** Rows from and to (not included), straight from the store: no copy of the whole is made. @throws JobEndedError when it was deleted meanwhile */
export async function loadRows(blobs: BlobStore, embedding: EmbeddingTable, from: number, to: number, signal: AbortSignal): Promise<Matrix> {
  const rowBytes = embedding.columns * 4;
  const points = matrix(to - from, embedding.columns);
  const target = new Uint8Array(points.data.buffer, points.data.byteOffset, points.data.byteLength);
  let at = 0;
  for await (const chunk of await blobs.read(embeddingMatrixKey(embedding.dataset_id, embedding.id), { start: from * rowBytes, end: to * rowBytes - 1 }).catch(wasDeleted)) {
    signal.throwIfAborted();
    target.set(chunk as Uint8Array, at);
    at += (chunk as Uint8Array).length;
  }
  if (at !== target.length) throw new Error(`the matrix of embedding ${embedding.id} ends early`);
  return points;
}

/** Its row goes first, its file a moment later: whoever read the row in between finds no file. */
function wasDeleted(error: unknown): never {
  throw error instanceof BlobNotFoundError ? new JobEndedError("the embedding was deleted") : error;
}
