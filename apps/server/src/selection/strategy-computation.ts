import { selectByStrategies, type StrategySelection } from "@winnow/curation";
import { findDataset } from "../datasets/store.ts";
import { JobEndedError } from "../jobs/queue.ts";
import type { Workbench } from "../threads/workbench.ts";
import { shortage, storeOutcome } from "./outcome.ts";
import { loadMasks } from "./plan.ts";
import { loadPoints } from "./points.ts";
import type { StrategyPlan } from "./strategy-plan.ts";
import { loadStrategyValues } from "./strategy-values.ts";

/** Selects by strategies, and makes the tag of the preselected and the picks. */
export async function computeStrategySelection(bench: Workbench, jobId: string, plan: StrategyPlan): Promise<void> {
  const { db, signal, onProgress } = bench;
  const dataset = await findDataset(db, plan.datasetId);
  if (!dataset) throw new JobEndedError("the dataset was deleted");
  const { query, preselected } = await loadMasks(db, plan);
  const size = dataset.n_samples;
  const chosen = preselected.ordinals();
  const all = query.union(preselected);
  const points = plan.inputs.some(({ kind }) => kind === "embeddings") ? await loadPoints(bench, plan.datasetId, plan.embeddingId, size, all.ordinals().at(-1) ?? 0) : undefined;
  const values = await loadStrategyValues(bench, plan, size, points);
  const { selection, seed, metric } = plan;
  const result = await selectByStrategies({ size, selection, values, query: query.ordinals(), preselected: chosen, metric, seed, signal, onProgress });
  const { configuration } = result;
  await storeOutcome(db, jobId, {
    ...plan,
    // The protocol has no name for it.
    creator: "UNKNOWN",
    size,
    preselected,
    ordinals: result.ordinals,
    shares: result.shares,
    ...(points && { distances: result.distances, radii: result.radii }),
    message: result.filtered === 0 ? shortage(configuration.nSamples, all.count) : filteredShortage(result),
    facts: {
      method: "STRATEGIES",
      nSamples: configuration.nSamples ?? undefined,
      selection: configuration.selection,
      sources: plan.inputs.map(({ source }) => source),
      metric,
      seed,
      preselectedTagId: plan.preselectedTagId,
      queryTagId: plan.queryTagId,
      filtered: result.filtered,
      stopped: result.stopped,
      preselected: chosen.length,
      inputHash: result.inputHash,
    },
  });
}

/** A threshold may leave fewer than are wanted. */
function filteredShortage({ configuration: { nSamples }, stopped, filtered }: StrategySelection): string | undefined {
  return nSamples === null || stopped !== "exhausted" ? undefined : `${nSamples} samples were wanted, but a THRESHOLD left out ${filtered}: all others were taken.`;
}
