import { expect, test } from "vitest";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { nearestNeighbours } from "../neighbours/nearest.ts";
import { generator } from "../random/generator.ts";
import { condensedTree, mostStable } from "./condensed-tree.ts";
import { densityClusters } from "./density.ts";

/** Two rings, one in the other, a tight lump, and rows strewn all over. */
function scene(seed: number): { points: Matrix; truth: number[] } {
  const { unit, normal } = generator(seed);
  const truth: number[] = [];
  const places: number[] = [];
  const put = (part: number, x: number, y: number): void => {
    truth.push(part);
    places.push(x, y);
  };
  for (let index = 0; index < 400; index++) put(0, 10 * Math.cos(index) + 0.2 * normal(), 10 * Math.sin(index) + 0.2 * normal());
  for (let index = 0; index < 200; index++) put(1, 4 * Math.cos(index) + 0.2 * normal(), 4 * Math.sin(index) + 0.2 * normal());
  for (let index = 0; index < 100; index++) put(2, 20 + 0.5 * normal(), 0.5 * normal());
  for (let index = 0; index < 40; index++) put(3, 80 * unit() - 40, 80 * unit() - 40);
  const points = matrix(truth.length, 2);
  points.data.set(places);
  return { points, truth };
}

test("finds rings and lumps, in order of size, and leaves noise alone; the same on any thread count", async () => {
  const { points, truth } = scene(1);
  const { labels, strengths, sizes } = await densityClusters(points, { threads: 1 });
  expect(sizes.length).toBe(3);
  let right = 0;
  truth.forEach((part, row) => (right += labels[row] === (part === 3 ? -1 : part) ? 1 : 0));
  expect(right / truth.length).toBeGreaterThan(0.97);
  strengths.forEach((strength, row) => expect(labels[row] === -1 ? strength === 0 : strength > 0 && strength <= 1).toBe(true));
  expect(await densityClusters(points, { threads: 3 })).toEqual({ labels, strengths, sizes });
  const graph = await nearestNeighbours(points, { k: 15 });
  expect((await densityClusters(points, { graph })).labels).toEqual(labels);
});

test("the hierarchy of a hand-made tree", () => {
  // Rows 0 1 2 and 3 4 5 lie close together, the two threes 10 apart, row 6 another 40 away.
  const tree = condensedTree({ from: Uint32Array.of(0, 1, 3, 4, 2, 5), to: Uint32Array.of(1, 2, 4, 5, 3, 6), heights: Float32Array.of(1, 1, 2, 2, 10, 40) }, 7, 3);
  expect(Array.from(tree.parents)).toEqual([-1, 0, 0]);
  expect(tree.births[1]).toBeCloseTo(0.1, 6);
  expect(tree.stabilities[1]! + tree.stabilities[2]!).toBeCloseTo(3 * (1 - 0.1) + 3 * (0.5 - 0.1), 6);
  expect(tree.leaves[6]).toBeCloseTo(1 / 40, 6);
  expect(Array.from(mostStable(tree))).toEqual([0, 1, 1]);
});

test("lumps that no list of neighbours joins, copies, few rows", async () => {
  const points = matrix(120, 3);
  for (let row = 0; row < 120; row++) points.data[3 * row] = 100 * Math.floor(row / 40);
  expect(Array.from((await densityClusters(points)).sizes)).toEqual([40, 40, 40]);
  for (const rows of [0, 1, 2, 14]) expect((await densityClusters(matrix(rows, 2))).labels.every((label) => label === -1)).toBe(true);
});

test("what is wrong is named; an aborted signal rejects with its reason", async () => {
  await expect(densityClusters(matrix(3, 1), { sizeMin: 1 })).rejects.toThrow("sizeMin");
  await expect(densityClusters(matrix(3, 1), { neighbours: 0 })).rejects.toThrow("neighbours must");
  await expect(densityClusters(matrix(3, 1), { graph: { k: 1, ids: new Uint32Array(3), distances: new Float32Array(3), recall: 1 } })).rejects.toThrow("the graph must hold at least 2");
  await expect(densityClusters(matrix(3, 1), { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
});
