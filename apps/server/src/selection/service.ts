import type { AsyncTaskData, SelectionReport } from "@winnow/contract";
import type { User } from "../accounts/user.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { requireEmbedding } from "../embeddings/service.ts";
import { enqueue } from "../jobs/queue.ts";
import { readSamplesByOrdinal } from "../samples/store.ts";
import { requireTag } from "../tags/service.ts";
import type { SelectionFacts } from "./computation.ts";
import { loadMasks, planSelection, type SelectionWanted } from "./plan.ts";
import { findSelection } from "./store.ts";

/** Puts a selection into the queue. What can't work is refused here, not by the job. */
export async function triggerSelection(context: Context, user: User, dataset: DatasetAccess, embeddingId: string, request: SelectionWanted): Promise<AsyncTaskData> {
  const embedding = await requireEmbedding(context, dataset, embeddingId);
  const plan = await planSelection(context.db, dataset.row, embedding, request);
  if (plan.method !== "RANDOM" || plan.minDistance !== undefined) {
    const { query, preselected } = await loadMasks(context.db, plan);
    const all = query.union(preselected);
    const last = all.count === 0 ? -1 : all.ordinals().at(-1)!;
    if (last >= embedding.rows) {
      throw new DomainError("EMBEDDING_ROW_COUNT_INVALID", `The embedding "${embedding.name}" has vectors for the first ${embedding.rows} samples only. Upload embeddings for all ${dataset.row.n_samples} samples, or choose a query tag that it covers.`);
    }
  }
  return { jobId: await enqueue(context.db, { type: "SAMPLING", userId: user.id, datasetId: dataset.row.id, payload: plan }) };
}

/** @throws DomainError NOT_FOUND when the tag was not made by a selection */
export async function selectionReport({ db }: Context, { row }: DatasetAccess, tagId: string): Promise<SelectionReport> {
  const tag = await requireTag(db, row, tagId);
  const found = await findSelection(db, tagId);
  if (!found) throw new DomainError("NOT_FOUND", `The tag "${tag.name}" was not made by a selection, so there is nothing to explain.`);
  const ordinals = new Uint32Array(found.ordinals.slice().buffer);
  const columns = {
    distance: found.distances && new Float64Array(found.distances.slice().buffer),
    score: found.scores && new Float64Array(found.scores.slice().buffer),
    radius: found.radii && new Float64Array(found.radii.slice().buffer),
  };
  const samples = new Map<number, { id: string; file_name: string }>();
  for await (const page of readSamplesByOrdinal(db, row.id, ["id", "file_name", "ordinal"], ordinals.toSorted())) for (const sample of page) samples.set(sample.ordinal, sample);
  const facts = JSON.parse(found.config) as SelectionFacts;
  return {
    ...facts,
    method: facts.method as SelectionReport["method"],
    tagId,
    embeddingId: found.embedding_id,
    picks: [...ordinals].map((ordinal, i) => ({
      sampleId: samples.get(ordinal)!.id,
      fileName: samples.get(ordinal)!.file_name,
      ordinal,
      ...finite("distance", columns.distance?.[i]),
      ...finite("score", columns.score?.[i]),
      ...finite("radius", columns.radius?.[i]),
    })),
  };
}

function finite<Name extends string>(name: Name, value: number | undefined): { [N in Name]?: number } {
  return value !== undefined && Number.isFinite(value) ? ({ [name]: value } as { [N in Name]?: number }) : {};
}
