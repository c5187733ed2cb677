import type { Matrix } from "./matrix.ts";

/**
 * Refuses a matrix whose shape and data disagree or that holds a value that is not finite.
 * @throws RangeError naming the numbers, or the row and column (both from 0) of the first such value
 */
export function checkMatrix({ data, rows, columns }: Matrix, name = "points"): void {
  if (!Number.isSafeInteger(rows) || rows < 0 || !Number.isSafeInteger(columns) || columns < 0) {
    throw new RangeError(`${name} must have whole numbers of rows and columns, got ${rows} × ${columns}`);
  }
  if (data.length !== rows * columns) {
    throw new RangeError(`${name} of ${rows} × ${columns} must hold ${rows * columns} values, got ${data.length}`);
  }
  for (let start = 0; start < data.length; start += 4096) {
    const end = Math.min(start + 4096, data.length);
    let zero = 0;
    // x − x is NaN for anything not finite: one sum per block instead of one branch per value.
    for (let index = start; index < end; index++) {
      const value = data[index]!;
      zero += value - value;
    }
    if (zero !== 0) throw nonFinite(data, start, columns, name);
  }
}

function nonFinite(data: Float32Array, start: number, columns: number, name: string): RangeError {
  let index = start;
  while (Number.isFinite(data[index]!)) index++;
  const row = Math.floor(index / columns);
  return new RangeError(`${name} must be finite: row ${row}, column ${index - row * columns} is ${data[index]}`);
}
