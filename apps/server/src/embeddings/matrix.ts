import { matrix, type Matrix } from "@winnow/curation";
import type { BlobStore } from "@winnow/storage";
import { embeddingMatrixKey } from "../blobs/addresses.ts";
import type { EmbeddingTable } from "../db/schema.ts";

/** The vectors of an embedding on shared memory, row i for ordinal i. */
export async function loadMatrix(blobs: BlobStore, embedding: EmbeddingTable): Promise<Matrix> {
  const loaded = matrix(embedding.rows, embedding.columns);
  // A buffer of its own for reading: files can't be read straight into shared memory.
  const file = await blobs.open(embeddingMatrixKey(embedding.dataset_id, embedding.id));
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
