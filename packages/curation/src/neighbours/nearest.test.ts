import { expect, test } from "vitest";
import { squaredDistance } from "../kernels/distance.plain.ts";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { generator } from "../random/generator.ts";
import { nearestNeighbours } from "./nearest.ts";

/** Lumps stretched along a few directions each: what encoders give. */
function lumps(rows: number, columns: number, seed: number): Matrix {
  const points = matrix(rows, columns);
  const { below, normal } = generator(seed);
  const lumpCount = 20;
  const centres = Float64Array.from({ length: lumpCount * columns }, normal);
  const axes = Float64Array.from({ length: lumpCount * 5 * columns }, normal);
  for (let row = 0; row < rows; row++) {
    const lump = below(lumpCount);
    const along = Float64Array.from({ length: 5 }, () => 0.3 * normal());
    for (let column = 0; column < columns; column++) {
      let value = 3 * centres[lump * columns + column]!;
      for (let axis = 0; axis < 5; axis++) value += along[axis]! * axes[(lump * 5 + axis) * columns + column]!;
      points.data[row * columns + column] = value;
    }
  }
  return points;
}

test("exact is exact, ties by the lower row, on any thread count", async () => {
  const points = matrix(300, 5);
  const { below } = generator(2);
  for (let index = 0; index < points.data.length; index++) points.data[index] = below(4);
  const square = squaredDistance(points, "euclidean");
  const found = await nearestNeighbours(points, { k: 7, threads: 2 });
  for (let row = 0; row < 300; row++) {
    const others = Array.from({ length: 300 }, (_, other) => other).filter((other) => other !== row);
    others.sort((a, b) => square(row, a) - square(row, b) || a - b);
    expect(Array.from(found.ids.subarray(row * 7, row * 7 + 7))).toEqual(others.slice(0, 7));
    expect(found.distances[row * 7]).toBe(Math.fround(Math.sqrt(square(row, others[0]!))));
  }
  expect(await nearestNeighbours(points, { k: 7, threads: 1 })).toEqual(found);
});

test("approximate finds at least 95 in 100, the same on 1, 2 and 3 threads", async () => {
  const points = lumps(6000, 32, 1);
  const truth = await nearestNeighbours(points, { k: 15, search: "exact" });
  const found = await nearestNeighbours(points, { k: 15, search: "approximate", threads: 1 });
  let hits = 0;
  for (let row = 0; row < 6000; row++) {
    const right = new Set(truth.ids.subarray(row * 15, row * 15 + 15));
    for (const id of found.ids.subarray(row * 15, row * 15 + 15)) if (right.has(id)) hits++;
  }
  expect(hits / truth.ids.length).toBeGreaterThan(0.95);
  for (const threads of [2, 3]) expect(await nearestNeighbours(points, { k: 15, search: "approximate", threads })).toEqual(found);
});

test("states its recall, and searches exactly where that is too low", async () => {
  const { normal } = generator(9);
  const isotropic = matrix(3000, 64);
  for (let index = 0; index < isotropic.data.length; index++) isotropic.data[index] = normal();
  const truth = await nearestNeighbours(isotropic, { k: 15, search: "exact" });
  expect(truth.recall).toBe(1);
  const found = await nearestNeighbours(isotropic, { k: 15, search: "approximate" });
  let hits = 0;
  found.ids.forEach((id, index) => (hits += truth.ids.subarray(index - (index % 15), index - (index % 15) + 15).includes(id) ? 1 : 0));
  expect(found.recall).toBeLessThan(0.95);
  // 1,920 entries of 128 rows say it within a few hundredths.
  expect(Math.abs(found.recall - hits / truth.ids.length)).toBeLessThan(0.05);
  expect(await nearestNeighbours(isotropic, { k: 15, search: "approximate", recallMin: 0.95 })).toEqual(truth);
  await expect(nearestNeighbours(isotropic, { k: 15, recallMin: 2 })).rejects.toThrow("recallMin must be between 0 and 1, got 2");
});

test("few rows and copies", async () => {
  expect((await nearestNeighbours(matrix(0, 3), { k: 4 })).k).toBe(0);
  expect((await nearestNeighbours(matrix(1, 3), { k: 4 })).k).toBe(0);
  expect(Array.from((await nearestNeighbours(matrix(3, 3), { k: 4 })).ids)).toEqual([1, 2, 0, 2, 0, 1]);
  const copies = await nearestNeighbours(matrix(500, 3), { k: 4, search: "approximate" });
  expect(copies.recall).toBe(1);
  expect(copies.distances.every((distance) => distance === 0)).toBe(true);
  await expect(nearestNeighbours(matrix(3, 3), { k: 0 })).rejects.toThrow("k must be");
});

test("exact is exact where pairs are ruled out by shadows, by tiles or not at all", async () => {
  const { normal } = generator(6);
  for (const [rows, columns, kind] of [[1500, 24, "lumps"], [1501, 64, "isotropic"], [1203, 31, "isotropic"], [1100, 8, "copies"], [1027, 12, "far"]] as const) {
    const points = kind === "lumps" ? lumps(rows, columns, 3) : matrix(rows, columns);
    if (kind !== "lumps") for (let index = 0; index < points.data.length; index++) points.data[index] = kind === "copies" ? Math.round(0.6 * normal()) : normal() + (kind === "far" ? 1000 : 0);
    const square = squaredDistance(points, "euclidean");
    const found = await nearestNeighbours(points, { k: 5, search: "exact", threads: 1 });
    for (let row = 0; row < rows; row += 13) {
      const squares = Array.from({ length: rows }, (_, other) => (other === row ? Infinity : square(row, other))).sort((a, b) => a - b);
      for (let rank = 0; rank < 5; rank++) {
        expect(found.distances[row * 5 + rank], `${kind}, row ${row}, rank ${rank}`).toBeCloseTo(Math.sqrt(squares[rank]!), 4);
        if (kind === "copies" && rank > 0 && squares[rank] === squares[rank - 1]) expect(found.ids[row * 5 + rank]).toBeGreaterThan(found.ids[row * 5 + rank - 1]!);
      }
    }
    expect(await nearestNeighbours(points, { k: 5, search: "exact", threads: 2 })).toEqual(found);
  }
});
