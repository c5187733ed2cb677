import { matrix } from "@winnow/curation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { made } from "../testing/made-facts.ts";
import { nearestDistances, nearestDistancesAmong } from "./distances.ts";

function cloud(rows: number, columns: number, seed: number) {
  const points = matrix(rows, columns);
  const random = made(seed);
  for (let i = 0; i < points.data.length; i++) points.data[i] = random();
  return points;
}

function distance(points: ReturnType<typeof cloud>, a: number, b: number): number {
  let square = 0;
  for (let j = 0; j < points.columns; j++) square += (points.data[a * points.columns + j]! - points.data[b * points.columns + j]!) ** 2;
  return Math.sqrt(square);
}

describe("nearestDistances", () => {
  it("gives each row the least distance to any other, over all of them or some", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 1, max: 9 }), fc.integer(), async (rows, columns, seed) => {
        const points = cloud(rows, columns, seed);
        const some = Array.from({ length: rows }, (_, i) => i).filter((i) => i % 3 !== 1);
        // Picks come in the order of picking, and may be all there is.
        const backwards = Array.from({ length: rows }, (_, i) => rows - 1 - i);
        for (const wanted of [undefined, some, backwards]) {
          const { distances, search } = await nearestDistances(points, wanted ? { rows: wanted } : {});
          const among = wanted ?? Array.from({ length: rows }, (_, i) => i);
          expect(search).toEqual({ compared: among.length, total: among.length, exact: true });
          for (const [i, row] of among.entries()) {
            const others = among.filter((other) => other !== row).map((other) => distance(points, row, other));
            if (others.length === 0) expect(distances[i]).toBeNaN();
            else expect(distances[i]).toBeCloseTo(Math.min(...others), 3);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it("counts what the dataset already had as neighbours", async () => {
    const points = cloud(40, 3, 5);
    const others = cloud(10, 3, 6);
    others.data.set(points.data.subarray(7 * 3, 8 * 3), 0);
    const { distances } = await nearestDistancesAmong(points, [3, 7, 20], others);
    expect(distances).toHaveLength(3);
    expect(distances[1]).toBe(0);
    const alone = await nearestDistancesAmong(points, [3, 7, 20], matrix(0, 3));
    expect([...distances].every((value, i) => value <= alone.distances[i]!)).toBe(true);
    await expect(nearestDistancesAmong(points, [3], cloud(2, 4, 1))).rejects.toThrow(/4 dimensions.*3/);
  });

  it("compares a random part where memory is capped, the same for the same seed", async () => {
    const points = cloud(2000, 16, 1);
    const memoryInGB = 0.0001;
    const first = await nearestDistances(points, { memoryInGB, seed: 3 });
    expect(first.search.total).toBe(2000);
    expect(first.search.compared).toBeGreaterThanOrEqual(100);
    expect(first.search.compared).toBeLessThan(1000);
    expect([...first.distances].filter(Number.isFinite)).toHaveLength(first.search.compared);
    expect((await nearestDistances(points, { memoryInGB, seed: 3 })).distances).toEqual(first.distances);
    expect((await nearestDistances(points, { memoryInGB, seed: 4 })).distances).not.toEqual(first.distances);
    // Spread over all rows, not the first ones.
    const places = [...first.distances.keys()].filter((i) => Number.isFinite(first.distances[i]!));
    expect(places.reduce((sum, place) => sum + place, 0) / places.length).toBeGreaterThan(850);
  });

  it("has no distances for none and for one, and refuses what isn't there", async () => {
    expect((await nearestDistances(matrix(0, 4))).distances).toHaveLength(0);
    expect([...(await nearestDistances(cloud(1, 4, 1))).distances]).toEqual([NaN]);
    await expect(nearestDistances(cloud(3, 4, 1), { rows: [0, 3] })).rejects.toThrow("row 3 is not one of the 3 rows");
    await expect(nearestDistances(cloud(3, 4, 1), { memoryInGB: 0 })).rejects.toThrow("memory_requirement_in_GB");
  });
});
