import { arenaBehind } from "../kernels/arena.ts";
import { openSession, type SessionOptions } from "../pool/session.ts";
import { HASH_BLOCK_WORDS, hashBlocks, type HashedColumn } from "./input-hash.ts";
import type { Matrix } from "./matrix.ts";

/** What one look at all values tells. */
export interface Inspection extends HashedColumn {
  /** The largest magnitude; 0 for an empty matrix. */
  readonly largest: number;
}

/**
 * Refuses a matrix whose shape and data disagree.
 * @throws RangeError naming the numbers
 */
export function checkShape({ data, rows, columns }: Matrix, name = "points"): void {
  if (!Number.isSafeInteger(rows) || rows < 0 || !Number.isSafeInteger(columns) || columns < 0) {
    throw new RangeError(`${name} must have whole numbers of rows and columns, got ${rows} × ${columns}`);
  }
  if (data.length !== rows * columns) {
    throw new RangeError(`${name} of ${rows} × ${columns} must hold ${rows * columns} values, got ${data.length}`);
  }
}

/**
 * Refuses a matrix whose shape and data disagree or that holds a value that is not finite.
 * Rejects with a RangeError naming the numbers, or the row and column (both from 0) of the first such value.
 */
export async function inspectMatrix(points: Matrix, options: SessionOptions, name = "points"): Promise<Inspection> {
  checkShape(points, name);
  const { data, columns } = points;
  const blockCount = Math.ceil(data.length / HASH_BLOCK_WORDS);
  const arena = arenaBehind(data.buffer);
  if (arena === undefined) {
    const largest = largestMagnitude(data);
    if (!(largest < Infinity)) throw nonFinite(data, columns, name);
    return { largest, byteLength: data.byteLength, blocks: hashBlocks(data) };
  }
  try {
    const hashes = arena.take(blockCount * 16);
    const magnitudes = arena.take(blockCount * 4);
    const session = await openSession(arena.memory, options);
    try {
      await session.run("inspect", blockCount, 4, data.byteOffset, data.length, hashes, magnitudes);
    } finally {
      session.close();
    }
    const { buffer } = arena.memory;
    const largest = new Float32Array(buffer, magnitudes, blockCount).reduce((most, value) => (value <= most ? most : value), 0);
    if (!(largest < Infinity)) throw nonFinite(data, columns, name);
    return { largest, byteLength: data.byteLength, blocks: new Uint32Array(buffer, hashes, blockCount * 4).slice() };
  } finally {
    arena.release();
  }
}

function largestMagnitude(data: Float32Array): number {
  let most = 0;
  let sum = 0;
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!;
    const magnitude = Math.abs(value);
    if (magnitude > most) most = magnitude;
    // x − x is NaN for anything not finite.
    sum += value - value;
  }
  return sum === 0 ? most : Number.NaN;
}

function nonFinite(data: Float32Array, columns: number, name: string): RangeError {
  const index = data.findIndex((value) => !Number.isFinite(value));
  const row = Math.floor(index / columns);
  return new RangeError(`${name} must be finite: row ${row}, column ${index - row * columns} is ${data[index]}`);
}
