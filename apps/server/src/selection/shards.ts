/**
 * Selections over more vectors than one machine holds, in two rounds: each shard of the matrix gives as many picks as are wanted in
 * all, and the selection is made from these. With k centres chosen greedily in both rounds no sample is farther from a chosen one
 * than 4 times what the best k samples could do (2 times in one round): each sample is within 2 × the optimum of a pick of its
 * shard, and each of those within 2 × the optimum of a chosen one (Malkomes et al., Fast Distributed k-Center Clustering with
 * Outliers on Massive Data, NeurIPS 2015; the greedy bound is Gonzalez 1985).
 */
import { matrix, selectSamples, type Matrix } from "@winnow/curation";
import { findDataset } from "../datasets/store.ts";
import type { EmbeddingTable } from "../db/schema.ts";
import { loadRows } from "../embeddings/matrix.ts";
import { findEmbedding } from "../embeddings/store.ts";
import { cutIntoParts, finishPart, partResults } from "../jobs/parts.ts";
import { JobEndedError } from "../jobs/queue.ts";
import type { Workbench } from "../threads/workbench.ts";
import { shortage, storeOutcome } from "./outcome.ts";
import { partsPrefix, readPart, writePart, type PartPicks } from "./part-file.ts";
import { loadMasks, wantedCount, type SelectionPlan } from "./plan.ts";

/** What one part is to do. */
interface ShardPayload {
  readonly parentId: string;
  readonly plan: SelectionPlan;
  readonly part: number;
  /** Rows from and to (not included). */
  readonly from: number;
  readonly to: number;
}

/** What it says of itself. */
interface ShardResult {
  readonly picks: number;
  /** No sample of the shard is farther from one of its picks. */
  readonly radius: number;
  readonly inputHash: string;
}

/** How many shards of at most so many bytes the vectors have; 1: they are selected from as a whole. */
export function shardCount({ rows, columns }: Pick<EmbeddingTable, "rows" | "columns">, bytesMax: number): number {
  return Math.max(1, Math.ceil((rows * columns * 4) / bytesMax));
}

/** Cuts a selection into shards, or makes it from what they gave. */
export async function selectByShards(bench: Workbench, jobId: string, plan: SelectionPlan): Promise<void> {
  const results = await partResults<ShardResult>(bench.db, jobId);
  if (results) return selectFromParts(bench, jobId, plan, results);
  const { rows } = await requireReady(bench, plan);
  const shards = Math.min(plan.shards!, rows);
  const bound = (part: number) => Math.floor((rows * part) / shards);
  const parts = Array.from({ length: shards }, (_, part) => ({ parentId: jobId, plan, part, from: bound(part), to: bound(part + 1) }) satisfies ShardPayload);
  await cutIntoParts(bench.db, jobId, "SELECTION_PART", parts);
}

/** The first round on one shard. */
export async function selectFromShard(bench: Workbench, jobId: string, { parentId, plan, part, from, to }: ShardPayload): Promise<void> {
  const { db, blobs, signal, onProgress } = bench;
  const embedding = await requireReady(bench, plan);
  const { query, preselected } = await loadMasks(db, plan);
  const within = (ordinals: Uint32Array) => ordinals.filter((ordinal) => ordinal >= from && ordinal < to).map((ordinal) => ordinal - from);
  const [candidates, chosen] = [within(query.ordinals()), within(preselected.ordinals())];
  const points = await loadRows(blobs, embedding, from, to, signal);
  const wanted = wantedCount(plan.nSamples, query.union(preselected).count);
  // As many new picks as the whole may need: which of them it needs is not known here.
  const nSamples = wanted === undefined ? undefined : Math.max(0, wanted - preselected.count) + chosen.length;
  const selection = await selectSamples({ method: "CORESET", size: to - from, points, query: candidates, preselected: chosen, nSamples, minDistance: plan.minDistance, signal, onProgress });
  const rows = new Uint32Array(chosen.length + selection.ordinals.length);
  rows.set(chosen);
  rows.set(selection.ordinals, chosen.length);
  const handedOn: PartPicks = { ordinals: rows.map((row) => row + from), preselected: chosen.length, points: rowsOf(points, rows) };
  await writePart(blobs, plan.datasetId, parentId, part, handedOn);
  const radius = selection.radii.at(-1) ?? 0;
  await finishPart(db, jobId, { picks: selection.ordinals.length, radius: Number.isFinite(radius) ? radius : 0, inputHash: selection.inputHash } satisfies ShardResult);
}

/** The second round, on the picks of all shards. */
async function selectFromParts(bench: Workbench, jobId: string, plan: SelectionPlan, results: readonly ShardResult[]): Promise<void> {
  const { db, blobs, signal, onProgress } = bench;
  const dataset = await findDataset(db, plan.datasetId);
  if (!dataset) throw new JobEndedError("the dataset was deleted");
  const { query, preselected } = await loadMasks(db, plan);
  const parts: PartPicks[] = [];
  for (let part = 0; part < results.length; part++) parts.push(await readPart(blobs, plan.datasetId, jobId, part));
  const rows = parts.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
  const points = matrix(rows, parts[0]!.points.columns);
  const members: { readonly ordinal: number; readonly isChosen: boolean; readonly part: number; readonly row: number }[] = parts.flatMap(({ ordinals, preselected: first }, part) => Array.from(ordinals, (ordinal, row) => ({ ordinal, isChosen: row < first, part, row })));
  // In the dataset's order: of two that are equally far the first is taken, as without shards.
  members.sort((a, b) => a.ordinal - b.ordinal);
  members.forEach(({ part, row }, at) => points.data.set(parts[part]!.points.data.subarray(row * points.columns, (row + 1) * points.columns), at * points.columns));
  const indicesOf = (isChosen: boolean) => Uint32Array.from(members.flatMap((member, at) => (member.isChosen === isChosen ? [at] : [])));
  const chosen = indicesOf(true);
  const all = query.union(preselected).count;
  const wanted = wantedCount(plan.nSamples, all);
  const nSamples = wanted === undefined ? undefined : Math.max(0, wanted - preselected.count) + chosen.length;
  const selection = await selectSamples({ method: "CORESET", size: rows, points, query: indicesOf(false), preselected: chosen, nSamples, minDistance: plan.minDistance, seed: plan.seed, signal, onProgress });
  const farthest = Math.max(...results.map(({ radius }) => radius));
  await storeOutcome(db, jobId, {
    ...plan,
    creator: "SAMPLER_CORESET",
    size: dataset.n_samples,
    preselected,
    ordinals: selection.ordinals.map((at) => members[at]!.ordinal),
    distances: selection.distances,
    // Of all samples, at most: each is so near to a pick of its shard, and that one to a chosen one.
    radii: selection.radii.map((radius) => radius + farthest),
    message: shortage(wanted, all),
    facts: {
      method: "CORESET",
      nSamples: wanted,
      minDistance: plan.minDistance,
      metric: selection.configuration.metric,
      seed: plan.seed,
      shards: results.length,
      preselectedTagId: plan.preselectedTagId,
      queryTagId: plan.queryTagId,
      stopped: selection.stopped,
      preselected: preselected.count,
      inputHash: selection.inputHash,
    },
  });
  await blobs.removeAll(partsPrefix(plan.datasetId, jobId));
}

async function requireReady({ db }: Workbench, { datasetId, embeddingId }: SelectionPlan): Promise<EmbeddingTable> {
  const embedding = await findEmbedding(db, datasetId, embeddingId);
  if (!embedding || embedding.state !== "ready") throw new JobEndedError("the embedding was deleted");
  return embedding;
}

function rowsOf(points: Matrix, rows: Uint32Array): Matrix {
  const some = matrix(rows.length, points.columns);
  rows.forEach((row, at) => some.data.set(points.data.subarray(row * points.columns, (row + 1) * points.columns), at * points.columns));
  return some;
}
