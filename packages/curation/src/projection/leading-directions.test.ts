import { describe, expect, test } from "vitest";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { generator } from "../random/generator.ts";
import { allDirections } from "./all-directions.ts";
import { leadingDirections } from "./leading-directions.ts";
import { fitPca } from "./pca.ts";

/** Rows whose columns have the given deviations, around a mean that isn't 0, in turned coordinates. */
function rowsWith(rows: number, columns: number, deviationOf: (column: number) => number): Matrix {
  const { normal } = generator(rows + columns);
  const points = matrix(rows, columns);
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) points.data[row * columns + column] = 3 + deviationOf(column) * normal();
  return points;
}

function meanOf({ data, rows, columns }: Matrix): Float64Array {
  const mean = new Float64Array(columns);
  for (let index = 0; index < data.length; index++) mean[index % columns]! += data[index]! / rows;
  return mean;
}

const cosine = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, index) => sum + value * b[index]!, 0);

describe("the leading directions are those of the plain way", () => {
  test.each([
    ["falling variances, more rows than columns", rowsWith(400, 150, (column) => 1 / (1 + column))],
    ["falling variances, more columns than rows", rowsWith(150, 400, (column) => 1 / (1 + column / 3))],
    ["nearly round, where directions are hard to tell apart", rowsWith(500, 120, () => 1)],
    ["two directions and nothing else", rowsWith(300, 200, (column) => (column === 7 ? 5 : column === 100 ? 2 : 0))],
  ])("%s", async (_, points) => {
    const mean = meanOf(points);
    const [fast, plain] = [await leadingDirections(points, mean, 2), await allDirections(points, mean, 2)];
    expect(fast).toBeDefined();
    const { columns } = points;
    for (const axis of [0, 1]) {
      expect(Math.abs(fast!.values[axis]! / plain.values[axis]! - 1)).toBeLessThan(1e-9);
      const of = ({ vectors }: { vectors: Float64Array }) => vectors.subarray(axis * columns, (axis + 1) * columns);
      expect(1 - Math.abs(cosine(of(fast!), of(plain)))).toBeLessThan(1e-9);
    }
    expect(await leadingDirections(points, mean, 2)).toEqual(fast);
  });

  test("equal variances: any two directions of the plane will do, and both are found", async () => {
    // Two columns that hold the same numbers in another order, at right angles.
    const points = matrix(400, 130);
    for (let row = 0; row < 400; row++) {
      points.data[row * 130 + 3] = row < 200 ? (row % 2 === 0 ? 1 : -1) : 0;
      points.data[row * 130 + 90] = row < 200 ? 0 : row % 2 === 0 ? 1 : -1;
    }
    const { values, vectors } = (await leadingDirections(points, meanOf(points), 2))!;
    expect([...values].map((value) => value.toFixed(6))).toEqual(["200.000000", "200.000000"]);
    for (const axis of [0, 1]) expect(Math.hypot(vectors[axis * 130 + 3]!, vectors[axis * 130 + 90]!)).toBeCloseTo(1, 9);
  });
});

test("rows on a line have no second direction, and equal rows none", async () => {
  const line = matrix(200, 120);
  for (let row = 0; row < 200; row++) for (let column = 0; column < 120; column++) line.data[row * 120 + column] = row * (column % 7);
  const { map, axes } = await fitPca(line, {});
  expect(map.data.filter((_, index) => index % 2 === 1).every((value) => Math.abs(value) < 1e-6)).toBe(true);
  expect(Math.hypot(...axes.subarray(0, 120))).toBeCloseTo(1, 9);
  const equal = matrix(200, 120);
  equal.data.fill(0.5);
  expect((await fitPca(equal, {})).map.data.every((value) => value === 0)).toBe(true);
});

test("it stops when asked to", async () => {
  const points = rowsWith(2000, 600, () => 1);
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error("enough")), 30);
  await expect(leadingDirections(points, meanOf(points), 2, { signal: stop.signal })).rejects.toThrow("enough");
});
