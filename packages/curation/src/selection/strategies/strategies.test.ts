import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matrix, type Matrix } from "../../matrix/matrix.ts";
import { generator, type Generator } from "../../random/generator.ts";
import { picks } from "../picks.ts";
import { selectSamples } from "../select-samples.ts";
import type { StrategyRequest, StrategySelection } from "./request.ts";
import { selectByStrategies } from "./select-by-strategies.ts";
import { plainStrategies } from "./strategies.plain.ts";
import type { StrategyValues } from "./values.ts";

interface Part {
  readonly entry: { readonly input: object; readonly strategy: object };
  readonly values: StrategyValues | undefined;
}

function grid({ below }: Generator, rows: number, columns: number, steps: number): Matrix {
  const points = matrix(rows, columns);
  for (let index = 0; index < points.data.length; index++) points.data[index] = below(steps);
  return points;
}

function normal(rows: number, columns: number, seed: number): Matrix {
  const points = matrix(rows, columns);
  const draw = generator(seed);
  for (let index = 0; index < points.data.length; index++) points.data[index] = draw.normal();
  return points;
}

/** Any strategy on any input, with few different values so that ties are everywhere. */
function anyPart(draw: Generator, size: number, points: Matrix, metric: "euclidean" | "cosine"): Part {
  const { below } = draw;
  const strength = [1, 1, 0.5, 3, 0, -1][below(6)]!;
  const numbers = () => Float64Array.from({ length: size }, () => (below(6) === 0 ? Number.NaN : below(5) - 1));
  const categories = ["car", "bus", "bike"];
  const own = below(2) === 0 ? points : grid(draw, size, 3, 4);
  switch (below(metric === "euclidean" ? 9 : 8)) {
    case 0:
      return { entry: { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY", strength } }, values: { points: own } };
    case 1:
      return { entry: { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY", strength, stopping_condition_minimum_distance: below(4) / 2 } }, values: { points: own } };
    case 2:
      return { entry: { input: { type: "SCORES", score: "uncertainty" }, strategy: { type: "WEIGHTS", strength } }, values: { numbers: numbers() } };
    case 3:
      return { entry: { input: { type: "METADATA", key: "brightness" }, strategy: { type: "THRESHOLD", threshold: 0, operation: "BIGGER_EQUAL" } }, values: { numbers: numbers() } };
    case 4: {
      const distribution = ["UNIFORM", "INPUT"][below(2)]!;
      return { entry: { input: { type: "METADATA", key: "weather" }, strategy: { type: "BALANCE", distribution, strength } }, values: { categories, codes: Int32Array.from({ length: size }, () => below(4) - 1) } };
    }
    case 5: {
      const input = { type: "PREDICTIONS", task: "t", name: "CLASS_DISTRIBUTION", ...(below(2) === 0 ? {} : { categories: ["car", "bike"] }) };
      return { entry: { input, strategy: { type: "BALANCE", target: { car: 0.5, bus: 0.25 }, strength } }, values: { categories, counts: Float64Array.from({ length: 3 * size }, () => Math.max(0, below(4) - 1)) } };
    }
    case 6:
      return { entry: { input: { type: "RANDOM", randomSeed: below(5) }, strategy: { type: "WEIGHTS", strength } }, values: undefined };
    case 7:
      return { entry: { input: { type: "EMBEDDINGS", tagName: "query" }, strategy: { type: "SIMILARITY", strength } }, values: { points: own, similarTo: below(2) === 0 ? grid(draw, 3, own.columns, 4) : Uint32Array.of(below(size), below(size)) } };
    default:
      return { entry: { input: { type: "EMBEDDINGS" }, strategy: { type: "TYPICALITY", numNearestNeighbors: 1 + below(4), strength, ...(below(2) === 0 ? {} : { stoppingConditionMinimumTypicality: 0.7 }) } }, values: { points: own } };
  }
}

function anyRequest(seed: number): StrategyRequest {
  const draw = generator(seed);
  const { below } = draw;
  const size = 1 + below(30);
  const metric = below(3) === 0 ? ("cosine" as const) : ("euclidean" as const);
  // Beyond what float32 squares can hold, and with nothing but zeros, the fast search for the farthest stands aside.
  const scale = below(6) === 0 ? 2 ** 60 : 1;
  const points = grid(draw, size, 2, below(12) === 0 ? 1 : 5);
  for (let index = 0; index < points.data.length; index++) points.data[index]! *= scale;
  const parts = Array.from({ length: 1 + below(4) }, () => anyPart(draw, size, points, metric));
  const amount = below(3) === 0 ? { proportion_samples: below(11) / 10 } : { n_samples: below(size + 3) };
  return {
    size,
    metric,
    seed: below(3),
    selection: { ...amount, strategies: parts.map(({ entry }) => entry) },
    values: parts.map(({ values }) => values),
    preselected: Uint32Array.from({ length: below(4) }, () => below(size)),
    ...(below(2) === 0 ? {} : { query: Uint32Array.from({ length: size }, () => below(size)) }),
  };
}

const rowsOf = ({ shares, ordinals }: StrategySelection, width: number) => Array.from(ordinals, (_, pick) => Array.from(shares.subarray(pick * width, (pick + 1) * width)));
const select = (part: Part, more: Partial<StrategyRequest> & { size: number }, nSamples = more.size) =>
  selectByStrategies({ ...more, selection: { nSamples, strategies: [part.entry] }, values: [part.values] });
const scores = (numbers: Float64Array, strength = 1): Part => ({ entry: { input: { type: "SCORES", score: "s" }, strategy: { type: "WEIGHTS", strength } }, values: { numbers } });
const diversity = (points: Matrix, more: object = {}): Part => ({ entry: { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY", ...more } }, values: { points } });
const both = (parts: readonly Part[], more: Partial<StrategyRequest> & { size: number }, nSamples: number) =>
  selectByStrategies({ ...more, selection: { nSamples, strategies: parts.map(({ entry }) => entry) }, values: parts.map(({ values }) => values) });

describe("any strategies together", () => {
  test("pick what brute force picks, with the same shares", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 1e9 }), async (seed) => {
        const request = anyRequest(seed);
        const found = await selectByStrategies({ ...request, threads: 1 });
        const truth = plainStrategies(request);
        expect(Array.from(found.ordinals)).toEqual(truth.ordinals);
        const width = request.values.length;
        rowsOf(found, width).forEach((row, pick) => row.forEach((share, at) => expect(share).toBeCloseTo(truth.shares[pick]![at]!, 9)));
        found.gains.forEach((gain, pick) => expect(gain).toBeCloseTo(truth.shares[pick]!.reduce((a, b) => a + b, 0), 9));
      }),
      { numRuns: 600, seed: 7 },
    );
  });

  test("and so where shadows and links prune: 1,100 × 48 in lumps", async () => {
    const size = 1100;
    const draw = generator(21);
    const centres = Float64Array.from({ length: 12 * 48 }, draw.normal);
    const points = matrix(size, 48);
    for (let row = 0; row < size; row++) {
      const lump = draw.below(12) * 48;
      for (let column = 0; column < 48; column++) points.data[row * 48 + column] = centres[lump + column]! + 0.1 * draw.normal();
    }
    const parts = [
      diversity(points, { stoppingConditionMinimumDistance: 0.5 }),
      scores(Float64Array.from({ length: size }, () => draw.below(10))),
      { entry: { input: { type: "METADATA", key: "k" }, strategy: { type: "BALANCE", distribution: "UNIFORM", strength: 0.3 } }, values: { categories: ["a", "b", "c"], codes: Int32Array.from({ length: size }, () => draw.below(4) - 1) } },
    ];
    for (const [strength, preselected] of [[1, []], [4, [7, 900]]] as const) {
      parts[1] = scores((parts[1]!.values as { numbers: Float64Array }).numbers, strength);
      const request = { size, preselected: Uint32Array.from(preselected), selection: { nSamples: 22, strategies: parts.map(({ entry }) => entry) }, values: parts.map(({ values }) => values) };
      expect(Array.from((await selectByStrategies(request)).ordinals)).toEqual(plainStrategies(request).ordinals);
    }
  });

  test("a shorter run is a prefix, in everything", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 1e9 }), fc.nat({ max: 12 }), async (seed, count) => {
        const { selection, ...request } = anyRequest(seed);
        const { strategies } = selection as { strategies: object[] };
        const before = new Set(request.preselected).size;
        const long = await selectByStrategies({ ...request, selection: { nSamples: request.size, strategies } });
        const short = await selectByStrategies({ ...request, selection: { nSamples: before + count, strategies } });
        for (const column of ["ordinals", "gains", "distances", "radii"] as const) expect(Array.from(short[column])).toEqual(Array.from(long[column].subarray(0, short.ordinals.length)));
        expect(short.ordinals.length).toBe(Math.min(count, long.ordinals.length));
        expect(short.inputHash).toBe(long.inputHash);
      }),
      { numRuns: 100, seed: 8 },
    );
  });

  test("the same on 1, 2 and 3 threads, on 3,000 × 64", async () => {
    const size = 3000;
    const points = normal(size, 64, 1);
    const draw = generator(2);
    const parts: Part[] = [
      diversity(points, { strength: 2 }),
      scores(Float64Array.from({ length: size }, draw.unit)),
      { entry: { input: { type: "EMBEDDINGS" }, strategy: { type: "TYPICALITY", numNearestNeighbors: 5, strength: 0.5 } }, values: { points } },
      { entry: { input: { type: "METADATA", key: "k" }, strategy: { type: "BALANCE", distribution: "UNIFORM" } }, values: { categories: ["a", "b"], codes: Int32Array.from({ length: size }, () => Number(draw.below(5) > 0)) } },
    ];
    const truth = await both(parts, { size, threads: 1 }, 60);
    for (const threads of [2, 3]) expect(await both(parts, { size, threads }, 60)).toEqual(truth);
    expect(truth.radii.every((radius, pick) => pick === 0 || radius <= truth.radii[pick - 1]!)).toBe(true);
  });
});

describe("alone", () => {
  const size = 1500;
  const points = normal(size, 20, 3);
  const query = Uint32Array.from({ length: 1000 }, (_, at) => at + 300);
  const preselected = Uint32Array.of(5, 400, 900);

  test.each(["euclidean" as const, "cosine" as const])("DIVERSITY is CORESET, %s, also beside one without strength", async (metric) => {
    for (const chosen of [preselected, new Uint32Array()]) {
      const truth = await selectSamples({ method: "CORESET", size, points, query, preselected: chosen, nSamples: 80, minDistance: 0.01, metric });
      const one = diversity(points, { stopping_condition_minimum_distance: 0.01 });
      const found = await select(one, { size, query, preselected: chosen, metric }, 80);
      const beside = await both([scores(new Float64Array(size), 0), one], { size, query, preselected: chosen, metric }, 80);
      for (const column of ["ordinals", "distances", "radii"] as const) {
        expect(Array.from(found[column])).toEqual(Array.from(truth[column]));
        expect(Array.from(beside[column])).toEqual(Array.from(truth[column]));
      }
      expect(found.stopped).toBe(truth.stopped);
      expect(found.shares.every((share) => share === 1)).toBe(true);
      expect(rowsOf(beside, 2).every(([still, spread]) => still === 0 && spread === 1)).toBe(true);
    }
  });

  test("WEIGHTS on scores is highest first, however near they are", async () => {
    const draw = generator(4);
    const numbers = Float64Array.from({ length: size }, () => (draw.below(9) === 0 ? Number.NaN : 1 + draw.below(50) * Number.EPSILON));
    numbers[3] = 1e300;
    const truth = await selectSamples({ method: "ACTIVE_LEARNING", size, scores: numbers, query, preselected, nSamples: size });
    expect(Array.from((await select(scores(numbers), { size, query, preselected })).ordinals)).toEqual(Array.from(truth.ordinals));
  });

  test("RANDOM is the method RANDOM with that seed, of its own or of the request", async () => {
    const truth = await selectSamples({ method: "RANDOM", size, query, preselected, nSamples: 300, seed: 11 });
    const random = (input: object): Part => ({ entry: { input: { type: "RANDOM", ...input }, strategy: { type: "WEIGHTS" } }, values: undefined });
    const found = await select(random({ random_seed: 11 }), { size, query, preselected }, 300);
    expect(Array.from(found.ordinals)).toEqual(Array.from(truth.ordinals));
    expect(Array.from((await select(random({}), { size, query, preselected, seed: 11 }, 300)).ordinals)).toEqual(Array.from(truth.ordinals));
    expect(found.configuration.selection.strategies[0]!.input).toEqual({ type: "RANDOM", randomSeed: 11 });
  });

  test("TYPICALITY by cosine puts the dense lump first and stops at its edge", async () => {
    const around = matrix(60, 8);
    const { normal: draw } = generator(5);
    for (let row = 0; row < 60; row++) for (let column = 0; column < 8; column++) around.data[row * 8 + column] = (row < 20 && column === 0 ? 40 : 0) + draw();
    const part = (more: object): Part => ({ entry: { input: { type: "EMBEDDINGS" }, strategy: { type: "TYPICALITY", num_nearest_neighbors: 4, ...more } }, values: { points: around } });
    const { ordinals } = await select(part({}), { size: 60, metric: "cosine" }, 20);
    expect(Array.from(ordinals).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at));
    const stopped = await select(part({ stopping_condition_minimum_typicality: 100 }), { size: 60, metric: "cosine" }, 60);
    expect(stopped.stopped).toBe("typicality");
    expect(Array.from(ordinals)).toEqual(expect.arrayContaining(Array.from(stopped.ordinals.subarray(0, 20))));
  });

  test("BALANCE reaches its target, and THRESHOLD filters before", async () => {
    const codes = Int32Array.from({ length: size }, (_, at) => (at % 10 === 0 ? 1 : 0));
    const even: Part = { entry: { input: { type: "METADATA", key: "k" }, strategy: { type: "BALANCE", distribution: "UNIFORM" } }, values: { categories: ["often", "seldom"], codes } };
    const { ordinals, distances } = await select(even, { size }, 100);
    expect(ordinals.reduce((count, ordinal) => count + codes[ordinal]!, 0)).toBe(50);
    expect(distances.every(Number.isNaN)).toBe(true);
    const threshold: Part = { entry: { input: { type: "METADATA", key: "n" }, strategy: { type: "THRESHOLD", threshold: 1000, operation: "SMALLER" } }, values: { numbers: Float64Array.from({ length: size }, (_, at) => at) } };
    const filtered = await both([even, threshold], { size, query }, 20);
    expect(filtered.filtered).toBe(300);
    expect(filtered.ordinals.every((ordinal) => ordinal >= 300 && ordinal < 1000)).toBe(true);
    expect((await select(threshold, { size, query }, 3)).ordinals).toEqual(Uint32Array.of(300, 301, 302));
  });
});

describe("ends", () => {
  test("say why, and count shares of the query with the preselected", async () => {
    const points = normal(40, 3, 6);
    const one = diversity(points);
    expect((await select(one, { size: 40 }, 99)).stopped).toBe("exhausted");
    expect((await select(one, { size: 40 }, 3)).stopped).toBe("count");
    const near = await both([diversity(points, { stoppingConditionMinimumDistance: 1.5 }), scores(new Float64Array(40))], { size: 40 }, 40);
    expect(near.stopped).toBe("distance");
    expect(Math.min(...near.distances)).toBeGreaterThanOrEqual(1.5);
    const share = await selectByStrategies({ size: 40, query: Uint32Array.from({ length: 21 }, (_, at) => at), preselected: Uint32Array.of(1, 39), selection: { proportionSamples: 0.5, strategies: [one.entry] }, values: [one.values] });
    expect(share.ordinals).toHaveLength(9);
    expect(share.configuration.nSamples).toBe(11);
    for (const size of [0, 1]) expect((await both([diversity(matrix(size, 2)), scores(new Float64Array(size))], { size }, 5)).ordinals).toHaveLength(size);
  });

  test("progress, cancelling, and values that don't fit", async () => {
    const size = 4000;
    const parts = [diversity(normal(size, 64, 9)), scores(new Float64Array(size))];
    const seen: number[] = [];
    await both(parts, { size, onProgress: (done, total) => seen.push(done + total / 1000) }, 30);
    expect(seen.at(-1)).toBe(30.03);
    const controller = new AbortController();
    const reason = new Error("enough");
    await expect(both(parts, { size, signal: controller.signal, onPick: (_, index) => index === 5 && controller.abort(reason) }, size)).rejects.toBe(reason);
    await expect(both([scores(Float64Array.of(1, Infinity))], { size: 2 }, 1)).rejects.toThrow("selection.strategies[0]: numbers must be finite, or NaN for none: that of ordinal 1 is Infinity");
    await expect(both([scores(new Float64Array(3))], { size: 2 }, 1)).rejects.toThrow("2 expected, got 3");
    await expect(both([diversity(normal(3, 2, 1))], { size: 2 }, 1)).rejects.toThrow("one row per sample: 2 expected, got 3");
    const classes: Part = { entry: { input: { type: "PREDICTIONS", task: "t", name: "CLASS_DISTRIBUTION" }, strategy: { type: "BALANCE", target: { cra: 1 } } }, values: { categories: ["bus", "car"], counts: new Float32Array(4) } };
    await expect(both([classes], { size: 2 }, 1)).rejects.toThrow("there is no class cra; did you mean car?");
  });
});

describe("picks one by one", () => {
  test("are those of the run, by method and by strategies, and end with its result", async () => {
    const points = normal(300, 8, 12);
    const requests = [
      { run: (more: object) => selectSamples({ method: "CORESET", size: 300, points, nSamples: 40, ...more }), iterate: () => picks({ method: "CORESET", size: 300, points, nSamples: 40 }) },
      {
        run: (more: object) => both([diversity(points), scores(new Float64Array(300))], { size: 300, ...more }, 40),
        iterate: () => picks({ size: 300, selection: { nSamples: 40, strategies: [diversity(points).entry, scores(new Float64Array(300)).entry] }, values: [{ points }, { numbers: new Float64Array(300) }] }),
      },
    ];
    for (const { run, iterate } of requests) {
      const truth = await run({});
      const found: number[] = [];
      const iterator = iterate();
      for (;;) {
        const { value, done } = await iterator.next();
        if (done) {
          expect(value).toEqual(truth);
          break;
        }
        expect(value.index).toBe(found.length);
        found.push(value.ordinal);
      }
      expect(found).toEqual(Array.from(truth.ordinals));
    }
  });

  test("can be left early, and then the work ends", async () => {
    const size = 20_000;
    const points = normal(size, 32, 13);
    let made = 0;
    let taken = 0;
    for await (const { index } of picks({ method: "CORESET", size, points, nSamples: size, onPick: () => made++ })) {
      taken = index + 1;
      if (taken === 10) break;
    }
    expect(taken).toBe(10);
    const then = made;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(made - then).toBeLessThan(size / 4);
    const after = made;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(made).toBe(after);
  });

  test("end with the error of the run, or the reason of the caller's signal", async () => {
    await expect(picks({ method: "CORESET", size: 2, nSamples: 1 }).next()).rejects.toThrow("CORESET needs points");
    const reason = new Error("stop");
    const points = normal(5000, 64, 14);
    const controller = new AbortController();
    const iterator = picks({ method: "CORESET", size: 5000, points, nSamples: 5000, signal: controller.signal });
    await iterator.next();
    controller.abort(reason);
    await expect((async () => { for await (const _ of iterator) void _; })()).rejects.toBe(reason);
    await expect(picks({ method: "CORESET", size: 5000, points, nSamples: 5, signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
  });
});
