import fc from "fast-check";
import { expect, test } from "vitest";
import { distanceFromSquare } from "../kernels/distance.plain.ts";
import { matrix } from "../matrix/matrix.ts";
import { generator } from "../random/generator.ts";
import { plainCoverage } from "./coverage.plain.ts";
import type { Selection, SelectionRequest } from "./request.ts";
import { selectSamples } from "./select-samples.ts";

/** Walks the whole order of a run without minDistance and says what a run with it must give. */
function walked(order: Uint32Array, { points, query, preselected, minDistance = 0, nSamples = Infinity, metric = "euclidean", size }: SelectionRequest) {
  const members = query === undefined ? Uint32Array.from({ length: size }, (_, ordinal) => ordinal) : Uint32Array.from(new Set(query)).sort();
  const coverage = plainCoverage(points!, metric, members);
  for (const ordinal of preselected ?? []) coverage.choose(ordinal);
  const result = { ordinals: [] as number[], distances: [] as number[], radii: [] as number[] };
  for (const ordinal of order) {
    if (result.ordinals.length >= nSamples - new Set(preselected).size) break;
    const distance = distanceFromSquare(coverage.squareAt(members.indexOf(ordinal)), metric);
    if (distance < minDistance) continue;
    coverage.choose(ordinal);
    result.ordinals.push(ordinal);
    result.distances.push(distance);
    result.radii.push(coverage.radius());
  }
  return result;
}

const columnsOf = ({ ordinals, distances, radii }: Selection) => ({
  ordinals: Array.from(ordinals), distances: Array.from(distances), radii: Array.from(radii),
});

test("RANDOM and ACTIVE_LEARNING skip what is too near, with exact distances and radii", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        size: fc.integer({ min: 1, max: 40 }), seed: fc.nat(), minDistance: fc.double({ min: 0, max: 3, noNaN: true }),
        nSamples: fc.option(fc.nat({ max: 45 }), { nil: undefined }), preselected: fc.array(fc.nat({ max: 39 }), { maxLength: 3 }),
        metric: fc.constantFrom("euclidean" as const, "cosine" as const), method: fc.constantFrom("RANDOM" as const, "ACTIVE_LEARNING" as const),
      }),
      async ({ size, seed, minDistance, nSamples, preselected, metric, method }) => {
        const points = matrix(size, 3);
        const { below } = generator(seed);
        for (let index = 0; index < points.data.length; index++) points.data[index] = below(5) - 2;
        const scores = Float64Array.from({ length: size }, () => (below(5) === 0 ? Number.NaN : below(4)));
        const chosen = Uint32Array.from(preselected.filter((ordinal) => ordinal < size));
        const base: SelectionRequest = { method, size, seed, scores, metric, preselected: chosen, nSamples: size + 99 };
        const order = (await selectSamples(base)).ordinals;
        const { nSamples: _, ...rest } = base;
        const request: SelectionRequest = { ...rest, points, minDistance, ...(nSamples === undefined ? {} : { nSamples }) };
        expect(columnsOf(await selectSamples(request))).toEqual(walked(order, request));
      },
    ),
    { numRuns: 200 },
  );
});

test("and so on 2,500 × 50, whatever the thread count", async () => {
  const points = matrix(2500, 50);
  const { normal } = generator(1);
  for (let index = 0; index < points.data.length; index++) points.data[index] = normal();
  const base: SelectionRequest = { method: "RANDOM", size: 2500, seed: 4, nSamples: 2500 };
  const order = (await selectSamples(base)).ordinals;
  const request: SelectionRequest = { ...base, points, minDistance: 8.5, nSamples: 150 };
  const truth = walked(order, request);
  for (const threads of [1, 2, 3]) expect(columnsOf(await selectSamples({ ...request, threads }))).toEqual(truth);
});

test("RANDOM: a shorter run is a prefix, every sample comes once, seeds differ", async () => {
  const long = await selectSamples({ method: "RANDOM", size: 500, nSamples: 500, seed: 3 });
  const short = await selectSamples({ method: "RANDOM", size: 500, nSamples: 60, seed: 3 });
  expect(Array.from(short.ordinals)).toEqual(Array.from(long.ordinals.subarray(0, 60)));
  expect(new Set(long.ordinals).size).toBe(500);
  expect(long.stopped).toBe("count");
  const other = await selectSamples({ method: "RANDOM", size: 500, nSamples: 60, seed: 4 });
  expect(Array.from(other.ordinals)).not.toEqual(Array.from(short.ordinals));
});

test("RANDOM is even: each sample is as likely to be among the first", async () => {
  const counts = new Uint32Array(10);
  for (let seed = 0; seed < 3000; seed++) {
    const { ordinals } = await selectSamples({ method: "RANDOM", size: 10, nSamples: 3, seed });
    for (const ordinal of ordinals) counts[ordinal]!++;
  }
  // 900 expected, standard deviation 25.
  for (const count of counts) expect(Math.abs(count - 900)).toBeLessThan(130);
});

test("ACTIVE_LEARNING: highest first, ties by ordinal, those without a score last", async () => {
  const scores = Float64Array.of(0.5, Number.NaN, 0.9, 0.5, -1);
  const { ordinals, stopped } = await selectSamples({ method: "ACTIVE_LEARNING", size: 5, scores, nSamples: 9 });
  expect(Array.from(ordinals)).toEqual([2, 0, 3, 4, 1]);
  expect(stopped).toBe("exhausted");
});
