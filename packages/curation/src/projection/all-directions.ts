import type { Matrix } from "../matrix/matrix.ts";
import { yielder } from "../pool/yielder.ts";
import type { LeadingDirections } from "./leading-directions.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/**
 * The directions of largest variance from all of them: eigenvectors of the scatter matrix in float64, or of the Gram matrix when
 * there are fewer rows than columns. O(rows · columns · least + least³), least being the smaller of the two.
 * @param mean of the columns
 */
export async function allDirections(
  points: Matrix,
  mean: Float64Array,
  wanted: number,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
): Promise<LeadingDirections> {
  const { data, rows, columns } = points;
  const rest = yielder(signal);
  const byRows = rows < columns;
  const size = byRows ? rows : columns;
  const products = new Float64Array(size * size);
  if (byRows) {
    const all = new Float64Array(rows * columns);
    for (let index = 0; index < all.length; index++) all[index] = data[index]! - mean[index % columns]!;
    for (let a = 0; a < rows; a++) {
      for (let b = 0; b <= a; b++) {
        let sum = 0;
        for (let column = 0; column < columns; column++) sum += all[a * columns + column]! * all[b * columns + column]!;
        products[a * size + b] = products[b * size + a] = sum;
      }
      if (await rest()) onProgress?.(a, rows);
    }
  } else {
    // Four rows at a time, so that each sum is read and written once for all of them.
    const centred = Array.from({ length: 4 }, () => new Float64Array(columns));
    const [first, second, third, fourth] = centred as [Float64Array, Float64Array, Float64Array, Float64Array];
    for (let row = 0; row < rows; row += 4) {
      for (let at = 0; at < 4; at++) {
        const start = (row + at) * columns;
        if (row + at >= rows) centred[at]!.fill(0);
        else for (let column = 0; column < columns; column++) centred[at]![column] = data[start + column]! - mean[column]!;
      }
      for (let a = 0; a < columns; a++) {
        const [one, two, three, four] = [first[a]!, second[a]!, third[a]!, fourth[a]!];
        const start = a * columns;
        for (let b = 0; b <= a; b++) products[start + b]! += one * first[b]! + two * second[b]! + (three * third[b]! + four * fourth[b]!);
      }
      if (await rest()) onProgress?.(row, rows);
    }
    for (let a = 0; a < columns; a++) for (let b = 0; b < a; b++) products[b * columns + a] = products[a * columns + b]!;
  }
  const { values, vectors } = symmetricEigen(products, size);
  const found = { values: values.slice(0, Math.min(wanted, size)), vectors: new Float64Array(wanted * columns) };
  for (let axis = 0; axis < found.values.length; axis++) {
    const vector = vectors.subarray(axis * size, (axis + 1) * size);
    const direction = found.vectors.subarray(axis * columns, (axis + 1) * columns);
    if (!byRows) {
      direction.set(vector);
      continue;
    }
    if (!(values[axis]! > 0)) continue;
    for (let row = 0; row < rows; row++) {
      const share = vector[row]! / Math.sqrt(values[axis]!);
      for (let column = 0; column < columns; column++) direction[column]! += share * (data[row * columns + column]! - mean[column]!);
    }
  }
  return found;
}
