import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { generator } from "../random/generator.ts";
import { coralWeights } from "./coral.ts";
import { plainGreedy } from "./greedy.plain.ts";
import { problemFrom } from "./problem.ts";
import type { Selection, SelectionRequest } from "./request.ts";
import { selectSamples } from "./select-samples.ts";

function fromRows(rows: readonly (readonly number[])[], columns = rows[0]?.length ?? 0): Matrix {
  const points = matrix(rows.length, columns);
  rows.forEach((row, index) => points.data.set(row, index * columns));
  return points;
}

/** Points in lumps: neighbours within a lump are near-ties for float32, copies exist. */
function lumps(rows: number, columns: number, seed: number, spread = 0.1): Matrix {
  const points = matrix(rows, columns);
  const { below, normal } = generator(seed);
  const centres = Float64Array.from({ length: 12 * columns }, normal);
  for (let row = 0; row < rows; row++) {
    const lump = below(12) * columns;
    const copied = row > 0 && below(10) === 0 ? below(row) : -1;
    for (let column = 0; column < columns; column++) {
      points.data[row * columns + column] =
        copied >= 0 ? points.data[copied * columns + column]! : centres[lump + column]! + spread * normal();
    }
  }
  return points;
}

function expectSame(fast: Selection, plain: Selection): void {
  expect(Array.from(fast.ordinals)).toEqual(Array.from(plain.ordinals));
  expect(Array.from(fast.distances)).toEqual(Array.from(plain.distances));
  expect(Array.from(fast.radii)).toEqual(Array.from(plain.radii));
  expect(fast.stopped).toBe(plain.stopped);
}

async function plain(request: SelectionRequest): Promise<Selection> {
  const problem = await problemFrom(request);
  return plainGreedy(problem, request.method === "CORAL" ? coralWeights(problem) : undefined);
}

const small = fc.integer({ min: 1, max: 70 }).chain((columns) =>
  fc.integer({ min: 1, max: 40 }).chain((size) =>
    fc.record({
      columns: fc.constant(columns),
      size: fc.constant(size),
      // Few different values: duplicates, zero rows and exact ties everywhere.
      values: fc.array(fc.oneof(fc.integer({ min: -1, max: 1 }), fc.float({ min: -2, max: 2, noNaN: true }), fc.constant(0)), {
        minLength: size * columns,
        maxLength: size * columns,
      }),
      query: fc.option(fc.uniqueArray(fc.nat({ max: size - 1 }), { minLength: 1 }), { nil: undefined }),
      preselected: fc.uniqueArray(fc.nat({ max: size - 1 }), { maxLength: 5 }),
      nSamples: fc.option(fc.nat({ max: size + 3 }), { nil: undefined }),
      minDistance: fc.option(fc.double({ min: 0, max: 2, noNaN: true }), { nil: undefined }),
      metric: fc.constantFrom("euclidean" as const, "cosine" as const),
      method: fc.constantFrom("CORESET" as const, "CORAL" as const),
      scores: fc.array(fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constant(Number.NaN)), { minLength: size, maxLength: size }),
    }),
  ),
);

describe("the picks are those of brute force in float64", () => {
  test("on small problems of every kind", async () => {
    await fc.assert(
      fc.asyncProperty(small, async ({ columns, size, values, query, preselected, nSamples, minDistance, metric, method, scores }) => {
        const points = matrix(size, columns);
        points.data.set(values);
        const request: SelectionRequest = {
          method, size, points, metric, threads: 1,
          scores: Float64Array.from(scores),
          preselected: Uint32Array.from(preselected),
          nSamples: nSamples ?? (minDistance === undefined ? size : undefined),
          minDistance,
          query: query === undefined ? undefined : Uint32Array.from(query),
        } as SelectionRequest;
        expectSame(await selectSamples(request), await plain(request));
      }),
      { numRuns: 300 },
    );
  });

  for (const metric of ["euclidean", "cosine"] as const) {
    for (const method of ["CORESET", "CORAL"] as const) {
      test(`on 3,000 × 64 in lumps, ${method}, ${metric}, on 1, 2 and 3 threads`, async () => {
        const points = lumps(3000, 64, 7);
        const scores = Float64Array.from({ length: 3000 }, (_, row) => Math.sin(row));
        const request: SelectionRequest = { method, size: 3000, points, scores, metric, nSamples: 300 };
        const truth = await plain(request);
        for (const threads of [1, 2, 3]) expectSame(await selectSamples({ ...request, threads }), truth);
      });
    }
  }

  test("on a grid full of ties, where float32 cannot tell", async () => {
    const points = matrix(2500, 50);
    const { below } = generator(3);
    for (let index = 0; index < points.data.length; index++) points.data[index] = below(3) * 0.1;
    const request: SelectionRequest = { method: "CORESET", size: 2500, points, nSamples: 200, preselected: Uint32Array.of(5, 17) };
    expectSame(await selectSamples({ ...request, threads: 2 }), await plain(request));
  });

  test("when distances differ by less than float32 can hold", async () => {
    const points = matrix(1500, 48);
    const { normal } = generator(5);
    for (let row = 0; row < 1500; row++) {
      for (let column = 0; column < 48; column++) points.data[row * 48 + column] = (column === row % 48 ? 1 : 0) + 1e-6 * normal();
    }
    const request: SelectionRequest = { method: "CORESET", size: 1500, points, nSamples: 120 };
    expectSame(await selectSamples({ ...request, threads: 2 }), await plain(request));
  });

  test("for huge and tiny values", async () => {
    for (const scale of [1e30, 1e-30, 1e-19, 1e12]) {
      const points = lumps(200, 9, 2);
      for (let index = 0; index < points.data.length; index++) points.data[index]! *= scale;
      const request: SelectionRequest = { method: "CORESET", size: 200, points, nSamples: 60 };
      expectSame(await selectSamples(request), await plain(request));
    }
  });
});

describe("laws", () => {
  test("the radius never grows, each distance is the radius before, and a shorter run is a prefix", async () => {
    const points = lumps(1200, 20, 1);
    const long = await selectSamples({ method: "CORESET", size: 1200, points, nSamples: 150 });
    for (let index = 1; index < 150; index++) {
      expect(long.radii[index]).toBeLessThanOrEqual(long.radii[index - 1]!);
      expect(long.distances[index]).toBe(long.radii[index - 1]);
    }
    const short = await selectSamples({ method: "CORESET", size: 1200, points, nSamples: 40 });
    expect(Array.from(short.ordinals)).toEqual(Array.from(long.ordinals.subarray(0, 40)));
    expect(Array.from(short.radii)).toEqual(Array.from(long.radii.subarray(0, 40)));
  });

  test("minDistance stops exactly before the first pick that is nearer", async () => {
    const points = lumps(800, 10, 4);
    const all = await selectSamples({ method: "CORESET", size: 800, points, nSamples: 800 });
    const minDistance = all.distances[100]!;
    const some = await selectSamples({ method: "CORESET", size: 800, points, minDistance });
    expect(some.stopped).toBe("distance");
    expect(some.distances.every((distance) => distance >= minDistance)).toBe(true);
    expect(all.distances[some.ordinals.length]).toBeLessThan(minDistance);
  });

  test("CORAL with equal scores is CORESET", async () => {
    const points = lumps(500, 12, 9);
    const request = { size: 500, points, nSamples: 60, scores: new Float64Array(500).fill(0.3) };
    expectSame(await selectSamples({ ...request, method: "CORAL" }), await selectSamples({ ...request, method: "CORESET" }));
  });
});

describe("edges", () => {
  test("nothing, one, all equal, more wanted than there are", async () => {
    const none = await selectSamples({ method: "CORESET", size: 0, points: matrix(0, 4), nSamples: 3 });
    expect([none.ordinals.length, none.stopped]).toEqual([0, "exhausted"]);
    const one = await selectSamples({ method: "CORESET", size: 1, points: fromRows([[1, 2]]), nSamples: 1 });
    expect([Array.from(one.ordinals), Array.from(one.distances), Array.from(one.radii), one.stopped]).toEqual([[0], [Infinity], [0], "count"]);
    const equal = await selectSamples({ method: "CORESET", size: 4, points: fromRows([[1], [1], [1], [1]]), nSamples: 9 });
    expect([Array.from(equal.ordinals), equal.stopped]).toEqual([[0, 1, 2, 3], "exhausted"]);
    const zero = await selectSamples({ method: "CORESET", size: 3, points: fromRows([[0, 0], [0, 0], [3, 4]]), nSamples: 3 });
    expect(Array.from(zero.distances)).toEqual([Infinity, 5, 0]);
    const enough = await selectSamples({ method: "CORESET", size: 2, points: fromRows([[0], [1]]), nSamples: 1, preselected: Uint32Array.of(1) });
    expect([enough.ordinals.length, enough.stopped]).toEqual([0, "count"]);
    const flat = await selectSamples({ method: "CORESET", size: 2, points: matrix(2, 0), nSamples: 2 });
    expect(Array.from(flat.ordinals)).toEqual([0, 1]);
  });

  test("what is wrong is named", async () => {
    const points = fromRows([[0, 1], [2, 3]]);
    const base: SelectionRequest = { method: "CORESET", size: 2, points, nSamples: 1 };
    await expect(selectSamples({ ...base, points: fromRows([[0, 1], [2, Number.NaN]]) })).rejects.toThrow("row 1, column 1 is NaN");
    await expect(selectSamples({ ...base, points: fromRows([[-Infinity, 1], [2, 2]]) })).rejects.toThrow("row 0, column 0 is -Infinity");
    await expect(selectSamples({ method: "CORESET", size: 2, points })).rejects.toThrow("nSamples, minDistance or both");
    await expect(selectSamples({ method: "CORESET", size: 2, nSamples: 1 })).rejects.toThrow("CORESET needs points");
    await expect(selectSamples({ ...base, method: "CORAL" })).rejects.toThrow("CORAL needs scores");
    await expect(selectSamples({ ...base, size: 3 })).rejects.toThrow("3 expected, got 2");
    await expect(selectSamples({ ...base, query: Uint32Array.of(2) })).rejects.toThrow("query has ordinal 2");
    await expect(selectSamples({ ...base, nSamples: -1 })).rejects.toThrow("nSamples");
    await expect(selectSamples({ ...base, minDistance: -1 })).rejects.toThrow("minDistance");
    await expect(selectSamples({ ...base, method: "BEST" as "CORAL" })).rejects.toThrow("method");
  });

  test("an aborted run rejects with the reason, and the memory is free for the next", async () => {
    const points = lumps(20000, 64, 3);
    const controller = new AbortController();
    const seen: number[] = [];
    const running = selectSamples({
      method: "CORESET", size: 20000, points, nSamples: 20000, threads: 2, signal: controller.signal,
      onProgress: (done) => {
        seen.push(done);
        if (seen.length === 2) controller.abort(new Error("enough"));
      },
    });
    await expect(running).rejects.toThrow("enough");
    expect(seen.length).toBeLessThan(6);
    await expect(selectSamples({ method: "CORESET", size: 20000, points, nSamples: 2, signal: controller.signal })).rejects.toThrow("enough");
    const again = await selectSamples({ method: "CORESET", size: 20000, points, nSamples: 3 });
    expect(again.ordinals.length).toBe(3);
  });
});
