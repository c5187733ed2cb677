import type { Matrix } from "../matrix/matrix.ts";
import { yielder } from "../pool/yielder.ts";
import { generator } from "../random/generator.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** Eigenvalues of the scatter matrix (columns × columns sum of squares around the mean), largest first, and unit directions. */
export interface LeadingDirections {
  readonly values: Float64Array;
  /** wanted × columns. */
  readonly vectors: Float64Array;
}

/** Directions that are made at once: two are wanted, and equal variances must not hide one another. */
const BLOCK = 4;
const SIZE_MAX = 512;
const PASSES_PER_CHECK = 6;
const DEPENDENT = 1e-10;

/**
 * The directions of largest variance without the columns × columns matrix: block Lanczos (Golub and Underwood 1977) with every
 * new block made orthogonal to all before it, begun at fixed random directions. Each pass reads the rows once. The result is
 * checked against its definition, whatever the data: the scatter matrix takes a direction to its multiple, up to `tolerance` of
 * the largest eigenvalue.
 * @param mean of the columns
 * @returns undefined when that was not reached within 512 directions
 */
export async function leadingDirections(
  points: Matrix,
  mean: Float64Array,
  wanted: number,
  { signal, onProgress, tolerance = 1e-9 }: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void; tolerance?: number } = {},
): Promise<LeadingDirections | undefined> {
  const { columns } = points;
  const rest = yielder(signal);
  const most = Math.min(SIZE_MAX, columns);
  const basis: Float64Array[] = [];
  const images: Float64Array[] = [];
  const { normal } = generator(0);
  let block = orthogonalTo(basis, Array.from({ length: BLOCK }, () => Float64Array.from({ length: columns }, normal)));
  for (let pass = 1; ; pass++) {
    const next = Array.from({ length: BLOCK }, () => new Float64Array(columns));
    await scatter(points, mean, block, next, rest);
    basis.push(...block);
    images.push(...block.map((_, index) => next[index]!.slice()));
    onProgress?.(Math.min(basis.length, most), most);
    block = orthogonalTo(basis, next.slice(0, block.length), most - basis.length);
    // Nothing new comes: the directions span all that the data has.
    const spans = block.length === 0;
    if (!spans && pass % PASSES_PER_CHECK !== 0) continue;
    const { found, residual } = best(basis, images, wanted, columns);
    if (residual <= tolerance) return found;
    if (spans) return undefined;
    await rest();
  }
}

/** Ritz: the best directions within the span of the basis, and how far the worst of them is from being an eigenvector. */
function best(basis: readonly Float64Array[], images: readonly Float64Array[], wanted: number, columns: number): { found: LeadingDirections; residual: number } {
  const size = basis.length;
  const small = new Float64Array(size * size);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b <= a; b++) small[a * size + b] = small[b * size + a] = (dot(basis[a]!, images[b]!) + dot(basis[b]!, images[a]!)) / 2;
  }
  const { values, vectors } = symmetricEigen(small, size);
  const found = { values: values.slice(0, Math.min(wanted, size)), vectors: new Float64Array(wanted * columns) };
  let residual = 0;
  for (let axis = 0; axis < found.values.length; axis++) {
    const direction = found.vectors.subarray(axis * columns, (axis + 1) * columns);
    const off = new Float64Array(columns);
    for (let index = 0; index < size; index++) {
      const share = vectors[axis * size + index]!;
      add(direction, basis[index]!, share);
      add(off, images[index]!, share);
    }
    add(off, direction, -values[axis]!);
    residual = Math.max(residual, values[0]! > 0 ? Math.sqrt(dot(off, off)) / values[0]! : 0);
  }
  return { found, residual };
}

/** The directions made orthogonal to the basis and to each other, at most `room` of them; those that add nothing are left out. */
function orthogonalTo(basis: readonly Float64Array[], directions: readonly Float64Array[], room = Infinity): Float64Array[] {
  const kept: Float64Array[] = [];
  for (const direction of directions) {
    if (kept.length >= room) break;
    const before = Math.sqrt(dot(direction, direction));
    if (!(before > 0)) continue;
    // Twice is enough (Kahan).
    for (let round = 0; round < 2; round++) {
      for (const other of basis) add(direction, other, -dot(direction, other));
      for (const other of kept) add(direction, other, -dot(direction, other));
    }
    const length = Math.sqrt(dot(direction, direction));
    if (!(length > DEPENDENT * before)) continue;
    for (let column = 0; column < direction.length; column++) direction[column]! /= length;
    kept.push(direction);
  }
  return kept;
}

/** Scatter matrix times the directions of a block, row by row. */
async function scatter({ data, rows, columns }: Matrix, mean: Float64Array, block: readonly Float64Array[], results: readonly Float64Array[], rest: () => boolean | Promise<boolean>): Promise<void> {
  const nothing = new Float64Array(columns);
  const [v0 = nothing, v1 = nothing, v2 = nothing, v3 = nothing] = block;
  const [r0, r1, r2, r3] = results as [Float64Array, Float64Array, Float64Array, Float64Array];
  const centred = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let column = 0; column < columns; column++) {
      const value = data[start + column]! - mean[column]!;
      centred[column] = value;
      s0 += value * v0[column]!;
      s1 += value * v1[column]!;
      s2 += value * v2[column]!;
      s3 += value * v3[column]!;
    }
    for (let column = 0; column < columns; column++) {
      const value = centred[column]!;
      r0[column]! += value * s0;
      r1[column]! += value * s1;
      r2[column]! += value * s2;
      r3[column]! += value * s3;
    }
    const pause = rest();
    if (pause !== false) await pause;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

function add(target: Float64Array, other: Float64Array, share: number): void {
  for (let index = 0; index < target.length; index++) target[index]! += share * other[index]!;
}
