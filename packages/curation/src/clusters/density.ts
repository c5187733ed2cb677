import { inspectMatrix } from "../matrix/check-matrix.ts";
import type { Matrix } from "../matrix/matrix.ts";
import { nearestNeighbours, type Neighbours } from "../neighbours/nearest.ts";
import { yielder } from "../pool/yielder.ts";
import { condensedTree, mostStable } from "./condensed-tree.ts";
import { coreDistances, spanningTree } from "./mutual-reachability.ts";
import { orderOfClusters } from "./order.ts";

export interface DensityOptions {
  /** Fewer rows are no cluster, ≥ 2; default 15. */
  sizeMin?: number;
  /** A row's density is that of the ball that holds this many others, ≥ 1; default 10. Larger: smoother, more noise. */
  neighbours?: number;
  /** As in `nearestNeighbours`. */
  search?: "exact" | "approximate";
  /** For the approximate search; default 0. */
  seed?: number;
  /** Neighbours found before, of at least `neighbours` each; saves the search. */
  graph?: Neighbours;
  /** Threads to use at most, this one included; never changes the result. */
  threads?: number | undefined;
  /** Aborting rejects the promise with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Work done as a share `done / total`; called now and then, and at the end with done = total. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Clusters numbered from the largest to the smallest, equal ones by their lowest ordinal. */
export interface DensityClusters {
  /** The cluster of each row, −1 for noise. */
  readonly labels: Int32Array;
  /** How firmly a row belongs to its cluster: 0 (noise) … 1 (among the densest of it). */
  readonly strengths: Float32Array;
  /** Rows per cluster. */
  readonly sizes: Uint32Array;
}

const EDGES_MIN = 15;

/**
 * Clusters of any shape and density, and noise: HDBSCAN (Campello, Moulavi and Sander, PAKDD 2013) with the most stable
 * clusters of its hierarchy. Euclidean; scale rows to length 1 for cosine.
 *
 * The hierarchy is that of the neighbour graph (the larger of `neighbours` and 15 edges per row) under mutual reachability.
 * Edges longer than these lists are missing, so lumps that lie apart are joined by near-shortest links instead (see
 * {@link spanningTree}): inside a lump it is HDBSCAN's, between lumps the height of a join may be a little too large.
 * The same on any number of threads. Rejects with a RangeError when an option makes no sense or a value is not finite.
 */
export async function densityClusters(points: Matrix, options: DensityOptions = {}): Promise<DensityClusters> {
  const { sizeMin = 15, neighbours: wanted = 10, signal, onProgress } = options;
  const { rows } = points;
  if (!Number.isSafeInteger(sizeMin) || sizeMin < 2) throw new RangeError(`sizeMin must be a whole number of at least 2, got ${sizeMin}`);
  if (!Number.isSafeInteger(wanted) || wanted < 1) throw new RangeError(`neighbours must be a whole number of at least 1, got ${wanted}`);
  signal?.throwIfAborted();
  await inspectMatrix(points, options);
  const labels = new Int32Array(rows).fill(-1);
  const strengths = new Float32Array(rows);
  if (rows < 2) return { labels, strengths, sizes: new Uint32Array() };
  const { graph } = options;
  const least = Math.min(wanted, rows - 1);
  if (graph !== undefined && (graph.k < least || graph.ids.length !== rows * graph.k)) {
    throw new RangeError(`the graph must hold at least ${least} neighbours for each of ${rows} rows, got ${graph.k} for ${graph.ids.length / Math.max(1, graph.k)}`);
  }
  const found = graph ?? (await nearestNeighbours(points, {
    k: Math.max(wanted, EDGES_MIN), seed: options.seed ?? 0, threads: options.threads, signal,
    ...(options.search === undefined ? {} : { search: options.search }), onProgress: (done, total) => onProgress?.((80 * done) / total, 100),
  }));
  const tree = await spanningTree(points, found, coreDistances(found, rows, least), yielder(signal));
  const condensed = condensedTree(tree, rows, sizeMin);
  const chosen = mostStable(condensed);

  // Rows belong to the chosen cluster that their last cluster is or lies in.
  const { parents, clusterOf, leaves, births, deaths } = condensed;
  const home = new Int32Array(parents.length).fill(-1);
  const deepest = deaths.slice();
  for (let cluster = 1; cluster < parents.length; cluster++) home[cluster] = chosen[cluster] === 1 ? cluster : home[parents[cluster]!]!;
  for (let cluster = parents.length - 1; cluster > 0; cluster--) deepest[parents[cluster]!] = Math.max(deepest[parents[cluster]!]!, deepest[cluster]!);
  const members = Uint32Array.from({ length: rows }, (_, row) => row).filter((row) => home[clusterOf[row]!]! >= 0);
  const { renamed, sizes } = orderOfClusters(Array.from(members, (row) => home[clusterOf[row]!]!), parents.length);
  members.forEach((row, index) => {
    labels[row] = renamed[index]!;
    const cluster = home[clusterOf[row]!]!;
    strengths[row] = deepest[cluster]! > 0 ? Math.min(1, Math.max(leaves[row]!, births[cluster]!) / deepest[cluster]!) : 1;
  });
  onProgress?.(100, 100);
  return { labels, strengths, sizes };
}
