import { describe, expect, test } from "vitest";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { generator } from "../random/generator.ts";
import { project, type ProjectionMethod } from "./project.ts";
import { trustworthiness } from "./trustworthiness.plain.ts";

const METHODS: ProjectionMethod[] = ["PCA", "TSNE", "UMAP"];

/** Lumps, each stretched along three directions of its own. */
function lumps(rows: number, columns: number, seed: number): Matrix {
  const points = matrix(rows, columns);
  const { below, normal } = generator(seed);
  const centres = Float64Array.from({ length: 8 * columns }, normal);
  const axes = Float64Array.from({ length: 24 * columns }, normal);
  for (let row = 0; row < rows; row++) {
    const lump = below(8);
    const along = [normal(), normal(), normal()];
    for (let column = 0; column < columns; column++) {
      let value = 2 * centres[lump * columns + column]! + 0.05 * normal();
      along.forEach((distance, axis) => (value += 0.3 * distance * axes[(3 * lump + axis) * columns + column]!));
      points.data[row * columns + column] = value;
    }
  }
  return points;
}

describe("every method", () => {
  for (const method of METHODS) {
    test(`${method}: nothing, one, two, three and four rows, and rows that are all the same, give finite coordinates`, async () => {
      for (const rows of [0, 1, 2, 3, 4, 5, 40]) {
        for (const columns of [0, 1, 2, 5]) {
          for (const points of [matrix(rows, columns), lumps(rows, columns, rows)]) {
            const map = await project(points, method);
            expect([map.rows, map.columns]).toEqual([rows, 2]);
            expect(map.data.every(Number.isFinite)).toBe(true);
          }
        }
      }
    });

    test(`${method}: the same map again and on any thread count; progress ends at the end`, async () => {
      const points = lumps(200, 10, 1);
      const shares: number[] = [];
      const map = await project(points, method, { seed: 5, threads: 1, onProgress: (done, total) => shares.push(done / total) });
      expect(await project(points, method, { seed: 5, threads: 3 })).toEqual(map);
      expect(shares.at(-1)).toBe(1);
      expect(shares.every((share, index) => share >= 0 && share <= 1 && (index === 0 || share >= shares[index - 1]!))).toBe(true);
    });

    test(`${method}: an aborted signal rejects with its reason, a value that is not finite by its place`, async () => {
      await expect(project(lumps(50, 4, 1), method, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
      const points = lumps(50, 4, 1);
      points.data[13] = Number.NaN;
      await expect(project(points, method)).rejects.toThrow("row 3, column 1 is NaN");
    });
  }

  test("another name is refused", async () => {
    await expect(project(matrix(2, 2), "MDS" as "PCA")).rejects.toThrow("method must be PCA, TSNE or UMAP");
  });
});

describe("quality", () => {
  test("t-SNE and UMAP keep neighbourhoods: trustworthiness of at least 0.98 on lumps, better than PCA", async () => {
    const points = lumps(900, 24, 3);
    for (const method of ["TSNE", "UMAP"] as const) {
      const map = await project(points, method);
      const found = trustworthiness(points, map, 12);
      expect(found, method).toBeGreaterThan(0.98);
      expect(found, method).toBeGreaterThan(trustworthiness(points, await project(points, "PCA"), 12));
    }
  });

  test("a running layout can be aborted", async () => {
    const controller = new AbortController();
    const running = project(lumps(3000, 8, 1), "TSNE", { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 200);
    await expect(running).rejects.toThrow("enough");
  });
});

describe("PCA", () => {
  test("recovers the two axes of a flat cloud, with their spread, however it is turned", async () => {
    for (const [rows, columns] of [[300, 6], [5, 40]] as const) {
      const { normal } = generator(rows);
      const one = Float64Array.from({ length: columns }, normal);
      const two = Float64Array.from({ length: columns }, normal);
      const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, index) => sum + value * b[index]!, 0);
      const length = Math.sqrt(dot(one, one));
      one.forEach((value, index) => (one[index] = value / length));
      const along = dot(one, two);
      two.forEach((value, index) => (two[index] = value - along * one[index]!));
      const rest = Math.sqrt(dot(two, two));
      two.forEach((value, index) => (two[index] = value / rest));
      const points = matrix(rows, columns);
      for (let row = 0; row < rows; row++) {
        const [a, b] = [5 * normal(), normal()];
        for (let column = 0; column < columns; column++) points.data[row * columns + column] = 7 + a * one[column]! + b * two[column]!;
      }
      const map = await project(points, "PCA");
      // A flat cloud keeps all distances.
      for (let a = 0; a < Math.min(rows, 20); a++) {
        for (let b = 0; b < a; b++) {
          let square = 0;
          for (let column = 0; column < columns; column++) square += (points.data[a * columns + column]! - points.data[b * columns + column]!) ** 2;
          const mapped = (map.data[2 * a]! - map.data[2 * b]!) ** 2 + (map.data[2 * a + 1]! - map.data[2 * b + 1]!) ** 2;
          expect(Math.sqrt(mapped)).toBeCloseTo(Math.sqrt(square), 3);
        }
      }
      for (const axis of [0, 1]) {
        const values = Array.from({ length: rows }, (_, row) => map.data[2 * row + axis]!);
        expect(values.reduce((sum, value) => sum + value, 0) / rows).toBeCloseTo(0, 4);
        expect(Math.max(...values)).toBeGreaterThanOrEqual(-Math.min(...values));
      }
    }
  });

  test("one column: the centred values and zeros; constant columns change nothing", async () => {
    const points = matrix(4, 1);
    points.data.set([1, 2, 3, 10]);
    expect(Array.from((await project(points, "PCA")).data)).toEqual([-3, 0, -2, 0, -1, 0, 6, 0]);
    const wider = matrix(4, 3);
    points.data.forEach((value, row) => wider.data.set([9, value, -1], 3 * row));
    expect((await project(wider, "PCA")).data).toEqual((await project(points, "PCA")).data);
  });
});
