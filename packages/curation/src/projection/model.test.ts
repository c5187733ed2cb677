import { describe, expect, test } from "vitest";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { generator } from "../random/generator.ts";
import { fitProjection, placePoints, type ProjectionModel } from "./model.ts";
import { pca } from "./pca.ts";
import { project } from "./project.ts";
import { trustworthiness } from "./trustworthiness.plain.ts";

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

function part({ data, columns }: Matrix, from: number, to: number): Matrix {
  const points = matrix(to - from, columns);
  points.data.set(data.subarray(from * columns, to * columns));
  return points;
}

describe("PCA", () => {
  test("places what was fitted where the map has it, more or fewer columns than rows", async () => {
    for (const [rows, columns] of [[200, 10], [12, 60], [2, 3], [1, 4]] as const) {
      const points = lumps(rows, columns, 2);
      const { model, map } = await fitProjection(points, "PCA");
      expect(map).toEqual(await project(points, "PCA"));
      const placed = await placePoints(model, points);
      placed.data.forEach((value, index) => expect(value).toBeCloseTo(map.data[index]!, 4));
    }
  });
});

describe("UMAP", () => {
  test("new points lie among their neighbours as well as if they had been there from the start", async () => {
    const all = lumps(1200, 24, 3);
    const { model, map } = await fitProjection(part(all, 0, 900), "UMAP");
    expect(map).toEqual(await project(part(all, 0, 900), "UMAP"));
    const placed = await placePoints(model, part(all, 900, 1200));
    const together = matrix(1200, 2);
    together.data.set(map.data);
    together.data.set(placed.data, 1800);
    const found = trustworthiness(all, together, 12);
    expect(found).toBeGreaterThan(0.97);
    expect(found).toBeGreaterThan(trustworthiness(all, await project(all, "UMAP"), 12) - 0.02);
  });

  test("begun with the map that it would make itself, it is the same map; begun with the exact one, as good a map", async () => {
    const points = lumps(300, 20, 6);
    const own = (await fitProjection(points, "UMAP", { seed: 3 })).map;
    expect((await fitProjection(points, "UMAP", { seed: 3, start: await pca(points, { tolerance: 1e-4 }) })).map).toEqual(own);
    const { map: start } = await fitProjection(points, "PCA");
    const begun = (await fitProjection(points, "UMAP", { seed: 3, start })).map;
    expect((await fitProjection(points, "UMAP", { seed: 3, start, threads: 1 })).map).toEqual(begun);
    expect(trustworthiness(points, begun, 12)).toBeGreaterThan(trustworthiness(points, own, 12) - 0.02);
    await expect(fitProjection(part(points, 0, 200), "UMAP", { start })).rejects.toThrow("start must be 200 × 2, got 300 × 2");
    await expect(project(part(points, 0, 200), "TSNE", { start })).rejects.toThrow("start must be 200 × 2, got 300 × 2");
  });

  test("a point's place is its own: alone, among others, on any thread count, from a model that was kept", async () => {
    const all = lumps(500, 12, 4);
    const { model, map } = await fitProjection(part(all, 0, 400), "UMAP", { seed: 7 });
    const placed = await placePoints(model, part(all, 400, 500), { threads: 1 });
    expect(await placePoints(structuredClone(model) as ProjectionModel, part(all, 400, 500), { threads: 3 })).toEqual(placed);
    const alone = await placePoints(model, part(all, 450, 451));
    expect(Array.from(alone.data)).toEqual(Array.from(placed.data.subarray(100, 102)));
    const copy = await placePoints(model, part(all, 5, 6));
    expect(Array.from(copy.data)).toEqual(Array.from(map.data.subarray(10, 12)));
    expect((await placePoints(model, matrix(0, 12))).rows).toBe(0);
    // So many take turns.
    const many = lumps(4_500, 12, 8);
    const turns = await placePoints(model, many);
    expect(Array.from((await placePoints(model, part(many, 4_000, 4_200))).data)).toEqual(Array.from(turns.data.subarray(8_000, 8_400)));
  });
});

test("what is wrong is named", async () => {
  const { model } = await fitProjection(lumps(30, 4, 1), "UMAP");
  await expect(placePoints(model, matrix(2, 5))).rejects.toThrow("the model's 4 columns, got 5");
  const points = matrix(2, 4);
  points.data[5] = Number.NaN;
  await expect(placePoints(model, points)).rejects.toThrow("row 1, column 1 is NaN");
  await expect(fitProjection(matrix(0, 4), "PCA")).rejects.toThrow("at least one row");
  await expect(fitProjection(points, "TSNE" as "PCA")).rejects.toThrow("method must be PCA or UMAP");
});
