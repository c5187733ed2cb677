import type { Matrix } from "../matrix/matrix.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** Directions of largest variance, largest first. */
export interface Directions {
  /** Sum of the squared coordinates along each; fewer than asked for where the rest of the rows' spread is nothing but rounding. */
  readonly values: readonly number[];
  /** Unit vectors as long as a row. */
  readonly vectors: readonly Float64Array[];
}

const stepsMax = 160;
const restartsMax = 12;
/** How far a direction may be from being one, as a share of the largest variance. Float64 ends at some 1e-15. */
const tolerance = 1e-13;

/**
 * The first directions of largest variance of wide rows, without their covariance: Lanczos' method (Journal of Research of
 * the National Bureau of Standards 45, 1950) with full reorthogonalisation, one direction after the other, each in what is
 * left when the former are taken away. A step costs two passes over the rows, so wide rows (d columns) take O(steps · n · d)
 * where the covariance alone takes O(n · d²) and its eigenvectors O(d³).
 *
 * Where two variances are nearly equal, directions converge slowly and mean little; after some thousand steps the best so
 * far is taken.
 * @param rest called between passes; throws to cancel
 * @param onProgress share done, from 0 to 1
 */
export async function leadingDirections(points: Matrix, mean: Float64Array, wanted: number, rest: () => boolean | Promise<boolean>, onProgress: (share: number) => void): Promise<Directions> {
  const { columns } = points;
  const values: number[] = [];
  const vectors: Float64Array[] = [];
  const size = Math.min(points.rows, columns);
  let farthest = 0;
  while (values.length < Math.min(wanted, size)) {
    let start: Float64Array | undefined = arbitrary(columns, values.length);
    let [value, vector] = [0, start];
    for (let restart = 0; restart < restartsMax && start !== undefined; restart++) {
      const basis: Float64Array[] = [];
      const diagonal: number[] = [];
      const beside: number[] = [];
      let current = start;
      start = undefined;
      removeAll(current, vectors);
      if (!normalised(current)) break;
      let check = 4;
      for (;;) {
        basis.push(current);
        const next = await spread(points, mean, current, rest);
        diagonal.push(dot(next, current));
        removeAll(next, vectors);
        removeAll(next, basis);
        // Twice is enough (Parlett 1980).
        removeAll(next, vectors);
        removeAll(next, basis);
        const length = Math.sqrt(dot(next, next));
        const count = basis.length;
        const scale = Math.max(values[0] ?? 0, ...diagonal);
        const isOver = length <= scale * 1e-15 || count + vectors.length >= columns || count >= stepsMax;
        if (isOver || count === check) {
          check = Math.ceil(check * 1.4);
          const ritz = topOf(diagonal, beside);
          const error = length * Math.abs(ritz.vector[count - 1]!);
          const largest = values[0] ?? ritz.value;
          farthest = Math.max(farthest, (values.length + Math.min(1, Math.max(0, Math.log(Math.max(error / largest, tolerance)) / Math.log(tolerance)))) / wanted);
          onProgress(farthest);
          const isGood = error <= tolerance * largest || length <= scale * 1e-15 || count + vectors.length >= columns;
          if (isOver || isGood) {
            value = ritz.value;
            vector = combined(basis, ritz.vector);
            if (!isGood) start = vector.slice();
            break;
          }
        }
        beside.push(length);
        for (let column = 0; column < columns; column++) next[column]! /= length;
        current = next;
      }
    }
    const largest = values[0] ?? value;
    if (!(value > largest * size * Number.EPSILON) || value <= 0) break;
    values.push(value);
    vectors.push(vector);
  }
  return { values, vectors };
}

/** Σ (x − mean) ((x − mean) · v) over the rows. */
async function spread({ data, rows, columns }: Matrix, mean: Float64Array, vector: Float64Array, rest: () => boolean | Promise<boolean>): Promise<Float64Array> {
  const result = new Float64Array(columns);
  const centred = new Float64Array(columns);
  const quarter = columns - (columns % 4);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let column = 0; column < quarter; column += 4) {
      a += (centred[column] = data[start + column]! - mean[column]!) * vector[column]!;
      b += (centred[column + 1] = data[start + column + 1]! - mean[column + 1]!) * vector[column + 1]!;
      c += (centred[column + 2] = data[start + column + 2]! - mean[column + 2]!) * vector[column + 2]!;
      d += (centred[column + 3] = data[start + column + 3]! - mean[column + 3]!) * vector[column + 3]!;
    }
    for (let column = quarter; column < columns; column++) a += (centred[column] = data[start + column]! - mean[column]!) * vector[column]!;
    const along = a + b + (c + d);
    for (let column = 0; column < columns; column++) result[column]! += along * centred[column]!;
    if ((row & 255) === 255) await rest();
  }
  return result;
}

/** Largest eigenvalue of a tridiagonal matrix, and its unit vector. */
function topOf(diagonal: readonly number[], beside: readonly number[]): { value: number; vector: Float64Array } {
  const size = diagonal.length;
  const dense = new Float64Array(size * size);
  for (let index = 0; index < size; index++) {
    dense[index * size + index] = diagonal[index]!;
    if (index + 1 < size) dense[index * size + index + 1] = dense[(index + 1) * size + index] = beside[index]!;
  }
  const { values, vectors } = symmetricEigen(dense, size);
  return { value: values[0]!, vector: vectors.subarray(0, size) };
}

function combined(basis: readonly Float64Array[], shares: Float64Array): Float64Array {
  const sum = new Float64Array(basis[0]!.length);
  for (const [index, vector] of basis.entries()) for (let column = 0; column < sum.length; column++) sum[column]! += shares[index]! * vector[column]!;
  normalised(sum);
  return sum;
}

/** Takes away what lies along each of some orthogonal unit vectors, one after the other. */
function removeAll(vector: Float64Array, others: readonly Float64Array[]): void {
  for (const other of others) {
    const along = dot(vector, other);
    for (let column = 0; column < vector.length; column++) vector[column]! -= along * other[column]!;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let column = 0; column < a.length; column++) sum += a[column]! * b[column]!;
  return sum;
}

/** Scales to length 1. @returns false for 0, which stays */
function normalised(vector: Float64Array): boolean {
  const length = Math.sqrt(dot(vector, vector));
  if (!(length > 1e-150)) return false;
  for (let column = 0; column < vector.length; column++) vector[column]! /= length;
  return true;
}

/** Numbers without a pattern, so that no direction is missed: always the same. */
function arbitrary(length: number, seed: number): Float64Array {
  let state = 0x9e3779b9 ^ (seed * 0x85ebca6b);
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    return (mixed ^ (mixed >>> 12)) / 2 ** 31;
  });
}
