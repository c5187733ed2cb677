import { distanceFromSquare, squaredDistance, type Metric } from "../kernels/distance.plain.ts";
import { inspectMatrix } from "../matrix/check-matrix.ts";
import type { Matrix } from "../matrix/matrix.ts";
import { yielder } from "../pool/yielder.ts";
import { groupsFromPairs } from "./groups.ts";

export interface NearDuplicateOptions {
  /** Two rows at most this far apart are near-duplicates; in units of the metric, ≥ 0. 0 finds copies only. */
  threshold: number;
  /** Default `cosine`. */
  metric?: Metric;
  /** Ordinals to look at; default all. */
  query?: Uint32Array;
  threads?: number;
  signal?: AbortSignal;
  /** Rows looked at, of all. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Groups of rows that are connected by chains of near-duplicates.
 * @returns the groups with at least two members, members ascending, groups by their first member
 * Rejects with a RangeError when the threshold is not a number ≥ 0 or a value is not finite.
 */
export async function nearDuplicates(points: Matrix, options: NearDuplicateOptions): Promise<Uint32Array[]> {
  const { threshold, metric = "cosine", signal, onProgress } = options;
  if (!(threshold >= 0)) throw new RangeError(`threshold must be a number of at least 0, got ${threshold}`);
  await inspectMatrix(points, options);
  const rest = yielder(signal);
  signal?.throwIfAborted();
  const query = options.query === undefined ? Uint32Array.from({ length: points.rows }, (_, row) => row) : Uint32Array.from(options.query).sort();
  const square = squaredDistance(points, metric);
  const pairs: number[] = [];
  for (let right = 1; right < query.length; right++) {
    for (let left = 0; left < right; left++) {
      if (distanceFromSquare(square(query[left]!, query[right]!), metric) <= threshold) pairs.push(query[left]!, query[right]!);
    }
    if (await rest()) onProgress?.(right, query.length);
  }
  onProgress?.(query.length, query.length);
  return groupsFromPairs(points.rows, pairs);
}
