import { generator } from "../random/generator.ts";

export const SHADOW_AXES = 15;
const SAMPLE_ROWS = 384;
const ROUNDS = 2;

/**
 * Fifteen orthonormal directions in which the rows differ most, roughly (subspace iteration on a sample; Halko,
 * Martinsson and Tropp 2011), and the sample's mean. Any orthonormal basis is right, a good one only prunes more.
 */
export function shadowBasis(rowsOf: (ordinal: number) => Float32Array, ordinals: Uint32Array, columns: number) {
  const count = Math.min(SAMPLE_ROWS, ordinals.length);
  const origin = new Float32Array(columns);
  const sample = new Float64Array(count * columns);
  const mean = new Float64Array(columns);
  for (let index = 0; index < count; index++) {
    const row = rowsOf(ordinals[Math.floor((index * ordinals.length) / count)]!);
    sample.set(row, index * columns);
    for (let column = 0; column < columns; column++) mean[column]! += row[column]! / count;
  }
  origin.set(mean);
  for (let index = 0; index < sample.length; index++) sample[index]! -= mean[index % columns]!;

  const axes = Math.min(SHADOW_AXES, columns);
  const { normal } = generator(1);
  const basis = Float64Array.from({ length: axes * columns }, normal);
  const products = new Float64Array(axes);
  const next = new Float64Array(axes * columns);
  orthonormalise(basis, axes, columns);
  for (let round = 0; round < ROUNDS; round++) {
    next.fill(0);
    for (let index = 0; index < count; index++) {
      const row = sample.subarray(index * columns, (index + 1) * columns);
      for (let axis = 0; axis < axes; axis++) {
        let sum = 0;
        const start = axis * columns;
        for (let column = 0; column < columns; column++) sum += row[column]! * basis[start + column]!;
        products[axis] = sum;
      }
      for (let axis = 0; axis < axes; axis++) {
        const factor = products[axis]!;
        const start = axis * columns;
        for (let column = 0; column < columns; column++) next[start + column]! += factor * row[column]!;
      }
    }
    basis.set(next);
    orthonormalise(basis, axes, columns);
  }
  const result = new Float32Array(SHADOW_AXES * columns);
  result.set(basis);
  return { basis: result, origin };
}

/** Gram and Schmidt, each vector twice. One that depends on those before it becomes zero, which prunes less, never wrongly. */
function orthonormalise(basis: Float64Array, axes: number, columns: number): void {
  for (let axis = 0; axis < axes; axis++) {
    const vector = basis.subarray(axis * columns, (axis + 1) * columns);
    const before = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < axis; other++) {
        const start = other * columns;
        let along = 0;
        for (let column = 0; column < columns; column++) along += vector[column]! * basis[start + column]!;
        for (let column = 0; column < columns; column++) vector[column]! -= along * basis[start + column]!;
      }
    }
    const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    const scale = length > before * 1e-6 ? 1 / length : 0;
    for (let column = 0; column < columns; column++) vector[column]! *= scale;
  }
}

/**
 * Makes freshly cast shadows safe and says by how much the distance between two may be too large at most. Short
 * remainders are mostly rounding: all are raised to one floor, which keeps the map from lengthening anything.
 * @param shadows 16 float32 per row, changed in place
 * @param reach the largest distance of a row from the origin of the shadows
 */
export function shadowError(shadows: Float32Array, reach: number, columns: number): number {
  const error = (columns / 4 + 24) * 2 ** -24;
  const share = 0.1;
  const floor = share * reach;
  for (let index = SHADOW_AXES; index < shadows.length; index += 16) if (shadows[index]! < floor) shadows[index] = floor;
  // Per shadow: fifteen coordinates off by error · reach, and the remainder by error · reach² / floor.
  return 2 * error * reach * Math.sqrt(SHADOW_AXES + 1 / share ** 2) * 1.01;
}
