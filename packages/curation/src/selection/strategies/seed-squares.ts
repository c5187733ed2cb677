import { inverseLengths, type Metric } from "../../kernels/distance.plain.ts";
import type { Matrix } from "../../matrix/matrix.ts";

/**
 * The squared distance of each candidate to the mean of the candidates (float64; for cosine of the rows scaled to length
 * 1): the candidate with the least is where CORESET begins.
 */
export function seedSquares(points: Matrix, metric: Metric, candidates: Uint32Array): Float64Array {
  const { data, columns } = points;
  const inverse = metric === "cosine" ? inverseLengths(points) : undefined;
  const mean = new Float64Array(columns);
  for (const ordinal of candidates) {
    const scale = inverse?.[ordinal] ?? 1;
    for (let column = 0; column < columns; column++) mean[column]! += data[ordinal * columns + column]! * scale;
  }
  for (let column = 0; column < columns; column++) mean[column]! /= candidates.length;
  return Float64Array.from(candidates, (ordinal) => {
    const scale = inverse?.[ordinal] ?? 1;
    let square = 0;
    for (let column = 0; column < columns; column++) {
      const difference = data[ordinal * columns + column]! * scale - mean[column]!;
      square += difference * difference;
    }
    return square;
  });
}
