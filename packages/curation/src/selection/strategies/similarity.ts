import { distanceFromSquare, type Metric } from "../../kernels/distance.plain.ts";
import { matrix, type Matrix } from "../../matrix/matrix.ts";
import type { SessionOptions } from "../../pool/session.ts";
import { openReach } from "./reach.ts";

/**
 * SIMILARITY: the distance of each candidate to the nearest vector of the query set, exact in float64. In O(candidates ·
 * query set) at worst; pruned like CORESET's search for the farthest.
 * @param similarTo ordinals of `points`, or vectors of the same width; the latter are copied together with the points
 */
export async function distancesToQuerySet(
  points: Matrix, similarTo: Matrix | Uint32Array, candidates: Uint32Array, metric: Metric, largest: number, options: SessionOptions,
): Promise<Float64Array> {
  const own = similarTo instanceof Uint32Array;
  const centres = own ? Uint32Array.from(new Set(similarTo)) : Uint32Array.from({ length: similarTo.rows }, (_, row) => points.rows + row);
  const reach = await openReach(own ? points : joined(points, similarTo), { ...options, metric, members: candidates, centresMax: centres.length, largest });
  try {
    for (const centre of centres) reach.add(centre);
    const distances = new Float64Array(candidates.length);
    for (let position = 0; position < candidates.length; position++) {
      const pause = reach.rest();
      if (pause !== false) await pause;
      distances[position] = distanceFromSquare(reach.squareOf(candidates[position]!), metric);
    }
    return distances;
  } finally {
    reach.close();
  }
}

function joined(points: Matrix, others: Matrix): Matrix {
  const both = matrix(points.rows + others.rows, points.columns);
  both.data.set(points.data);
  both.data.set(others.data, points.data.length);
  return both;
}
