import fc from "fast-check";
import { expect, test } from "vitest";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { generator } from "../random/generator.ts";
import { kMeans } from "./k-means.ts";
import { plainKMeans } from "./k-means.plain.ts";

/** Whole numbers, so that ties and copies are common. */
function lattice(rows: number, columns: number, values: number, seed: number): Matrix {
  const points = matrix(rows, columns);
  const { below } = generator(seed);
  for (let index = 0; index < points.data.length; index++) points.data[index] = below(values);
  return points;
}

function lumps(rows: number, columns: number, count: number, seed: number): { points: Matrix; truth: Uint32Array } {
  const points = matrix(rows, columns);
  const { below, normal } = generator(seed);
  const centres = Float64Array.from({ length: count * columns }, normal);
  const truth = Uint32Array.from({ length: rows }, () => below(count));
  for (let index = 0; index < points.data.length; index++) {
    points.data[index] = 5 * centres[truth[Math.floor(index / columns)]! * columns + (index % columns)]! + normal();
  }
  return { points, truth };
}

test("the clusters are those of the plain algorithm, with ties, copies and more starts than different rows", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ rows: fc.integer({ min: 1, max: 60 }), columns: fc.integer({ min: 1, max: 20 }), values: fc.integer({ min: 1, max: 5 }), seed: fc.nat(), k: fc.integer({ min: 1, max: 12 }) }),
      async ({ rows, columns, values, seed, k }) => {
        const points = lattice(rows, columns, values, seed);
        const { below } = generator(seed);
        const start = Uint32Array.from({ length: Math.min(k, rows) }, () => below(rows));
        const truth = plainKMeans(points, start);
        const found = await kMeans(points, { k, start });
        expect({ labels: found.labels, sizes: found.sizes, rounds: found.rounds, centres: Float32Array.from(found.centres.data) }).toEqual(truth);
      },
    ),
    { numRuns: 300 },
  );
});

test("and so on rows of many columns, the same on 1, 2 and 3 threads", async () => {
  const { points } = lumps(2500, 70, 12, 4);
  const start = Uint32Array.from({ length: 25 }, (_, index) => 7 * index);
  const truth = plainKMeans(points, start);
  for (const threads of [1, 2, 3]) {
    const found = await kMeans(points, { k: 25, start, threads });
    expect(found.labels).toEqual(truth.labels);
    expect(Float32Array.from(found.centres.data)).toEqual(truth.centres);
    expect(found.converged).toBe(true);
  }
  const seeded = await kMeans(points, { k: 25, seed: 3, threads: 1 });
  expect(await kMeans(points, { k: 25, seed: 3, threads: 2 })).toEqual(seeded);
});

test("seeds find lumps that lie apart; the largest cluster is number 0", async () => {
  const { points, truth } = lumps(3000, 16, 8, 1);
  const { labels, sizes, inertia } = await kMeans(points, { k: 8, seed: 1 });
  const pairs = new Set(Array.from(labels, (label, row) => `${label} ${truth[row]}`));
  expect(pairs.size).toBe(8);
  expect(Array.from(sizes)).toEqual(Array.from(sizes).sort((a, b) => b - a));
  expect(inertia / (3000 * 16)).toBeCloseTo(1, 1);
});

test("cosine goes by directions, however long the rows are", async () => {
  const { points, truth } = lumps(600, 24, 4, 9);
  const { unit } = generator(3);
  for (let row = 0; row < 600; row++) {
    const length = 0.01 + 10 * unit();
    for (let column = 0; column < 24; column++) points.data[row * 24 + column]! *= length;
  }
  const { labels } = await kMeans(points, { k: 4, metric: "cosine" });
  expect(new Set(Array.from(labels, (label, row) => `${label} ${truth[row]}`)).size).toBe(4);
});

test("nothing, one row, copies only", async () => {
  expect((await kMeans(matrix(0, 3), { k: 2 })).labels).toEqual(new Uint32Array());
  expect(Array.from((await kMeans(matrix(1, 3), { k: 2 })).sizes)).toEqual([1]);
  expect(Array.from((await kMeans(matrix(5, 3), { k: 2 })).sizes)).toEqual([5]);
  expect(Array.from((await kMeans(matrix(5, 0), { k: 2 })).sizes)).toEqual([5]);
});

test("what is wrong is named; progress ends at the end; an aborted signal rejects with its reason", async () => {
  await expect(kMeans(matrix(2, 2), { k: 0 })).rejects.toThrow("k must be");
  await expect(kMeans(matrix(2, 2), { k: 1, roundsMax: 0 })).rejects.toThrow("roundsMax");
  await expect(kMeans(matrix(2, 2), { k: 1, start: Uint32Array.of(2) })).rejects.toThrow("start has ordinal 2");
  await expect(kMeans(matrix(2, 2), { k: 1, signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  const shares: number[] = [];
  await kMeans(lumps(4000, 30, 9, 2).points, { k: 30, onProgress: (done, total) => shares.push(done / total) });
  expect(shares.at(-1)).toBe(1);
});
