import fc from "fast-check";
import { expect, test } from "vitest";
import { matrix } from "../matrix/matrix.ts";
import { generator } from "../random/generator.ts";
import { groupsFromPairs } from "./groups.ts";
import { nearDuplicates } from "./near-duplicates.ts";
import { plainNearDuplicates } from "./near-duplicates.plain.ts";

const counting = (size: number): Uint32Array => Uint32Array.from({ length: size }, (_, row) => row);

test("the groups are those of all pairs in float64", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        rows: fc.integer({ min: 0, max: 60 }), columns: fc.integer({ min: 1, max: 20 }), seed: fc.nat(), values: fc.integer({ min: 2, max: 4 }),
        threshold: fc.constantFrom(0, 0.001, 0.1, 0.3, 1, 2), metric: fc.constantFrom("cosine" as const, "euclidean" as const),
      }),
      async ({ rows, columns, seed, values, threshold, metric }) => {
        const points = matrix(rows, columns);
        const { below } = generator(seed);
        for (let index = 0; index < points.data.length; index++) points.data[index] = below(values);
        expect(await nearDuplicates(points, { threshold, metric })).toEqual(plainNearDuplicates(points, counting(rows), threshold, metric));
      },
    ),
    { numRuns: 300 },
  );
});

test("and so with many copies and near-copies among 1,500 × 40, on 1, 2 and 3 threads, for a query too", async () => {
  const points = matrix(1500, 40);
  const { below, normal } = generator(8);
  for (let row = 0; row < 1500; row++) {
    const original = row > 0 && below(3) === 0 ? below(Math.min(row, 30)) : -1;
    for (let column = 0; column < 40; column++) {
      points.data[row * 40 + column] = original >= 0 ? points.data[original * 40 + column]! + 0.03 * below(2) * normal() : normal();
    }
  }
  const truth = plainNearDuplicates(points, counting(1500), 0.002, "cosine");
  expect(truth.length).toBeGreaterThan(10);
  for (const threads of [1, 2, 3]) expect(await nearDuplicates(points, { threshold: 0.002, threads })).toEqual(truth);
  const query = counting(1500).filter((row) => row % 2 === 0);
  expect(await nearDuplicates(points, { threshold: 0.002, query })).toEqual(plainNearDuplicates(points, query, 0.002, "cosine"));
});

test("groups come by their first member, members ascending", () => {
  expect(groupsFromPairs(7, [5, 1, 6, 5, 4, 2])).toEqual([Uint32Array.of(1, 5, 6), Uint32Array.of(2, 4)]);
  expect(groupsFromPairs(3, [])).toEqual([]);
});

test("what is wrong is named", async () => {
  await expect(nearDuplicates(matrix(2, 2), { threshold: -1 })).rejects.toThrow("threshold");
  await expect(nearDuplicates(matrix(2, 2), { threshold: 0, query: Uint32Array.of(2) })).rejects.toThrow("query has ordinal 2");
  await expect(nearDuplicates(matrix(2, 2), { threshold: 0, signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
});
