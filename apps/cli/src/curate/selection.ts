import { type ApiWorkflowClient, SelectionConfig, domains } from "@winnow/client";
import { amountOf } from "./amount.ts";
import type { CollectionState, MadeSelection, Pick } from "./collection-state.ts";
import type { Vectors } from "./embed.ts";
import { shortHash } from "./names.ts";
import type { PlannedSample } from "./plan.ts";
import { type Progress, counted } from "../terminal/progress.ts";
import type { Target } from "./upload.ts";

/** How to select, as the user said it. */
export interface Wish {
  readonly method: "coreset" | "random";
  readonly select: number;
}

/** What is to be selected next, or the selection that already answers the wish. */
export type Decision = { readonly made: MadeSelection } | { readonly total: number; readonly from: MadeSelection | undefined };

/**
 * Decides how to answer a wish, given the selections there are.
 * - One of the same wish that has seen all images: that one, nothing is done.
 * - Images came since the last one (of the same wish, else of any): its picks stay, and as many are added as the wish
 *   says of the new images alone.
 * - Else a selection from scratch among all images.
 */
export function decide({ method, select }: Wish, samples: number, selections: readonly MadeSelection[], freshSince: (selection: MadeSelection) => number): Decision {
  const same = selections.filter((one) => one.method === method && one.select === select);
  const made = same.findLast((one) => freshSince(one) === 0);
  if (made !== undefined) return { made };
  const from = same.at(-1) ?? selections.at(-1);
  const fresh = from === undefined ? 0 : freshSince(from);
  if (from !== undefined && fresh > 0) return { total: Math.min(samples, from.total + added(select, fresh)), from };
  return { total: amountOf(select, samples), from: undefined };
}

/** A count means that many more; a share means that share of the new images. */
function added(select: number, fresh: number): number {
  return select < 1 ? amountOf(select, fresh) : select;
}

/** Selects, or finds the selection that was made. */
export async function selectImages(
  { client, datasetId }: Target,
  wish: Wish,
  { embeddingId, embeddingName, samples, vectors }: { embeddingId: string; embeddingName: string; samples: readonly PlannedSample[]; vectors: Vectors },
  state: CollectionState,
  progress: Progress,
  signal: AbortSignal,
): Promise<MadeSelection> {
  const tags = await client.getAllTags({ signal });
  // A tag that the user deleted is no selection any more.
  const there = state.selections.filter((one) => tags.some((tag) => tag.id === one.tagId));
  const decision = decide(wish, samples.length, there, (one) => state.freshSince(one));
  if ("made" in decision) return decision.made;
  const { total, from } = decision;
  const stage = progress.stage("Selecting");
  // The same state gives the same name: a selection that was made before an interruption is found by it.
  const tagName = `${wish.method} ${total} of ${samples.length} - ${shortHash([wish, embeddingName, from?.tagName])}`;
  const tag = tags.find(({ name }) => name === tagName) ?? (await select(client, { wish, total, tagName, embeddingId, preselectedTagId: from?.tagId }, stage, signal));
  const report = await client.call(domains.selection.getSelectionReportByTagId, { path: { datasetId, tagId: tag.id }, signal });
  const picks = report.picks.map(({ fileName, distance }): Pick => (distance === undefined || !Number.isFinite(distance) ? { fileName } : { fileName, distance }));
  const coverage = wish.method === "coreset" ? radii(report.picks) : await reach(samples, vectors, [...(from === undefined ? [] : allPicks(from, there)), ...picks]);
  const made: MadeSelection = {
    tagId: tag.id,
    tagName,
    ...wish,
    samples: samples.length,
    total: (from?.total ?? 0) + picks.length,
    ...(from === undefined ? {} : { from: from.tagName }),
    picks,
    ...(coverage === undefined ? {} : { coverage }),
  };
  state.record({ event: "selection", ...made });
  stage.done(`${counted(picks.length, "image")} ${from === undefined ? "" : `beside the ${from.total} chosen before `}by ${wish.method}`);
  return state.selections.at(-1)!;
}

/** All that a selection holds: what was chosen before, then what it added. */
export function allPicks(selection: MadeSelection, selections: readonly MadeSelection[]): Pick[] {
  const before = selection.from === undefined ? undefined : selections.findLast(({ tagName }) => tagName === selection.from);
  return [...(before === undefined ? [] : allPicks(before, selections)), ...selection.picks];
}

interface Order {
  readonly wish: Wish;
  readonly total: number;
  readonly tagName: string;
  readonly embeddingId: string;
  readonly preselectedTagId: string | undefined;
}

async function select(client: ApiWorkflowClient, { wish, total, tagName, embeddingId, preselectedTagId }: Order, stage: { update(done: number, total: number): void }, signal: AbortSignal): Promise<{ readonly id: string }> {
  client.embeddingId = embeddingId;
  const config = new SelectionConfig({ method: wish.method === "coreset" ? "CORESET" : "RANDOM", nSamples: total, name: tagName, seed: 0 });
  try {
    return await client.selection(config, { ...(preselectedTagId === undefined ? {} : { preselectedTagId }), onProgress: ({ meta }) => meta && stage.update(meta.processed, meta.total), signal });
  } catch (error) {
    signal.throwIfAborted();
    // A run that was killed left its job in the queue, and that one was faster.
    const made = (await client.getAllTags({ signal })).find(({ name }) => name === tagName);
    if (made === undefined) throw error;
    return made;
  }
}

function radii(picks: readonly { readonly radius?: number }[]): MadeSelection["coverage"] {
  const first = picks[0]?.radius;
  const last = picks.at(-1)?.radius;
  return first === undefined || last === undefined ? undefined : { first, last };
}

/** Beyond so many multiplications the question isn't worth the wait. */
const WORK_MAX = 2e10;

/** How far the worst image is from the nearest chosen one: random picks come without distances. */
async function reach(samples: readonly PlannedSample[], vectors: Vectors, picks: readonly Pick[]): Promise<MadeSelection["coverage"]> {
  const { data, rows, columns } = await vectors.matrix(samples);
  if (rows * picks.length * columns > WORK_MAX) return undefined;
  const ordinals = new Map(samples.map(({ fileName }, ordinal) => [fileName, ordinal]));
  const chosen = picks.map(({ fileName }) => ordinals.get(fileName)!);
  let [first, last] = [0, 0];
  for (let row = 0; row < rows; row++) {
    let nearest = Number.POSITIVE_INFINITY;
    chosen.forEach((other, i) => {
      let square = 0;
      for (let j = 0, a = row * columns, b = other * columns; j < columns; j++, a++, b++) square += (data[a]! - data[b]!) ** 2;
      nearest = Math.min(nearest, square);
      if (i === 0) first = Math.max(first, square);
    });
    last = Math.max(last, nearest);
  }
  return { first: Math.sqrt(first), last: Math.sqrt(last) };
}
