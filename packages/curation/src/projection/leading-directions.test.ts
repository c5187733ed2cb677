import { describe, expect, test } from "vitest";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { generator } from "../random/generator.ts";
import { leadingDirections } from "./leading-directions.ts";
import { fitPca } from "./pca.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

function meanOf({ data, rows, columns }: Matrix): Float64Array {
  const mean = new Float64Array(columns);
  data.subarray(0, rows * columns).forEach((value, index) => (mean[index % columns]! += value));
  return mean.map((sum) => sum / rows);
}

/** The plain way: all eigenvectors of the whole covariance. */
function plain(points: Matrix, mean: Float64Array) {
  const { data, rows, columns } = points;
  const products = new Float64Array(columns * columns);
  for (let row = 0; row < rows; row++) {
    for (let a = 0; a < columns; a++) for (let b = 0; b < columns; b++) products[a * columns + b]! += (data[row * columns + a]! - mean[a]!) * (data[row * columns + b]! - mean[b]!);
  }
  return symmetricEigen(products, columns);
}

const clouds: Record<string, (rows: number, columns: number) => Matrix> = {
  "a stretched cloud": (rows, columns) => filled(rows, columns, (normal, column) => normal() * 0.9 ** column + 3),
  "lumps": (rows, columns) => {
    const { normal } = generator(3);
    const centres = Array.from({ length: 5 }, () => Float64Array.from({ length: columns }, () => 4 * normal()));
    const points = matrix(rows, columns);
    for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) points.data[row * columns + column] = centres[row % 5]![column]! + 0.3 * normal();
    return points;
  },
  "a cloud that is alike in all directions": (rows, columns) => filled(rows, columns, (normal) => normal()),
  "a large offset": (rows, columns) => filled(rows, columns, (normal, column) => 10_000 + normal() * (column < 3 ? 3 : 1)),
};

function filled(rows: number, columns: number, value: (normal: () => number, column: number) => number): Matrix {
  const { normal } = generator(rows + columns);
  const points = matrix(rows, columns);
  for (let index = 0; index < rows * columns; index++) points.data[index] = value(normal, index % columns);
  return points;
}

const never = () => false;

describe("the first directions of wide rows", () => {
  test.each(Object.keys(clouds))("%s: those of the whole covariance, with their variances", async (name) => {
    for (const [rows, columns] of [[220, 170], [120, 190], [30, 60]] as const) {
      const points = clouds[name]!(rows, columns);
      const mean = meanOf(points);
      const whole = plain(points, mean);
      const found = await leadingDirections(points, mean, 3, never, () => undefined);
      for (const [place, vector] of found.vectors.entries()) {
        expect(Math.abs(found.values[place]! - whole.values[place]!) / whole.values[0]!, `${rows} × ${columns}, ${place}`).toBeLessThan(1e-11);
        const along = Math.abs(vector.reduce((sum, value, column) => sum + value * whole.vectors[place * columns + column]!, 0));
        expect(1 - along, `${rows} × ${columns}, ${place}`).toBeLessThan(1e-9);
      }
      expect(found.vectors).toHaveLength(3);
    }
  });

  test("two directions of the very same variance are both found, at right angles", async () => {
    const points = matrix(8, 200);
    for (let row = 0; row < 8; row++) points.data[row * 200 + (row >> 1)] = row % 2 === 0 ? 5 : -5;
    const { values, vectors } = await leadingDirections(points, meanOf(points), 2, never, () => undefined);
    expect(values).toEqual([expect.closeTo(50, 9), expect.closeTo(50, 9)]);
    expect(vectors[0]!.reduce((sum, value, column) => sum + value * vectors[1]![column]!, 0)).toBeCloseTo(0, 12);
  });

  test("rows on a line have one, equal rows none", async () => {
    const line = matrix(300, 200);
    for (let row = 0; row < 300; row++) for (let column = 0; column < 200; column++) line.data[row * 200 + column] = row * (column % 7) + 1;
    expect((await leadingDirections(line, meanOf(line), 2, never, () => undefined)).vectors).toHaveLength(1);
    const equal = matrix(300, 200);
    equal.data.fill(0.25);
    expect((await leadingDirections(equal, meanOf(equal), 2, never, () => undefined)).vectors).toHaveLength(0);
  });

  test("PCA of wide rows has the coordinates of the whole covariance; progress grows and ends; it can be cancelled", async () => {
    const points = clouds["lumps"]!(400, 180);
    const mean = meanOf(points);
    const whole = plain(points, mean);
    const shares: number[] = [];
    const { map } = await fitPca(points, { onProgress: (done, total) => shares.push(done / total) });
    for (let axis = 0; axis < 2; axis++) {
      const coordinates = Array.from({ length: 400 }, (_, row) => whole.vectors.subarray(axis * 180, (axis + 1) * 180).reduce((sum, value, column) => sum + value * (points.data[row * 180 + column]! - mean[column]!), 0));
      const sign = Math.sign(coordinates.reduce((far, value) => (Math.abs(value) > Math.abs(far) * (1 + 1e-9) ? value : far), 0));
      coordinates.forEach((value, row) => expect(map.data[2 * row + axis]).toBeCloseTo(sign * value, 4));
    }
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await expect(fitPca(clouds["a cloud that is alike in all directions"]!(3_000, 400), { signal: stop.signal })).rejects.toThrow("enough");
  });
});
