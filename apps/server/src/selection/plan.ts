/** What a selection is to do, worked out and checked when it is asked for, and done by a job later. */
import type { SamplingCreateRequest, SamplingMethod } from "@winnow/contract";
import { BitMask } from "@winnow/curation";
import { DomainError } from "../app/errors.ts";
import type { Database } from "../db/database.ts";
import type { DatasetTable, EmbeddingTable } from "../db/schema.ts";
import { findScoreOfType, listScores } from "../scores/store.ts";
import { requireFreeName } from "../tags/service.ts";
import { findInitialTag, findTag, listParentlessTags, maskOf } from "../tags/store.ts";

export interface SelectionPlan {
  readonly datasetId: string;
  readonly embeddingId: string;
  /** Absent: the picks become a draft. */
  readonly newTagName?: string;
  readonly method: SamplingMethod;
  /** As it was sent: below 1 a share, else a count; absent when not set. */
  readonly nSamples?: number;
  readonly minDistance?: number;
  readonly preselectedTagId?: string;
  readonly queryTagId?: string;
  readonly scoreType?: string;
  readonly seed: number;
  /** Set where the vectors are too many for one machine: in how many shards they are selected from. */
  readonly shards?: number;
}

const defaultScoreType = "uncertainty_margin";

export function usesScores(method: SamplingMethod): boolean {
  return method === "ACTIVE_LEARNING" || method === "CORAL";
}

/** What is asked for: a new tag, or without its name a draft. */
export type WithOrWithoutName<Request extends { readonly newTagName: string }> = Omit<Request, "newTagName" | "rowCount"> & Partial<Pick<Request, "newTagName">>;

/** @throws DomainError naming what can't be done */
export async function planSelection(db: Database, dataset: DatasetTable, embedding: EmbeddingTable, request: WithOrWithoutName<SamplingCreateRequest>): Promise<SelectionPlan> {
  const { nSamples, minDistance } = request.config.stoppingCondition ?? {};
  const wanted = stoppingValue(nSamples);
  const distance = stoppingValue(minDistance);
  if (wanted === undefined && distance === undefined) {
    throw new DomainError("BAD_REQUEST", `The selection needs to know when to stop: set "config.stoppingCondition.nSamples" (a count, or a share below 1) or "minDistance", or both.`);
  }
  if (wanted === 0) throw new DomainError("BAD_REQUEST", `"config.stoppingCondition.nSamples" must be above 0, or -1 for not set, got 0.`);
  if (wanted !== undefined && wanted >= 1 && !Number.isInteger(wanted)) {
    throw new DomainError("BAD_REQUEST", `"config.stoppingCondition.nSamples" must be a whole number from 1 on, or a share below 1, got ${wanted}.`);
  }
  await requireTags(db, dataset, request);
  const plan = {
    datasetId: dataset.id,
    embeddingId: embedding.id,
    newTagName: request.newTagName,
    method: request.method,
    nSamples: wanted,
    minDistance: distance,
    preselectedTagId: request.preselectedTagId ?? undefined,
    queryTagId: request.queryTagId ?? undefined,
    seed: request.seed ?? 0,
  };
  const scoreType = usesScores(request.method) ? await chooseScoreType(db, plan, request.scoreType ?? undefined) : undefined;
  return { ...plan, scoreType };
}

/** @throws DomainError when the name of the new tag is taken, the dataset has no tag yet, or one that is named isn't its own */
export async function requireTags(db: Database, dataset: DatasetTable, request: Partial<Pick<SamplingCreateRequest, "newTagName" | "preselectedTagId" | "queryTagId">>): Promise<void> {
  if (request.newTagName !== undefined) await requireFreeName(db, dataset.id, request.newTagName);
  if (!(await findInitialTag(db, dataset.id))) throw new DomainError("TAG_NO_TAG_IN_DATASET", "The dataset has no tag yet. Finish the upload, or create the initial tag (`tags/initial`).");
  if (request.preselectedTagId && !(await findTag(db, dataset.id, request.preselectedTagId))) {
    throw new DomainError("TAG_PRESELECTEDTAG_NOT_IN_DATASET", `"preselectedTagId": there is no tag ${request.preselectedTagId} in the dataset.`);
  }
  if (request.queryTagId && !(await findTag(db, dataset.id, request.queryTagId))) {
    throw new DomainError("TAG_QUERYTAG_NOT_IN_DATASET", `"queryTagId": there is no tag ${request.queryTagId} in the dataset.`);
  }
}

/** Numbers below 0 stand for "not set", as clients write it. */
function stoppingValue(value: number | null | undefined): number | undefined {
  return value === null || value === undefined || value < 0 ? undefined : value;
}

/** Tags whose scores count: the query tag and, behind it, those without parent. */
export async function scoredTags(db: Database, plan: Pick<SelectionPlan, "datasetId" | "queryTagId">): Promise<{ id: string; name: string; mask: Uint8Array }[]> {
  const parentless = await listParentlessTags(db, plan.datasetId);
  const query = plan.queryTagId ? await findTag(db, plan.datasetId, plan.queryTagId) : undefined;
  return query ? [query, ...parentless.filter((tag) => tag.id !== query.id)] : parentless;
}

async function chooseScoreType(db: Database, plan: Pick<SelectionPlan, "datasetId" | "queryTagId">, wanted: string | undefined): Promise<string> {
  const tags = await scoredTags(db, plan);
  for (const tag of tags) {
    const types = (await listScores(db, tag.id)).map((score) => score.score_type);
    if (wanted !== undefined ? types.includes(wanted) : types.length > 0) return wanted ?? (types.includes(defaultScoreType) ? defaultScoreType : types[0]!);
  }
  const what = wanted === undefined ? "no scores" : `no scores of type "${wanted}"`;
  throw new DomainError("TAG_NO_SCORES_AVAILABLE", `There are ${what} for the tag "${tags[0]?.name ?? "initial-tag"}". Upload scores before selecting by them.`);
}

/** Scores by ordinal, NaN where there is none. Where several tags score a sample, the query tag's score counts. */
export async function loadScores(db: Database, plan: Pick<SelectionPlan, "datasetId" | "queryTagId"> & { readonly scoreType: string }, size: number): Promise<Float64Array> {
  const scores = new Float64Array(size).fill(Number.NaN);
  for (const tag of (await scoredTags(db, plan)).toReversed()) {
    const stored = await findScoreOfType(db, tag.id, plan.scoreType);
    if (!stored) continue;
    const numbers = new Float64Array(stored.scores.slice().buffer);
    maskOf(tag).ordinals().forEach((ordinal, i) => {
      if (ordinal < size && i < numbers.length) scores[ordinal] = numbers[i]!;
    });
  }
  return scores;
}

/**
 * Samples to choose from, and those chosen already. Without query tag: all parentless tags together.
 * @throws DomainError when a tag was deleted since the selection was asked for
 */
export async function loadMasks(db: Database, plan: Pick<SelectionPlan, "datasetId" | "queryTagId" | "preselectedTagId">): Promise<{ query: BitMask; preselected: BitMask }> {
  let query = BitMask.empty(0);
  if (plan.queryTagId) query = await loadMask(db, plan.datasetId, plan.queryTagId, "query");
  else for (const tag of await listParentlessTags(db, plan.datasetId)) query = query.union(maskOf(tag));
  return { query, preselected: plan.preselectedTagId ? await loadMask(db, plan.datasetId, plan.preselectedTagId, "preselected") : BitMask.empty(0) };
}

async function loadMask(db: Database, datasetId: string, tagId: string, role: "query" | "preselected"): Promise<BitMask> {
  const tag = await findTag(db, datasetId, tagId);
  if (!tag) throw new DomainError("TAG_UNKNOWN", `The ${role} tag ${tagId} was deleted before the selection ran. Select again from another tag.`);
  return maskOf(tag);
}

/** The number of samples wanted in total: a share counts of the query set joined with the preselected. */
export function wantedCount(nSamples: number | undefined, all: number): number | undefined {
  if (nSamples === undefined) return undefined;
  return nSamples < 1 ? Math.max(1, Math.round(nSamples * all)) : Math.min(nSamples, Number.MAX_SAFE_INTEGER);
}
