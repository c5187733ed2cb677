import { distanceFromSquare, squaredDistance, type Metric } from "../kernels/distance.plain.ts";
import type { Matrix } from "../matrix/matrix.ts";
import { groupsFromPairs } from "./groups.ts";

/** Every pair in float64: the truth for the fast one. */
export function plainNearDuplicates(points: Matrix, query: Uint32Array, threshold: number, metric: Metric): Uint32Array[] {
  const square = squaredDistance(points, metric);
  const pairs: number[] = [];
  for (const left of query) {
    for (const right of query) {
      if (left < right && distanceFromSquare(square(left, right), metric) <= threshold) pairs.push(left, right);
    }
  }
  return groupsFromPairs(points.rows, pairs);
}
