import type { Matrix } from "../matrix/matrix.ts";
import { squaredDistance } from "../kernels/distance.plain.ts";

/**
 * How far the k nearest of each row in a map can be trusted to be near in the original (Venna and Kaski 2001): 1 when
 * all are among the k nearest there, about ½ for a random map. All pairs, so for tests and benchmarks.
 */
export function trustworthiness(points: Matrix, map: Matrix, k: number): number {
  const { rows } = points;
  const original = squaredDistance(points, "euclidean");
  const mapped = squaredDistance(map, "euclidean");
  let penalty = 0;
  for (let row = 0; row < rows; row++) {
    const others = Array.from({ length: rows }, (_, other) => other).filter((other) => other !== row);
    const there = new Float64Array(rows);
    const here = new Float64Array(rows);
    for (const other of others) {
      there[other] = original(row, other);
      here[other] = mapped(row, other);
    }
    const ranks = new Uint32Array(rows);
    others.sort((a, b) => there[a]! - there[b]! || a - b).forEach((other, rank) => (ranks[other] = rank + 1));
    others.sort((a, b) => here[a]! - here[b]! || a - b);
    for (let rank = 0; rank < k; rank++) penalty += Math.max(0, ranks[others[rank]!]! - k);
  }
  return 1 - (2 * penalty) / (rows * k * (2 * rows - 3 * k - 1));
}
