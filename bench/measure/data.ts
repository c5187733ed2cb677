/** Seeded data that every benchmark shares: the same on every machine. */
import { matrix, type Matrix } from "@winnow/curation";

/** A small seeded generator (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Sums of uniforms are normal enough here and quick. */
export function gaussian(next: () => number): () => number {
  return () => (next() + next() + next() + next() - 2) * Math.sqrt(3);
}

export function dataOf(kind: string, n: number, d: number): Matrix {
  if (kind === "clustered") return clustered(n, d);
  if (kind === "isotropic") return isotropic(n, d);
  throw new RangeError(`--data takes clustered and isotropic, got ${kind}`);
}

/** Independent coordinates: no structure at all, the hardest case for pruning. */
function isotropic(n: number, d: number): Matrix {
  const points = matrix(n, d);
  const normal = gaussian(uniform(1));
  for (let index = 0; index < points.data.length; index++) points.data[index] = normal();
  return points;
}

/**
 * What encoders give: a few hundred groups of very different size, each stretched along a dozen directions of its own
 * with falling variance, over a little noise in all directions.
 */
function clustered(n: number, d: number): Matrix {
  const points = matrix(n, d);
  const next = uniform(2);
  const normal = gaussian(next);
  const groups = 200;
  const inner = 12;
  const centres = Float32Array.from({ length: groups * d }, normal);
  const directions = Float32Array.from({ length: groups * inner * d }, normal);
  const scales = Float32Array.from({ length: groups }, () => 0.2 + 0.6 * next());
  for (let row = 0; row < n; row++) {
    const group = Math.floor(groups * next() ** 2);
    const target = points.data.subarray(row * d, (row + 1) * d);
    for (let column = 0; column < d; column++) target[column] = centres[group * d + column]! + 0.05 * normal();
    for (let axis = 0; axis < inner; axis++) {
      const along = (scales[group]! * normal()) / (1 + 0.3 * axis);
      const start = (group * inner + axis) * d;
      for (let column = 0; column < d; column++) target[column]! += along * directions[start + column]!;
    }
  }
  return points;
}
