import { BitMask, selectSamples, type Matrix } from "@winnow/curation";
import { DomainError } from "../app/errors.ts";
import { findDataset, updateDataset } from "../datasets/store.ts";
import { inDataset } from "../db/turns.ts";
import { findEmbedding } from "../embeddings/store.ts";
import { loadMatrix } from "../embeddings/matrix.ts";
import { JobEndedError, finish } from "../jobs/queue.ts";
import { newTag, requireFreeName } from "../tags/service.ts";
import { findInitialTag, insertTag, maskBytes } from "../tags/store.ts";
import type { Workbench } from "../threads/workbench.ts";
import { loadMasks, loadScores, usesScores, wantedCount, type SelectionPlan } from "./plan.ts";
import { insertSelection, numberBytes } from "./store.ts";

/** What is kept of a selection beside its picks. */
export interface SelectionFacts {
  readonly method: string;
  readonly nSamples?: number;
  readonly minDistance?: number;
  readonly scoreType?: string;
  readonly seed: number;
  readonly preselectedTagId?: string;
  readonly queryTagId?: string;
  readonly stopped: "count" | "distance" | "exhausted";
  readonly preselected: number;
  readonly inputHash: string;
}

/** Selects, and makes the tag of the preselected and the picks. */
export async function computeSelection({ db, blobs, signal, onProgress }: Workbench, jobId: string, plan: SelectionPlan): Promise<void> {
  const dataset = await findDataset(db, plan.datasetId);
  if (!dataset) throw new JobEndedError("the dataset was deleted");
  const { query, preselected } = await loadMasks(db, plan);
  const size = dataset.n_samples;
  const scores = usesScores(plan.method) ? await loadScores(db, plan, size) : undefined;
  // What has no score can't be chosen by score.
  const candidates = scores ? query.ordinals().filter((ordinal) => !Number.isNaN(scores[ordinal]!)) : query.ordinals();
  const chosen = preselected.ordinals();
  const all = query.union(preselected).count;
  const nSamples = wantedCount(plan.nSamples, all);
  const points = plan.method === "RANDOM" && plan.minDistance === undefined ? undefined : await loadPoints(plan, candidates, chosen, size, { db, blobs });
  const selection = await selectSamples({
    method: plan.method,
    size,
    points,
    scores,
    query: candidates,
    preselected: chosen,
    nSamples,
    minDistance: plan.minDistance,
    seed: plan.seed,
    signal,
    onProgress,
  });
  const mask = BitMask.fromOrdinals(selection.ordinals, size).union(preselected);
  const message = nSamples !== undefined && nSamples > all ? `${nSamples} samples were wanted, but there are only ${all}: all of them were taken.` : undefined;
  const facts: SelectionFacts = {
    method: plan.method,
    nSamples,
    minDistance: plan.minDistance,
    scoreType: plan.scoreType,
    seed: plan.seed,
    preselectedTagId: plan.preselectedTagId,
    queryTagId: plan.queryTagId,
    stopped: selection.stopped,
    preselected: chosen.length,
    inputHash: selection.inputHash,
  };
  await inDataset(db, plan.datasetId, async (transaction) => {
    await requireFreeName(transaction, plan.datasetId, plan.newTagName);
    const initial = await findInitialTag(transaction, plan.datasetId);
    const tag = newTag({
      dataset_id: plan.datasetId,
      name: plan.newTagName,
      mask: maskBytes(mask),
      prev_tag_id: plan.preselectedTagId ?? initial?.id ?? null,
      query_tag_id: plan.queryTagId ?? null,
      preselected_tag_id: plan.preselectedTagId ?? null,
      creator: `SAMPLER_${plan.method}`,
    });
    await insertTag(transaction, tag);
    await insertSelection(transaction, {
      tag_id: tag.id,
      dataset_id: plan.datasetId,
      embedding_id: plan.embeddingId,
      config: JSON.stringify(facts),
      ordinals: numberBytes(selection.ordinals),
      distances: points ? numberBytes(selection.distances) : null,
      scores: scores ? numberBytes(selection.scores) : null,
      radii: points ? numberBytes(selection.radii) : null,
      created_at: tag.created_at,
    });
    await updateDataset(transaction, plan.datasetId);
    await finish(transaction, jobId, { result: tag.id, message });
  });
}

/** The vectors, with a row for every sample of the dataset; those that the embedding doesn't cover may not take part. */
async function loadPoints(
  plan: SelectionPlan,
  candidates: Uint32Array,
  chosen: Uint32Array,
  size: number,
  { db, blobs }: Pick<Workbench, "db" | "blobs">,
): Promise<Matrix> {
  const embedding = await findEmbedding(db, plan.datasetId, plan.embeddingId);
  if (!embedding || embedding.state !== "ready") throw new JobEndedError("the embedding was deleted");
  const last = Math.max(candidates.at(-1) ?? 0, chosen.at(-1) ?? 0);
  if (last >= embedding.rows) {
    throw new DomainError("EMBEDDING_ROW_COUNT_INVALID", `The embedding "${embedding.name}" has vectors for the first ${embedding.rows} samples only. Upload embeddings for all ${size} samples, or choose a query tag that it covers.`);
  }
  const points = await loadMatrix(blobs, embedding);
  if (embedding.rows === size) return points;
  const data = new Float32Array(new SharedArrayBuffer(size * embedding.columns * 4));
  data.set(points.data);
  return { data, rows: size, columns: embedding.columns };
}
