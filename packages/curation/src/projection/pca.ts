import { matrix, type Matrix } from "../matrix/matrix.ts";
import { allDirections } from "./all-directions.ts";
import { leadingDirections } from "./leading-directions.ts";
import type { ProjectionOptions } from "./project.ts";

export interface PcaOptions extends ProjectionOptions {
  /** How well the definition of a direction must hold beyond 96 rows and columns, as a share of the largest variance; default 10⁻⁹. */
  readonly tolerance?: number;
}

/** Up to so many directions in all, finding all of them is quickest. */
const ALL_MAX = 96;

/**
 * Principal component analysis (Pearson 1901): the two directions of largest variance, computed in float64. Up to 96 rows or
 * columns all directions are computed and the first two taken. Beyond that only the leading ones are sought, until the
 * definition of a principal direction holds to 10⁻⁹ of the largest variance; where that isn't reached, all are computed.
 * Coordinates are in the units of the input, centred at 0; a missing second direction (one column, one row, all rows on a
 * line) is 0.
 *
 * The sign of a direction is free; here the coordinate of largest magnitude is positive (ties: the lowest row), so that
 * the same rows give the same map everywhere.
 */
export async function pca(points: Matrix, options: PcaOptions): Promise<Matrix> {
  return (await fitPca(points, options)).map;
}

/** The map of {@link pca}, the mean of the columns, and the two axes as 2 × columns: unit length, with the signs of the map, or 0. */
export async function fitPca(points: Matrix, options: PcaOptions): Promise<{ map: Matrix; mean: Float64Array; axes: Float64Array }> {
  const { data, rows, columns } = points;
  const result = matrix(rows, 2);
  const mean = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) mean[column]! += data[row * columns + column]!;
  }
  for (let column = 0; column < columns; column++) mean[column]! /= rows;

  const size = Math.min(rows, columns);
  const { values, vectors } = (size > ALL_MAX ? await leadingDirections(points, mean, 2, options) : undefined) ?? (await allDirections(points, mean, 2, options));
  const axes = new Float64Array(2 * columns);
  for (let axis = 0; axis < values.length; axis++) {
    // Variance that is nothing but rounding is no direction: the coordinate stays 0.
    if (!(values[axis]! > values[0]! * size * Number.EPSILON) || values[axis]! <= 0) continue;
    const vector = vectors.subarray(axis * columns, (axis + 1) * columns);
    const coordinates = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let column = 0; column < columns; column++) sum += (data[row * columns + column]! - mean[column]!) * vector[column]!;
      coordinates[row] = sum;
    }
    let largest = 0;
    for (let row = 1; row < rows; row++) {
      if (Math.abs(coordinates[row]!) > Math.abs(coordinates[largest]!) * (1 + 1e-9)) largest = row;
    }
    const sign = coordinates[largest]! < 0 ? -1 : 1;
    for (let row = 0; row < rows; row++) result.data[2 * row + axis] = sign * coordinates[row]!;
    for (let column = 0; column < columns; column++) axes[axis * columns + column] = sign * vector[column]!;
  }
  options.onProgress?.(1, 1);
  return { map: result, mean, axes };
}
