import type { DimensionalityReductionMethod, Embedding2dCreateRequest, Embedding2dData } from "@winnow/contract";
import type { User } from "../accounts/user.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { requireStorable } from "../app/storable.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { updateDataset } from "../datasets/store.ts";
import { isId } from "../db/ids.ts";
import type { ProjectionTable } from "../db/schema.ts";
import { inDataset } from "../db/turns.ts";
import { requireEmbedding } from "../embeddings/service.ts";
import { enqueue } from "../jobs/queue.ts";
import * as store from "./store.ts";

function data(row: Omit<ProjectionTable, "coordinates">): Embedding2dData {
  return {
    id: row.id,
    datasetId: row.dataset_id,
    embeddingId: row.embedding_id,
    name: row.name,
    createdAt: Number(row.created_at),
    dimensionalityReductionMethod: row.method as DimensionalityReductionMethod,
  };
}

export async function triggerProjection(context: Context, user: User, dataset: DatasetAccess, embeddingId: string, method: DimensionalityReductionMethod): Promise<void> {
  const embedding = await requireEmbedding(context, dataset, embeddingId);
  await enqueue(context.db, {
    type: "EMBEDDINGS2D",
    userId: user.id,
    datasetId: dataset.row.id,
    payload: { datasetId: dataset.row.id, embeddingId: embedding.id, method },
    dedupeKey: `${embedding.id} ${method}`,
  });
}

/** Stores coordinates made elsewhere. @throws DomainError EMBEDDING_ROW_COUNT_INVALID when they aren't one per row */
export async function createProjection(context: Context, dataset: DatasetAccess, embeddingId: string, request: Embedding2dCreateRequest): Promise<{ id: string }> {
  const embedding = await requireEmbedding(context, dataset, embeddingId);
  requireStorable("name", request.name);
  const { coordinatesDimension1: x, coordinatesDimension2: y } = request;
  for (const [name, axis] of [["coordinatesDimension1", x], ["coordinatesDimension2", y]] as const) {
    if (axis.length !== embedding.rows) throw new DomainError("EMBEDDING_ROW_COUNT_INVALID", `"${name}" must have one number for each of the ${embedding.rows} rows of the embedding, got ${axis.length}.`);
  }
  const coordinates = new Float64Array(2 * x.length);
  for (let i = 0; i < x.length; i++) {
    coordinates[2 * i] = x[i]!;
    coordinates[2 * i + 1] = y[i]!;
  }
  const id = await inDataset(context.db, dataset.row.id, async (transaction) => {
    await updateDataset(transaction, dataset.row.id);
    return store.insertProjection(transaction, {
      dataset_id: dataset.row.id,
      embedding_id: embedding.id,
      name: request.name,
      method: request.dimensionalityReductionMethod,
      coordinates: new Uint8Array(coordinates.buffer),
    });
  });
  return { id };
}

export async function listProjections(context: Context, dataset: DatasetAccess, embeddingId: string): Promise<Embedding2dData[]> {
  const embedding = await requireEmbedding(context, dataset, embeddingId);
  return (await store.listProjections(context.db, embedding.id)).map(data);
}

export async function getProjection(context: Context, dataset: DatasetAccess, embeddingId: string, id: string): Promise<Embedding2dData> {
  const embedding = await requireEmbedding(context, dataset, embeddingId);
  const row = isId(id) ? await store.findProjection(context.db, embedding.id, id) : undefined;
  if (!row) throw new DomainError("EMBEDDING_2D_UNKNOWN", `There is no 2D embedding ${id.slice(0, 64)} of "${embedding.name}".`);
  const interleaved = new Float64Array(row.coordinates.slice().buffer);
  const axis = (offset: number) => Array.from({ length: interleaved.length / 2 }, (_, i) => interleaved[2 * i + offset]!);
  return { ...data(row), coordinatesDimension1: axis(0), coordinatesDimension2: axis(1) };
}
