import { inverseLengths, type Metric } from "../../kernels/distance.plain.ts";
import { matrix, type Matrix } from "../../matrix/matrix.ts";
import { nearestNeighbours } from "../../neighbours/nearest.ts";
import type { SessionOptions } from "../../pool/session.ts";

/**
 * TYPICALITY (G. Hacohen, A. Dekel and D. Weinshall, Active Learning on a Budget: Opposite Strategies Suit High and Low
 * Budgets, ICML 2022): the inverse of the mean distance to the k nearest neighbours,
 *
 *     t(i) = 1 / (1/k · Σ d(i, j)) over the k nearest j of i
 *
 * among the query, the sample itself left out; Infinity among k copies. Beyond 8,192 samples the neighbours are those of
 * the approximate search, so a typicality may be a little too low.
 * @returns the mean distances (1 / t) by position in the query; 0 when it has one sample
 */
export async function meanNeighbourDistances(points: Matrix, query: Uint32Array, k: number, metric: Metric, options: SessionOptions): Promise<Float64Array> {
  const whole = query.length === points.rows && metric === "euclidean";
  const { k: found, distances } = await nearestNeighbours(whole ? points : rowsOf(points, query, metric), { k, threads: options.threads, signal: options.signal });
  return Float64Array.from({ length: query.length }, (_, position) => {
    let sum = 0;
    for (let index = position * found; index < (position + 1) * found; index++) {
      const distance = distances[index]!;
      // Between rows of length 1 the cosine distance is half the square of the euclidean one.
      sum += metric === "cosine" ? (distance * distance) / 2 : distance;
    }
    return found === 0 ? 0 : sum / found;
  });
}

function rowsOf(points: Matrix, ordinals: Uint32Array, metric: Metric): Matrix {
  const { columns, data } = points;
  const rows = matrix(ordinals.length, columns);
  const inverse = metric === "cosine" ? inverseLengths(points) : undefined;
  ordinals.forEach((ordinal, row) => {
    const scale = inverse?.[ordinal] ?? 1;
    for (let column = 0; column < columns; column++) rows.data[row * columns + column] = data[ordinal * columns + column]! * scale;
  });
  return rows;
}
