import { project, type ProjectionMethod } from "@winnow/curation";
import { updateDataset } from "../datasets/store.ts";
import { inDataset } from "../db/turns.ts";
import { findEmbedding } from "../embeddings/store.ts";
import { loadMatrix } from "../embeddings/matrix.ts";
import { JobEndedError, finish } from "../jobs/queue.ts";
import type { Workbench } from "../threads/workbench.ts";
import { deleteProjectionsNamed, insertProjection } from "./store.ts";

interface Payload {
  readonly datasetId: string;
  readonly embeddingId: string;
  readonly method: ProjectionMethod;
}

/** Computes a projection and stores it in place of an earlier one of that method. */
export async function computeProjection({ db, blobs, signal, onProgress }: Workbench, jobId: string, { datasetId, embeddingId, method }: Payload): Promise<void> {
  const embedding = await findEmbedding(db, datasetId, embeddingId);
  if (!embedding || embedding.state !== "ready") throw new JobEndedError("the embedding was deleted");
  const points = await loadMatrix(blobs, embedding);
  const flat = await project(points, method, { seed: 0, signal, onProgress });
  const coordinates = Float64Array.from(flat.data);
  const name = `${embedding.name}__2d`;
  await inDataset(db, datasetId, async (transaction) => {
    await deleteProjectionsNamed(transaction, embeddingId, method, name);
    const id = await insertProjection(transaction, { dataset_id: datasetId, embedding_id: embeddingId, name, method, coordinates: new Uint8Array(coordinates.buffer) });
    await updateDataset(transaction, datasetId);
    await finish(transaction, jobId, { result: id });
  });
}
