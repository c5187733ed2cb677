import { describe, expect, test } from "vitest";
import { matrix } from "../matrix/matrix.ts";
import { generator } from "../random/generator.ts";
import { picks } from "./picks.ts";
import type { Selection, SelectionRequest } from "./request.ts";
import { selectSamples } from "./select-samples.ts";
import type { StrategyRequest, StrategySelection } from "./strategies/request.ts";
import { selectByStrategies } from "./strategies/select-by-strategies.ts";

/** What every selection must give, by whichever method, with everything that one can have. */
const size = 1400;
const { normal, below } = generator(11);
const points = matrix(size, 40);
for (let index = 0; index < points.data.length; index++) points.data[index] = normal();
const scores = Float64Array.from({ length: size }, () => (below(9) === 0 ? Number.NaN : below(50)));
const codes = Int32Array.from({ length: size }, () => below(4) - 1);
const query = Uint32Array.from({ length: 1200 }, (_, at) => at + 100);
const preselected = Uint32Array.of(3, 150, 700);

interface Limits {
  readonly nSamples: number;
  readonly minDistance: number;
}

const entries = {
  DIVERSITY: (minDistance: number) => ({ entry: { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY", stoppingConditionMinimumDistance: minDistance } }, values: { points } }),
  WEIGHTS: () => ({ entry: { input: { type: "SCORES", score: "s" }, strategy: { type: "WEIGHTS" } }, values: { numbers: scores } }),
  THRESHOLD: () => ({ entry: { input: { type: "SCORES", score: "s" }, strategy: { type: "THRESHOLD", threshold: 5, operation: "BIGGER" } }, values: { numbers: scores } }),
  BALANCE: () => ({ entry: { input: { type: "METADATA", key: "k" }, strategy: { type: "BALANCE", distribution: "UNIFORM" } }, values: { categories: ["a", "b", "c"], codes } }),
  SIMILARITY: () => ({ entry: { input: { type: "EMBEDDINGS", tagName: "q" }, strategy: { type: "SIMILARITY" } }, values: { points, similarTo: Uint32Array.of(5, 6) } }),
  TYPICALITY: () => ({ entry: { input: { type: "EMBEDDINGS" }, strategy: { type: "TYPICALITY", stoppingConditionMinimumTypicality: 0.1 } }, values: { points } }),
  RANDOM: () => ({ entry: { input: { type: "RANDOM" }, strategy: { type: "WEIGHTS" } }, values: undefined }),
};
type Name = keyof typeof entries;

const more = { size, query, preselected, seed: 7 };
const methods: Record<string, (limits: Limits) => SelectionRequest | StrategyRequest> = {};
for (const method of ["RANDOM", "CORESET", "CORAL", "ACTIVE_LEARNING"] as const) methods[method] = (limits) => ({ ...more, ...limits, method, points, scores });
const together: Record<string, Name[]> = { "strategies, all": ["THRESHOLD", "DIVERSITY", "WEIGHTS", "BALANCE", "SIMILARITY", "TYPICALITY", "RANDOM"] };
for (const name of Object.keys(entries) as Name[]) if (name !== "THRESHOLD") together[`strategies, ${name} alone`] = [name];
for (const [title, names] of Object.entries(together)) {
  methods[title] = ({ nSamples, minDistance }) => {
    const parts = names.map((name) => entries[name](minDistance));
    return { ...more, selection: { nSamples, strategies: parts.map(({ entry }) => entry) }, values: parts.map(({ values }) => values) } as StrategyRequest;
  };
}

const run = (request: SelectionRequest | StrategyRequest): Promise<Selection | StrategySelection> => ("method" in request ? selectSamples(request) : selectByStrategies(request));

/** The columns of a result, cut to its first picks. */
function columns(result: Selection | StrategySelection, count = result.ordinals.length): Record<string, number[]> {
  const first = (values: ArrayLike<number>, width = 1): number[] => Array.from(values).slice(0, count * width);
  const { ordinals, distances, radii } = result;
  const always = { ordinals: first(ordinals), distances: first(distances), radii: first(radii) };
  if (!("shares" in result)) return { ...always, scores: first(result.scores) };
  return { ...always, gains: first(result.gains), shares: first(result.shares, result.configuration.selection.strategies.length) };
}

describe.each(Object.entries(methods))("%s", (_, requestFor) => {
  const wanted = { nSamples: 123, minDistance: 0.5 };

  test("the first k picks are the run of size k, in everything; and so on any number of threads", async () => {
    const long = await run(requestFor(wanted));
    expect(long.ordinals.length).toBe(120);
    for (const nSamples of [3, 4, 40]) {
      const short = await run(requestFor({ ...wanted, nSamples }));
      expect(columns(short)).toEqual(columns(long, nSamples - 3));
      expect([short.inputHash, short.stopped]).toEqual([long.inputHash, "count"]);
    }
    for (const threads of [1, 3]) expect(await run({ ...requestFor(wanted), threads })).toEqual(long);
  });

  test("says what it did, enough to do it again bit for bit", async () => {
    const { configuration, inputHash, ...result } = await run(requestFor(wanted));
    expect(configuration).toMatchObject({ size, nSamples: 123, metric: "euclidean", seed: 7 });
    expect(inputHash).toMatch(/^[0-9a-f]{16}$/);
    const { nSamples, seed, metric } = configuration;
    const request = requestFor({ nSamples: nSamples!, minDistance: "minDistance" in configuration ? configuration.minDistance! : wanted.minDistance });
    const again = await run("selection" in configuration ? { ...request, selection: configuration.selection, seed, metric } as StrategyRequest : { ...request, seed, metric });
    expect(again).toEqual({ configuration, inputHash, ...result });
    expect(Array.from(again.ordinals).filter((ordinal) => !query.includes(ordinal) || preselected.includes(ordinal))).toEqual([]);
    // Other input has another hash.
    expect((await run({ ...requestFor(wanted), preselected: Uint32Array.of(3, 150) })).inputHash).not.toBe(inputHash);
  });

  test("gives picks as they are made, with their places, and the whole at the end", async () => {
    const whole = await run(requestFor(wanted));
    const walk = picks(requestFor(wanted) as SelectionRequest);
    const seen: number[] = [];
    for (;;) {
      const { done, value } = await walk.next();
      if (done) {
        expect(value).toEqual(whole);
        break;
      }
      expect(value.index).toBe(seen.length);
      seen.push(value.ordinal);
    }
    expect(seen).toEqual(Array.from(whole.ordinals));
  });

  test("progress rises to the number wanted", async () => {
    const told: [number, number][] = [];
    await run({ ...requestFor(wanted), onProgress: (done, total) => told.push([done, total]) });
    expect(told.at(-1)).toEqual([120, 120]);
    for (let at = 1; at < told.length; at++) expect(told[at]![0]).toBeGreaterThanOrEqual(told[at - 1]![0]);
    expect(new Set(told.map(([, total]) => total)).size).toBe(1);
  });

  test("ends with the signal's reason, before it begins and under way", async () => {
    await expect(run({ ...requestFor(wanted), signal: AbortSignal.abort(new Error("never")) })).rejects.toThrow("never");
    const stop = new AbortController();
    // From within the first pick, which is as early as anybody can know of it.
    let made = 0;
    const request = { ...requestFor({ nSamples: size, minDistance: 0 }), signal: stop.signal, onPick: () => {
      if (made++ === 0) stop.abort(new Error("enough"));
      // As slow as a large selection.
      const until = performance.now() + 0.5;
      while (performance.now() < until);
    } };
    await expect(run(request)).rejects.toThrow("enough");
    // Some tens of milliseconds of picks, on a machine that may be busy.
    expect(made).toBeLessThan(600);
  });
});
