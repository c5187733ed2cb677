import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { nearestNeighbours } from "../neighbours/nearest.ts";
import { generator } from "../random/generator.ts";
import { outlierFactors, outlierScores, typicality } from "./neighbour-scores.ts";

/** A dense and a sparse lump, then one row between them. */
function scene(): Matrix {
  const points = matrix(401, 2);
  const { normal } = generator(5);
  for (let row = 0; row < 400; row++) {
    const wide = row < 200 ? 0.1 : 2;
    points.data.set([(row < 200 ? 0 : 30) + wide * normal(), wide * normal()], 2 * row);
  }
  points.data.set([2, 2], 800);
  return points;
}

test("typicality: the dense lump before the sparse one, the middle before the edge; the median row at one half", async () => {
  const points = scene();
  const scores = typicality(await nearestNeighbours(points, { k: 10 }));
  const mean = (from: number, to: number): number => scores.subarray(from, to).reduce((sum, score) => sum + score, 0) / (to - from);
  expect(mean(0, 200)).toBeGreaterThan(mean(200, 400));
  expect(scores.slice().sort()[200]).toBeCloseTo(0.5, 5);
  // The unit of the points doesn't matter.
  const larger = matrix(401, 2);
  larger.data.set(points.data.map((value) => 64 * value));
  expect(typicality(await nearestNeighbours(larger, { k: 10 }))).toEqual(scores);
});

test("both outlier scores: the lone row first, both lumps alike however dense", async () => {
  const neighbours = await nearestNeighbours(scene(), { k: 10 });
  for (const scores of [outlierFactors(neighbours), outlierScores(neighbours)]) {
    expect(scores.indexOf(scores.reduce((most, score) => Math.max(most, score), 0))).toBe(400);
  }
  const factors = outlierFactors(neighbours);
  const middle = (from: number): number => factors.slice(from, from + 200).sort()[100]!;
  expect(middle(0)).toBeCloseTo(1, 1);
  expect(middle(200)).toBeCloseTo(1, 1);
  expect(outlierScores(neighbours)[400]).toBeGreaterThan(0.95);
});

test("the factor of four rows on a line, by hand", async () => {
  const points = matrix(4, 1);
  points.data.set([0, 1, 2, 10]);
  // k = 2: r = (2 + 1) / … worked out from the definition: k-distances 2, 1, 2, 9.
  const r = [(1 + 2) / 2, (2 + 2) / 2, (1 + 2) / 2, (8 + 9) / 2];
  const lists = [[1, 2], [0, 2], [1, 0], [2, 1]];
  const factors = outlierFactors(await nearestNeighbours(points, { k: 2 }));
  lists.forEach((list, row) => expect(factors[row]).toBeCloseTo(list.reduce((sum, other) => sum + r[row]! / r[other]! / 2, 0), 5));
});

describe("ranges", () => {
  test("hold for anything, copies included", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }), fc.nat(), async (rows, values, k, seed) => {
        const points = matrix(rows, 2);
        const { below } = generator(seed);
        for (let index = 0; index < points.data.length; index++) points.data[index] = below(values);
        const neighbours = await nearestNeighbours(points, { k });
        expect(typicality(neighbours).every((score) => score >= 0 && score <= 1)).toBe(true);
        expect(outlierScores(neighbours).every((score) => score >= 0 && score <= 1)).toBe(true);
        expect(outlierFactors(neighbours).every((score) => score > 0 && Number.isFinite(score))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
