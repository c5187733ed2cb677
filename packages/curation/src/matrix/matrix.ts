/** Rows of float32 vectors, row-major: value j of row i is `data[i * columns + j]`; row i belongs to ordinal i. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * A matrix of zeros on shared memory, so that threads can read it without a copy.
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
  const buffer = typeof SharedArrayBuffer === "function" ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  return { data: new Float32Array(buffer), rows, columns };
}
