import { selectSamples } from "@winnow/curation";
import { findDataset } from "../datasets/store.ts";
import { JobEndedError } from "../jobs/queue.ts";
import type { Workbench } from "../threads/workbench.ts";
import { shortage, storeOutcome } from "./outcome.ts";
import { loadMasks, loadScores, usesScores, wantedCount, type SelectionPlan } from "./plan.ts";
import { loadPoints } from "./points.ts";
import { selectByShards } from "./shards.ts";
import { computeStrategySelection } from "./strategy-computation.ts";
import type { StrategyPlan } from "./strategy-plan.ts";

/** Selects by a method or by strategies, and makes the tag of the preselected and the picks. */
export async function computeSelection(bench: Workbench, jobId: string, plan: SelectionPlan | StrategyPlan): Promise<void> {
  return "selection" in plan ? computeStrategySelection(bench, jobId, plan) : computeByMethod(bench, jobId, plan);
}

async function computeByMethod(bench: Workbench, jobId: string, plan: SelectionPlan): Promise<void> {
  if (plan.shards !== undefined) return selectByShards(bench, jobId, plan);
  const { db, signal, onProgress } = bench;
  const dataset = await findDataset(db, plan.datasetId);
  if (!dataset) throw new JobEndedError("the dataset was deleted");
  const { query, preselected } = await loadMasks(db, plan);
  const size = dataset.n_samples;
  const scores = usesScores(plan.method) ? await loadScores(db, { ...plan, scoreType: plan.scoreType! }, size) : undefined;
  // What has no score can't be chosen by score.
  const candidates = scores ? query.ordinals().filter((ordinal) => !Number.isNaN(scores[ordinal]!)) : query.ordinals();
  const chosen = preselected.ordinals();
  const all = query.union(preselected).count;
  const nSamples = wantedCount(plan.nSamples, all);
  const last = Math.max(candidates.at(-1) ?? 0, chosen.at(-1) ?? 0);
  const points = plan.method === "RANDOM" && plan.minDistance === undefined ? undefined : await loadPoints(bench, plan.datasetId, plan.embeddingId, size, last);
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
  await storeOutcome(db, jobId, {
    ...plan,
    creator: `SAMPLER_${plan.method}`,
    size,
    preselected,
    ordinals: selection.ordinals,
    ...(points && { distances: selection.distances, radii: selection.radii }),
    ...(scores && { scores: selection.scores }),
    message: shortage(nSamples, all),
    facts: {
      method: plan.method,
      nSamples,
      minDistance: plan.minDistance,
      scoreType: plan.scoreType,
      metric: selection.configuration.metric,
      seed: plan.seed,
      preselectedTagId: plan.preselectedTagId,
      queryTagId: plan.queryTagId,
      stopped: selection.stopped,
      preselected: chosen.length,
      inputHash: selection.inputHash,
    },
  });
}
