import { matrix, type Matrix } from "../matrix/matrix.ts";
import { yielder } from "../pool/yielder.ts";
import type { ProjectionOptions } from "./project.ts";
import { leadingDirections } from "./leading-directions.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** Up to so many rows or columns the whole covariance is quicker than steps towards its first two directions. */
const wholeMax = 160;

/**
 * Principal component analysis (Pearson 1901): the two directions of largest variance, in float64: from the covariance
 * (from the Gram matrix when there are fewer rows than columns), or, where both are many, by {@link leadingDirections},
 * to 1e-13 of the largest variance. Coordinates are in the units of the input, centred at 0; a missing second direction
 * (one column, one row, all rows on a line) is 0.
 *
 * The sign of a direction is free; here the coordinate of largest magnitude is positive (ties: the lowest row), so that
 * the same rows give the same map everywhere.
 */
export async function pca(points: Matrix, options: ProjectionOptions): Promise<Matrix> {
  return (await fitPca(points, options)).map;
}

/** The map of {@link pca}, the mean of the columns, and the two axes as 2 × columns: unit length, with the signs of the map, or 0. */
export async function fitPca(points: Matrix, options: ProjectionOptions): Promise<{ map: Matrix; mean: Float64Array; axes: Float64Array }> {
  const { data, rows, columns } = points;
  const rest = yielder(options.signal);
  const result = matrix(rows, 2);
  const mean = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) mean[column]! += data[row * columns + column]!;
  }
  for (let column = 0; column < columns; column++) mean[column]! /= rows;

  const axes = new Float64Array(2 * columns);
  const size = Math.min(rows, columns);
  const total = rows * 2;
  if (size > wholeMax) {
    const found = await leadingDirections(points, mean, 2, rest, (share) => options.onProgress?.(Math.min(total - 1, Math.floor(share * total)), total));
    for (const [axis, vector] of found.vectors.entries()) {
      axes.set(vector, axis * columns);
      const coordinates = new Float64Array(rows);
      for (let row = 0; row < rows; row++) {
        let sum = 0;
        for (let column = 0; column < columns; column++) sum += (data[row * columns + column]! - mean[column]!) * vector[column]!;
        coordinates[row] = sum;
      }
      const sign = signOf(coordinates);
      for (let row = 0; row < rows; row++) result.data[2 * row + axis] = sign * coordinates[row]!;
      if (sign < 0) for (let column = 0; column < columns; column++) axes[axis * columns + column]! *= -1;
      await rest();
    }
    options.onProgress?.(total, total);
    return { map: result, mean, axes };
  }

  const byRows = rows < columns;
  const products = new Float64Array(size * size);
  const centred = new Float64Array(columns);
  if (byRows) {
    const all = new Float64Array(rows * columns);
    for (let index = 0; index < all.length; index++) all[index] = data[index]! - mean[index % columns]!;
    for (let a = 0; a < rows; a++) {
      for (let b = 0; b <= a; b++) {
        let sum = 0;
        for (let column = 0; column < columns; column++) sum += all[a * columns + column]! * all[b * columns + column]!;
        products[a * size + b] = products[b * size + a] = sum;
      }
      if (await rest()) options.onProgress?.(a, total);
    }
  } else {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) centred[column] = data[row * columns + column]! - mean[column]!;
      for (let a = 0; a < columns; a++) {
        const value = centred[a]!;
        const start = a * columns;
        for (let b = 0; b <= a; b++) products[start + b]! += value * centred[b]!;
      }
      if (await rest()) options.onProgress?.(row, total);
    }
    for (let a = 0; a < columns; a++) for (let b = 0; b < a; b++) products[b * columns + a] = products[a * columns + b]!;
  }

  const { values, vectors } = symmetricEigen(products, size);
  for (let axis = 0; axis < Math.min(2, size); axis++) {
    // Variance that is nothing but rounding is no direction: the coordinate stays 0.
    if (!(values[axis]! > values[0]! * size * Number.EPSILON) || values[axis]! <= 0) continue;
    const vector = vectors.subarray(axis * size, (axis + 1) * size);
    const coordinates = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      if (byRows) {
        coordinates[row] = vector[row]! * Math.sqrt(values[axis]!);
        continue;
      }
      let sum = 0;
      for (let column = 0; column < columns; column++) sum += (data[row * columns + column]! - mean[column]!) * vector[column]!;
      coordinates[row] = sum;
    }
    const sign = signOf(coordinates);
    for (let row = 0; row < rows; row++) result.data[2 * row + axis] = sign * coordinates[row]!;
    if (!byRows) {
      for (let column = 0; column < columns; column++) axes[axis * columns + column] = sign * vector[column]!;
      continue;
    }
    for (let row = 0; row < rows; row++) {
      const share = (sign * vector[row]!) / Math.sqrt(values[axis]!);
      for (let column = 0; column < columns; column++) axes[axis * columns + column]! += share * (data[row * columns + column]! - mean[column]!);
    }
  }
  options.onProgress?.(total, total);
  return { map: result, mean, axes };
}

/** What makes the coordinate of largest magnitude positive; of those that are as large up to rounding, the first counts. */
function signOf(coordinates: Float64Array): 1 | -1 {
  let largest = 0;
  for (let row = 1; row < coordinates.length; row++) {
    if (Math.abs(coordinates[row]!) > Math.abs(coordinates[largest]!) * (1 + 1e-9)) largest = row;
  }
  return coordinates[largest]! < 0 ? -1 : 1;
}
