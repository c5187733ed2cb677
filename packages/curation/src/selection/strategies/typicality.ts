import { inverseLengths, type Metric } from "../../kernels/distance.plain.ts";
import { matrix, type Matrix } from "../../matrix/matrix.ts";
import { nearestNeighbours } from "../../neighbours/nearest.ts";
import type { SessionOptions } from "../../pool/session.ts";

const SAFE_MAX = 1e15;

/**
 * TYPICALITY (G. Hacohen, A. Dekel and D. Weinshall, Active Learning on a Budget: Opposite Strategies Suit High and Low
 * Budgets, ICML 2022): the inverse of the mean distance to the k nearest neighbours,
 *
 *     t(i) = 1 / (1/k · Σ d(i, j)) over the k nearest j of i
 *
 * among the query, the sample itself left out; Infinity among k copies. Beyond 8,192 samples the neighbours are those of
 * the approximate search, so a typicality may be a little too low.
 * @param largest the largest magnitude among the points
 * @returns the mean distances (1 / t) by position in the query; 0 when it has one sample
 */
export async function meanNeighbourDistances(
  points: Matrix, largest: number, query: Uint32Array, k: number, metric: Metric, { threads, signal }: SessionOptions,
): Promise<Float64Array> {
  // Float32 squares must neither overflow nor vanish; a power of two changes no digit.
  const factor = metric === "euclidean" && largest > 0 && (largest > SAFE_MAX || largest < 1 / SAFE_MAX) ? 2 ** -Math.floor(Math.log2(largest)) : 1;
  const asGiven = query.length === points.rows && metric === "euclidean" && factor === 1;
  const { k: found, distances } = await nearestNeighbours(asGiven ? points : rowsOf(points, query, metric, factor), { k, threads, signal });
  return Float64Array.from({ length: query.length }, (_, position) => {
    let sum = 0;
    for (let index = position * found; index < (position + 1) * found; index++) {
      const distance = distances[index]!;
      // Between rows of length 1 the cosine distance is half the square of the euclidean one.
      sum += metric === "cosine" ? (distance * distance) / 2 : distance / factor;
    }
    return found === 0 ? 0 : sum / found;
  });
}

function rowsOf(points: Matrix, ordinals: Uint32Array, metric: Metric, factor: number): Matrix {
  const { columns, data } = points;
  const rows = matrix(ordinals.length, columns);
  const inverse = metric === "cosine" ? inverseLengths(points) : undefined;
  ordinals.forEach((ordinal, row) => {
    const scale = (inverse?.[ordinal] ?? 1) * factor;
    for (let column = 0; column < columns; column++) rows.data[row * columns + column] = data[ordinal * columns + column]! * scale;
  });
  return rows;
}
