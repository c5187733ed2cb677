import type { AsyncTaskData, NeighboursData } from "@winnow/contract";
import type { User } from "../accounts/user.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { requireEmbedding } from "../embeddings/service.ts";
import { listEmbeddings } from "../embeddings/store.ts";
import { enqueue } from "../jobs/queue.ts";
import type { Threads } from "../threads/threads.ts";
import type { Nearest } from "./nearest.ts";

/** @throws DomainError SAMPLE_UNKNOWN when the embedding has no vector of the sample; EMBEDDING_UNKNOWN when there is no embedding */
export async function neighboursOf(context: Context, threads: Threads, dataset: DatasetAccess, { ordinal, count = 50, embeddingId }: { ordinal: number; count?: number; embeddingId?: string }, signal: AbortSignal): Promise<NeighboursData> {
  const embedding = embeddingId === undefined ? (await listEmbeddings(context.db, dataset.row.id)).filter(({ state }) => state === "ready").toSorted((a, b) => (a.id < b.id ? 1 : -1))[0] : await requireEmbedding(context, dataset, embeddingId);
  if (!embedding) throw new DomainError("EMBEDDING_UNKNOWN", "The dataset has no embedding yet, so there is nothing to tell what is alike.");
  if (ordinal >= embedding.rows) throw new DomainError("SAMPLE_UNKNOWN", `"ordinal" must be below ${embedding.rows}, the number of samples in the embedding "${embedding.name}", got ${ordinal}.`);
  const nearest = (await threads.run({ kind: "nearest", datasetId: dataset.row.id, embeddingId: embedding.id, rows: embedding.rows, columns: embedding.columns, ordinal, count }, { signal })) as Nearest;
  return { embeddingId: embedding.id, ...nearest };
}

export async function triggerAnalysis(context: Context, user: User, dataset: DatasetAccess, embeddingId: string): Promise<AsyncTaskData> {
  const embedding = await requireEmbedding(context, dataset, embeddingId);
  const jobId = await enqueue(context.db, { type: "ANALYSIS", userId: user.id, datasetId: dataset.row.id, payload: { datasetId: dataset.row.id, embeddingId: embedding.id }, dedupeKey: `analysis ${embedding.id}` });
  return { jobId };
}

/** @throws DomainError BAD_REQUEST for a dataset without samples */
export async function triggerEmbedding(context: Context, user: User, { row }: DatasetAccess): Promise<AsyncTaskData> {
  if (row.n_samples === 0) throw new DomainError("BAD_REQUEST", "The dataset has no samples yet.");
  return { jobId: await enqueue(context.db, { type: "EMBEDDING", userId: user.id, datasetId: row.id, payload: { datasetId: row.id }, dedupeKey: `embedding ${row.id}` }) };
}
