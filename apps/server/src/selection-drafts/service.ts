import type { SelectionDraft, SelectionDraftTagRequest } from "@winnow/contract";
import { BitMask } from "@winnow/curation";
import type { User } from "../accounts/user.ts";
import { Binary } from "../app/answers.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { updateDataset } from "../datasets/store.ts";
import type { Database } from "../db/database.ts";
import { isId } from "../db/ids.ts";
import type { SelectionDraftTable } from "../db/schema.ts";
import { inDataset } from "../db/turns.ts";
import type { SelectionFacts } from "../selection/outcome.ts";
import { insertSelection, numberBytes } from "../selection/store.ts";
import { datasetNow, newTag, requireFreeName } from "../tags/service.ts";
import { findInitialTag, findTag, insertTag, maskBytes } from "../tags/store.ts";
import { deleteDraft, findDraft } from "./store.ts";

const columns = [
  ["distance", "distances"],
  ["score", "scores"],
  ["radius", "radii"],
] as const;

async function requireDraft(db: Database, user: User, { row }: DatasetAccess, id: string): Promise<SelectionDraftTable> {
  const draft = isId(id) ? await findDraft(db, row.id, user.id, id) : undefined;
  if (!draft) throw new DomainError("NOT_FOUND", "There is no such draft of yours. A user's ten latest drafts of a dataset are kept: select again.");
  return draft;
}

export async function draftOf({ db }: Context, user: User, dataset: DatasetAccess, id: string): Promise<SelectionDraft> {
  const draft = await requireDraft(db, user, dataset, id);
  const { inputHash: _, metric, selection, sources, ...facts } = JSON.parse(draft.config) as SelectionFacts;
  return {
    ...facts,
    method: facts.method as SelectionDraft["method"],
    ...(metric === undefined ? {} : { metric: metric as SelectionDraft["metric"] }),
    ...(selection && { selection: selection as Record<string, unknown> }),
    ...(sources && { sources: [...sources] }),
    id: draft.id,
    embeddingId: draft.embedding_id,
    picks: draft.ordinals.length / 4,
    columns: [...columns.filter(([, field]) => draft[field] !== null).map(([name]) => name), ...(draft.shares === null ? [] : (sources ?? []).map((_source, i) => `share.${i}`))],
    createdAt: Number(draft.created_at),
  };
}

/** The picks' columns one after the other. A draft never changes. */
export async function draftPicks({ db }: Context, user: User, dataset: DatasetAccess, id: string): Promise<Binary> {
  const draft = await requireDraft(db, user, dataset, id);
  const parts = [draft.ordinals, ...columns.flatMap(([, field]) => (draft[field] === null ? [] : [numberBytes(Float32Array.from(float64(draft[field])))]))];
  const picks = draft.ordinals.length / 4;
  if (draft.shares !== null && picks > 0) {
    const shares = float64(draft.shares);
    const strategies = shares.length / picks;
    for (let strategy = 0; strategy < strategies; strategy++) parts.push(numberBytes(Float32Array.from({ length: picks }, (_, pick) => shares[pick * strategies + strategy]!)));
  }
  return new Binary(Buffer.concat(parts), "application/octet-stream", { "cache-control": "private, max-age=3600" });
}

/** @throws DomainError BAD_REQUEST when more picks are wanted than there are; TAG_NAME_EXISTS; TAG_PRESELECTEDTAG_NOT_IN_DATASET when that tag is gone */
export async function tagOfDraft({ db }: Context, user: User, access: DatasetAccess, id: string, { name, picks }: SelectionDraftTagRequest): Promise<{ id: string }> {
  return inDataset(db, access.row.id, async (transaction) => {
    const draft = await requireDraft(transaction, user, access, id);
    const dataset = await datasetNow(transaction, access);
    const facts = JSON.parse(draft.config) as SelectionFacts;
    const ordinals = new Uint32Array(draft.ordinals.slice().buffer);
    if (picks > ordinals.length) throw new DomainError("BAD_REQUEST", `"picks" must be at most ${ordinals.length}, the number of picks of the draft, got ${picks}.`);
    await requireFreeName(transaction, dataset.id, name);
    for (const [role, tagId, code] of [["preselected", facts.preselectedTagId, "TAG_PRESELECTEDTAG_NOT_IN_DATASET"], ["query", facts.queryTagId, "TAG_QUERYTAG_NOT_IN_DATASET"]] as const) {
      if (tagId !== undefined && !(await findTag(transaction, dataset.id, tagId))) throw new DomainError(code, `The ${role} tag of the draft has been deleted. Select again.`);
    }
    const first = ordinals.subarray(0, picks);
    const preselected = BitMask.fromBytes(draft.preselected_mask, Math.max(dataset.n_samples, draft.preselected_mask.length * 8));
    const mask = BitMask.fromOrdinals(first, preselected.size).union(preselected);
    const tag = newTag({
      dataset_id: dataset.id,
      name,
      mask: maskBytes(mask),
      prev_tag_id: facts.preselectedTagId ?? (await findInitialTag(transaction, dataset.id))?.id ?? null,
      query_tag_id: facts.queryTagId ?? null,
      preselected_tag_id: facts.preselectedTagId ?? null,
      // The protocol has no name for a selection by strategies.
      creator: facts.method === "STRATEGIES" ? "UNKNOWN" : `SAMPLER_${facts.method}`,
    });
    await insertTag(transaction, tag);
    const shorter = picks < ordinals.length;
    await insertSelection(transaction, {
      tag_id: tag.id,
      dataset_id: dataset.id,
      embedding_id: draft.embedding_id,
      // What would have given these picks: their number in total, and nothing else cut the selection short.
      config: JSON.stringify(shorter ? { ...facts, nSamples: facts.preselected + picks, stopped: "count" } : facts),
      ordinals: numberBytes(first),
      distances: firstOf(draft.distances, picks),
      scores: firstOf(draft.scores, picks),
      radii: firstOf(draft.radii, picks),
      shares: firstOf(draft.shares, picks * (facts.sources?.length ?? 0)),
      created_at: tag.created_at,
    });
    await updateDataset(transaction, dataset.id);
    return { id: tag.id };
  });
}

export async function throwAway({ db }: Context, user: User, dataset: DatasetAccess, id: string): Promise<void> {
  await deleteDraft(db, (await requireDraft(db, user, dataset, id)).id);
}

function firstOf(numbers: Uint8Array | null, count: number): Uint8Array | null {
  return numbers && numbers.subarray(0, count * 8);
}

function float64(bytes: Uint8Array): Float64Array {
  return new Float64Array(bytes.slice().buffer);
}
