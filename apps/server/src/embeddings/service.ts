import type { DatasetEmbeddingData, EmbeddingData, EmbeddingIdIsProcessedBody, WriteCSVUrlData } from "@winnow/contract";
import { analysisPrefix } from "../analysis/files.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { embeddingCsvKey, embeddingMatrixKey, incomingKey, signedReadUrl, signedWriteUrl } from "../blobs/addresses.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { updateDataset } from "../datasets/store.ts";
import { isId, newId } from "../db/ids.ts";
import type { EmbeddingTable } from "../db/schema.ts";
import { inDataset } from "../db/turns.ts";
import { requireSample } from "../samples/service.ts";
import * as store from "./store.ts";

/** A complete embedding. @throws DomainError EMBEDDING_UNKNOWN; EMBEDDING_NOT_READY when its file hasn't come yet */
export async function requireEmbedding({ db }: Pick<Context, "db">, { row }: DatasetAccess, embeddingId: string): Promise<EmbeddingTable> {
  const embedding = isId(embeddingId) ? await store.findEmbedding(db, row.id, embeddingId) : undefined;
  if (!embedding) throw new DomainError("EMBEDDING_UNKNOWN", `There is no embedding ${embeddingId.slice(0, 64)} in the dataset "${row.name}".`);
  if (embedding.state !== "ready") throw new DomainError("EMBEDDING_NOT_READY", `The file of the embedding "${embedding.name}" has not been uploaded yet.`);
  return embedding;
}

const generatedClient = /^Swagger-Codegen\//;

/**
 * Complete embeddings, newest first. Clients of the first generation take the last entry for the latest:
 * they get the newest once more at the end.
 */
export async function listEmbeddings({ db }: Context, { row }: DatasetAccess, userAgent: string): Promise<DatasetEmbeddingData[]> {
  const rows = await store.listEmbeddings(db, row.id);
  const projected = await store.withProjection(db, row.id);
  const data = rows.map((embedding) => ({
    id: embedding.id,
    name: embedding.name,
    isProcessed: true,
    createdAt: Number(embedding.created_at),
    is2d: projected.has(embedding.id),
  }));
  if (generatedClient.test(userAgent) && data.length > 1) data.push(data[0]!);
  return data;
}

export async function embeddingsOfSample(context: Context, dataset: DatasetAccess, sampleId: string): Promise<EmbeddingData[]> {
  const sample = await requireSample(context, dataset, sampleId);
  const rows = await store.listEmbeddings(context.db, dataset.row.id);
  return rows.filter((row) => sample.ordinal < row.rows).map((row) => ({ id: row.id, dataset: row.dataset_id, name: row.name }));
}

export async function csvReadUrl(context: Context, dataset: DatasetAccess, embeddingId: string, baseUrl: string): Promise<string> {
  const embedding = await requireEmbedding(context, dataset, embeddingId);
  return signedReadUrl(context, baseUrl, embeddingCsvKey(dataset.row.id, embedding.id));
}

/** Announces an embedding. It is listed once its file has come and is readable; if none comes it is forgotten. */
export async function csvWriteUrl(context: Context, { row }: DatasetAccess, name: string | undefined, baseUrl: string): Promise<WriteCSVUrlData> {
  if (row.n_samples === 0) throw new DomainError("EMBEDDING_INVALID", "The dataset has no samples yet. Upload them first: an embedding has one row for each.");
  const now = Date.now();
  // A killed server may have had the file, but not read it to its end.
  for (const expired of await store.forgetExpired(context.db, row.id, now)) {
    for (const key of [incomingKey(row.id, expired), embeddingMatrixKey(row.id, expired)]) await context.blobs.remove(key);
  }
  const id = newId(now);
  await store.insertEmbedding(context.db, {
    id,
    dataset_id: row.id,
    name: name ?? "default",
    state: "announced",
    rows: row.n_samples,
    columns: 0,
    expires_at: now + context.configuration.signedUrlSeconds * 1000,
    created_at: now,
  });
  return { signedWriteUrl: signedWriteUrl(context, baseUrl, embeddingCsvKey(row.id, id)), embeddingId: id };
}

/** @throws DomainError EMBEDDING_ROW_COUNT_INVALID when the file has another number of rows */
export async function confirmProcessed(context: Context, dataset: DatasetAccess, embeddingId: string, { rowCount }: EmbeddingIdIsProcessedBody): Promise<void> {
  const embedding = await requireEmbedding(context, dataset, embeddingId);
  if (rowCount !== embedding.rows) throw new DomainError("EMBEDDING_ROW_COUNT_INVALID", `"rowCount" is ${rowCount}, but the file of "${embedding.name}" has ${embedding.rows} rows.`);
}

export async function deleteEmbedding(context: Context, dataset: DatasetAccess, embeddingId: string): Promise<void> {
  const embedding = await requireEmbedding(context, dataset, embeddingId);
  await inDataset(context.db, dataset.row.id, async (transaction) => {
    await store.deleteEmbedding(transaction, embedding.id);
    await updateDataset(transaction, dataset.row.id);
  });
  await context.blobs.remove(embeddingCsvKey(dataset.row.id, embedding.id));
  await context.blobs.remove(embeddingMatrixKey(dataset.row.id, embedding.id));
  await context.blobs.removeAll(analysisPrefix(dataset.row.id, embedding.id));
}
