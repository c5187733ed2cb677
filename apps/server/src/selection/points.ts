import { matrix, type Matrix } from "@winnow/curation";
import { DomainError } from "../app/errors.ts";
import type { EmbeddingTable } from "../db/schema.ts";
import { loadMatrix } from "../embeddings/matrix.ts";
import { findEmbedding } from "../embeddings/store.ts";
import { JobEndedError } from "../jobs/queue.ts";
import type { Workbench } from "../threads/workbench.ts";

/** @throws DomainError EMBEDDING_ROW_COUNT_INVALID when a sample that takes part has no vector */
export function requireCovered(embedding: Pick<EmbeddingTable, "name" | "rows">, lastOrdinal: number, size: number): void {
  if (lastOrdinal < embedding.rows) return;
  throw new DomainError("EMBEDDING_ROW_COUNT_INVALID", `The embedding "${embedding.name}" has vectors for the first ${embedding.rows} samples only. Upload embeddings for all ${size} samples, or choose a query tag that it covers.`);
}

/**
 * The vectors, with a row for every sample of the dataset: those that the embedding doesn't cover may not take part.
 * @param lastOrdinal the largest that takes part
 */
export async function loadPoints({ db, blobs }: Pick<Workbench, "db" | "blobs">, datasetId: string, embeddingId: string, size: number, lastOrdinal: number): Promise<Matrix> {
  const embedding = await findEmbedding(db, datasetId, embeddingId);
  if (!embedding || embedding.state !== "ready") throw new JobEndedError("the embedding was deleted");
  requireCovered(embedding, lastOrdinal, size);
  const points = await loadMatrix(blobs, embedding);
  if (embedding.rows === size) return points;
  const padded = matrix(size, embedding.columns);
  padded.data.set(points.data.subarray(0, padded.data.length));
  return padded;
}
