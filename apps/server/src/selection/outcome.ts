import { BitMask } from "@winnow/curation";
import type { Kysely } from "kysely";
import { updateDataset } from "../datasets/store.ts";
import type { Schema, TagTable } from "../db/schema.ts";
import { inDataset } from "../db/turns.ts";
import { finish } from "../jobs/queue.ts";
import { storeDraft } from "../selection-drafts/computation.ts";
import { newTag, requireFreeName } from "../tags/service.ts";
import { findInitialTag, insertTag, maskBytes } from "../tags/store.ts";
import { insertSelection, numberBytes } from "./store.ts";

/** What is kept of a selection beside its picks. */
export interface SelectionFacts {
  /** One of the methods, or STRATEGIES. */
  readonly method: string;
  readonly nSamples?: number;
  readonly minDistance?: number;
  readonly scoreType?: string;
  readonly selection?: object;
  readonly sources?: readonly string[];
  readonly metric?: string;
  readonly filtered?: number;
  readonly seed: number;
  readonly shards?: number;
  readonly preselectedTagId?: string;
  readonly queryTagId?: string;
  readonly stopped: "count" | "distance" | "typicality" | "exhausted";
  readonly preselected: number;
  readonly inputHash: string;
}

/** A selection that has been computed, and what is to come of it. */
export interface Outcome {
  readonly datasetId: string;
  readonly embeddingId: string;
  /** Absent: no tag is made, the picks are kept as a draft. */
  readonly newTagName?: string;
  readonly creator: NonNullable<TagTable["creator"]>;
  /** Samples of the dataset when it was computed. */
  readonly size: number;
  readonly preselected: BitMask;
  readonly facts: SelectionFacts;
  readonly ordinals: Uint32Array;
  /** By pick, absent where the selection has none. */
  readonly distances?: Float64Array;
  readonly radii?: Float64Array;
  readonly scores?: Float64Array;
  /** By pick, and in it by strategy. */
  readonly shares?: Float64Array;
  /** What the one who asked should know. */
  readonly message?: string;
}

/** Makes the tag of the preselected and the picks, or a draft, keeps the reasons, and ends the job: all of it or nothing. */
export async function storeOutcome(db: Kysely<Schema>, jobId: string, outcome: Outcome): Promise<void> {
  const { datasetId, facts, ordinals, distances, radii, scores, shares } = outcome;
  const picks = {
    dataset_id: datasetId,
    embedding_id: outcome.embeddingId,
    config: JSON.stringify(facts),
    ordinals: numberBytes(ordinals),
    distances: distances ? numberBytes(distances) : null,
    scores: scores ? numberBytes(scores) : null,
    radii: radii ? numberBytes(radii) : null,
    shares: shares ? numberBytes(shares) : null,
  };
  const { newTagName } = outcome;
  if (newTagName === undefined) return storeDraft(db, jobId, { ...picks, preselected_mask: maskBytes(outcome.preselected) }, outcome.message);
  const mask = BitMask.fromOrdinals(ordinals, outcome.size).union(outcome.preselected);
  await inDataset(db, datasetId, async (transaction) => {
    await requireFreeName(transaction, datasetId, newTagName);
    const initial = await findInitialTag(transaction, datasetId);
    const tag = newTag({
      dataset_id: datasetId,
      name: newTagName,
      mask: maskBytes(mask),
      prev_tag_id: facts.preselectedTagId ?? initial?.id ?? null,
      query_tag_id: facts.queryTagId ?? null,
      preselected_tag_id: facts.preselectedTagId ?? null,
      creator: outcome.creator,
    });
    await insertTag(transaction, tag);
    await insertSelection(transaction, {
      tag_id: tag.id,
      ...picks,
      created_at: tag.created_at,
    });
    await updateDataset(transaction, datasetId);
    await finish(transaction, jobId, { result: tag.id, message: outcome.message });
  });
}

/** What to tell when more were wanted than there are; undefined when there are enough. */
export function shortage(wanted: number | null | undefined, all: number): string | undefined {
  return typeof wanted === "number" && wanted > all ? `${wanted} samples were wanted, but there are only ${all}: all of them were taken.` : undefined;
}
