import type { AsyncTaskData, SamplingCreateRequest, SelectionReport, StrategySelectionCreateRequest } from "@winnow/contract";
import type { User } from "../accounts/user.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { requireEmbedding } from "../embeddings/service.ts";
import { enqueue } from "../jobs/queue.ts";
import { readSamplesByOrdinal } from "../samples/store.ts";
import { requireTag } from "../tags/service.ts";
import type { SelectionFacts } from "./outcome.ts";
import { loadMasks, planSelection, type SelectionPlan, type WithOrWithoutName } from "./plan.ts";
import { requireCovered } from "./points.ts";
import { shardCount } from "./shards.ts";
import { findSelection } from "./store.ts";
import { planStrategySelection } from "./strategy-plan.ts";

/** Puts a selection into the queue. What can't work is refused here, not by the job. */
export async function triggerSelection(context: Context, user: User, dataset: DatasetAccess, embeddingId: string, request: WithOrWithoutName<SamplingCreateRequest>): Promise<AsyncTaskData> {
  const embedding = await requireEmbedding(context, dataset, embeddingId);
  const plan = await planSelection(context.db, dataset.row, embedding, request);
  if (plan.method !== "RANDOM" || plan.minDistance !== undefined) requireCovered(embedding, await lastOrdinal(context, plan), dataset.row.n_samples);
  const shards = plan.method === "CORESET" ? shardCount(embedding, context.configuration.shardSizeMax) : 1;
  const payload: SelectionPlan = shards > 1 ? { ...plan, shards } : plan;
  return { jobId: await enqueue(context.db, { type: "SAMPLING", userId: user.id, datasetId: dataset.row.id, payload }) };
}

/** The same by strategies. */
export async function triggerStrategySelection(context: Context, user: User, dataset: DatasetAccess, embeddingId: string, request: WithOrWithoutName<StrategySelectionCreateRequest>): Promise<AsyncTaskData> {
  const embedding = await requireEmbedding(context, dataset, embeddingId);
  const plan = await planStrategySelection(context.db, user, dataset.row, embedding, request);
  if (plan.inputs.some(({ kind }) => kind === "embeddings")) requireCovered(embedding, await lastOrdinal(context, plan), dataset.row.n_samples);
  return { jobId: await enqueue(context.db, { type: "SAMPLING", userId: user.id, datasetId: dataset.row.id, payload: plan }) };
}

/** The largest ordinal that takes part; −1 when none does. */
async function lastOrdinal({ db }: Context, plan: Pick<SelectionPlan, "datasetId" | "queryTagId" | "preselectedTagId">): Promise<number> {
  const { query, preselected } = await loadMasks(db, plan);
  return query.union(preselected).ordinals().at(-1) ?? -1;
}

/** @throws DomainError NOT_FOUND when the tag was not made by a selection */
export async function selectionReport({ db }: Context, { row }: DatasetAccess, tagId: string): Promise<SelectionReport> {
  const tag = await requireTag(db, row, tagId);
  const found = await findSelection(db, tagId);
  if (!found) throw new DomainError("NOT_FOUND", `The tag "${tag.name}" was not made by a selection, so there is nothing to explain.`);
  const ordinals = new Uint32Array(found.ordinals.slice().buffer);
  const numbers = (bytes: Uint8Array | null) => bytes && new Float64Array(bytes.slice().buffer);
  const columns = { distance: numbers(found.distances), score: numbers(found.scores), radius: numbers(found.radii) };
  const shares = numbers(found.shares);
  const samples = new Map<number, { id: string; file_name: string }>();
  for await (const page of readSamplesByOrdinal(db, row.id, ["id", "file_name", "ordinal"], ordinals.toSorted())) for (const sample of page) samples.set(sample.ordinal, sample);
  const { selection, sources, ...facts } = JSON.parse(found.config) as SelectionFacts;
  const width = sources?.length ?? 0;
  return {
    ...facts,
    ...(selection && { selection: selection as Record<string, unknown> }),
    ...(sources && { sources: [...sources] }),
    method: facts.method as SelectionReport["method"],
    metric: facts.metric as SelectionReport["metric"],
    tagId,
    embeddingId: found.embedding_id,
    picks: [...ordinals].map((ordinal, i) => ({
      sampleId: samples.get(ordinal)!.id,
      fileName: samples.get(ordinal)!.file_name,
      ordinal,
      ...finite("distance", columns.distance?.[i]),
      ...finite("score", columns.score?.[i]),
      ...finite("radius", columns.radius?.[i]),
      ...(shares && reasons(shares.subarray(i * width, (i + 1) * width))),
    })),
  };
}

function reasons(shares: Float64Array): { shares: number[]; gain: number } {
  return { shares: [...shares], gain: shares.reduce((sum, share) => sum + share, 0) };
}

function finite<Name extends string>(name: Name, value: number | undefined): { [N in Name]?: number } {
  return value !== undefined && Number.isFinite(value) ? ({ [name]: value } as { [N in Name]?: number }) : {};
}
