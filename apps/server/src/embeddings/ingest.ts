import { EmbeddingsCsvError, readAlignedEmbeddingsCsv } from "@winnow/formats";
import { DomainError } from "../app/errors.ts";
import { embeddingMatrixKey, incomingKey } from "../blobs/addresses.ts";
import { readSamples } from "../samples/store.ts";
import type { Task } from "../threads/protocol.ts";
import type { Workbench } from "../threads/workbench.ts";

/** @throws DomainError EMBEDDING_INVALID for a matrix that no machine can hold: its width is what the file's first line says */
function allocate(length: number, samples: number): Float32Array {
  try {
    return new Float32Array(length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DomainError("EMBEDDING_INVALID", `The embeddings file can't be used: line 1: ${length / samples} columns for ${samples} samples are more than this server can hold in memory.`);
  }
}

/**
 * Reads an uploaded embeddings file and stores its vectors in the dataset's order.
 * @returns number of columns
 * @throws DomainError EMBEDDING_INVALID naming line and file of what is wrong
 */
export async function ingestEmbedding({ db, blobs, signal }: Workbench, task: Extract<Task, { kind: "ingest" }>): Promise<number> {
  const ordinals = new Map<string, number>();
  for await (const page of readSamples(db, task.datasetId, ["file_name", "ordinal"], { toOrdinal: task.samples })) {
    for (const sample of page) ordinals.set(sample.file_name, sample.ordinal);
  }
  let aligned;
  try {
    aligned = await readAlignedEmbeddingsCsv(await blobs.read(incomingKey(task.datasetId, task.embeddingId), undefined, 1024 * 1024), { ordinalOf: ordinals, samples: task.samples, allocate: (length) => allocate(length, task.samples), signal });
  } catch (error) {
    if (error instanceof EmbeddingsCsvError) throw new DomainError("EMBEDDING_INVALID", `The embeddings file can't be used: ${error.message}.`.replace(/\.\.$/, "."));
    throw error;
  }
  const { data } = aligned;
  await blobs.write(embeddingMatrixKey(task.datasetId, task.embeddingId), new Uint8Array(data.buffer, data.byteOffset, data.byteLength), { allowEmpty: true });
  return aligned.width;
}
