import { distanceFromSquare, squaredDistance, type Metric } from "../kernels/distance.plain.ts";
import type { Matrix } from "../matrix/matrix.ts";

/** Distance of every sample of the query to its nearest chosen one, kept up to date pick by pick. */
export interface Coverage {
  /** Counts an ordinal as chosen; it need not be in the query. */
  choose(ordinal: number): void;
  /** Squared distance of the query's entry at this position to the nearest chosen sample; Infinity when there is none. */
  squareAt(position: number): number;
  /** The largest distance of all; 0 for an empty query. */
  radius(): number;
}

/** Brute force in float64: one pass over the query per chosen sample. */
export function plainCoverage(points: Matrix, metric: Metric, query: Uint32Array): Coverage {
  const square = squaredDistance(points, metric);
  const nearest = new Float64Array(query.length).fill(Infinity);
  return {
    choose(ordinal) {
      for (let position = 0; position < query.length; position++) {
        const value = square(query[position]!, ordinal);
        if (value < nearest[position]!) nearest[position] = value;
      }
    },
    squareAt: (position) => nearest[position]!,
    radius: () => distanceFromSquare(nearest.reduce((most, value) => Math.max(most, value), 0), metric),
  };
}
