import type { Matrix } from "../matrix/matrix.ts";

/**
 * How far apart two rows are.
 * - `euclidean`: √Σ(xⱼ − yⱼ)², 0 … ∞.
 * - `cosine`: 1 − cos of the angle, 0 … 2, computed as ½Σ(xⱼ/|x| − yⱼ/|y|)², which is the same number without the
 *   cancellation: copies are at exactly 0. A zero row stays zero when scaled, so it is at 0 from another zero row and
 *   at ½ from every other row.
 */
export type Metric = "euclidean" | "cosine";

/** Inverse lengths of the rows in float64; 0 for a zero row. */
export function inverseLengths({ data, rows, columns }: Matrix): Float64Array {
  const inverse = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let index = row * columns; index < (row + 1) * columns; index++) sum += data[index]! * data[index]!;
    inverse[row] = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  }
  return inverse;
}

/**
 * The truth about distances: float64, one term after the other in column order. Everything faster is held against it.
 * @returns a function of two ordinals giving Σ(xⱼ − yⱼ)², of the rows as they are or, for cosine, scaled to length 1
 */
export function squaredDistance(points: Matrix, metric: Metric): (a: number, b: number) => number {
  const { data, columns } = points;
  if (metric === "euclidean") {
    return (a, b) => {
      let sum = 0;
      let left = a * columns;
      let right = b * columns;
      for (const end = left + columns; left < end; left++, right++) {
        const difference = data[left]! - data[right]!;
        sum += difference * difference;
      }
      return sum;
    };
  }
  const inverse = inverseLengths(points);
  return (a, b) => {
    const scaleA = inverse[a]!;
    const scaleB = inverse[b]!;
    let sum = 0;
    let left = a * columns;
    let right = b * columns;
    for (const end = left + columns; left < end; left++, right++) {
      const difference = data[left]! * scaleA - data[right]! * scaleB;
      sum += difference * difference;
    }
    return sum;
  };
}

/** The distance that belongs to a squared distance of `squaredDistance`. */
export function distanceFromSquare(square: number, metric: Metric): number {
  return metric === "euclidean" ? Math.sqrt(square) : square / 2;
}
