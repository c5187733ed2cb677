import { canShare, homeBuffer } from "../kernels/arena.ts";

// From this size on, copying a matrix to where the kernels can read it would cost more than reserving address space.
const HOME_BYTES_MIN = 1 << 20;
const HOME_BYTES_MAX = 3.5 * 2 ** 30;

/** Rows of float32 vectors, row-major: value j of row i is `data[i * columns + j]`; row i belongs to ordinal i. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * A matrix of zeros on shared memory, so that threads can read it without a copy.
 * From 1 MiB on it lies in a WebAssembly memory (its buffer is larger than `data` then), where kernels work in place.
 * Where the platform has no SharedArrayBuffer (a browser page that is not cross-origin isolated) the memory is
 * ordinary and everything runs on one thread.
 * @throws RangeError when rows or columns are not whole numbers ≥ 0
 */
export function matrix(rows: number, columns: number): Matrix {
  if (!Number.isSafeInteger(rows) || rows < 0) throw new RangeError(`rows must be a whole number of at least 0, got ${rows}`);
  if (!Number.isSafeInteger(columns) || columns < 0) {
    throw new RangeError(`columns must be a whole number of at least 0, got ${columns}`);
  }
  const bytes = rows * columns * Float32Array.BYTES_PER_ELEMENT;
  if (canShare && bytes >= HOME_BYTES_MIN && bytes <= HOME_BYTES_MAX) return { data: new Float32Array(homeBuffer(bytes), 0, rows * columns), rows, columns };
  const buffer = typeof SharedArrayBuffer === "function" ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  return { data: new Float32Array(buffer), rows, columns };
}
