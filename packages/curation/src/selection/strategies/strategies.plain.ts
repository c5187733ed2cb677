import { distanceFromSquare, inverseLengths, squaredDistance, type Metric } from "../../kernels/distance.plain.ts";
import { matrix, type Matrix } from "../../matrix/matrix.ts";
import { strategyConfiguration, type StrategyEntry } from "./configuration.ts";
import { randomValues } from "./random-values.ts";
import type { StrategyRequest } from "./request.ts";
import { stretched } from "./stretched.ts";
import { numbersOf, type StrategyValues } from "./values.ts";

/** What a plain strategy says at a step: a number for each candidate that isn't picked yet. */
type Gains = (left: readonly number[], chosen: readonly number[]) => number[];

/**
 * Strategy selection as anyone can check it, for tests: every gain of every candidate anew at every step. (TYPICALITY for
 * euclidean only: the fast one's cosine distances are those of rows scaled in float32.)
 * With one strategy its plain values decide, as promised.
 */
export function plainStrategies(request: StrategyRequest): { ordinals: number[]; shares: number[][] } {
  const { size, values, preselected = new Uint32Array() } = request;
  const { nSamples, proportionSamples, strategies } = strategyConfiguration(request.selection);
  const all = Array.from({ length: size }, (_, ordinal) => ordinal);
  const input = request.query === undefined ? all : [...new Set(request.query)].sort((a, b) => a - b);
  const query = input.filter((ordinal) =>
    strategies.every(({ input: from, strategy }, index) => {
      if (strategy.type !== "THRESHOLD") return true;
      const value = numbersOf({ input: from, strategy }, values[index], size)[ordinal]!;
      return { SMALLER: value < strategy.threshold, SMALLER_EQUAL: value <= strategy.threshold, BIGGER: value > strategy.threshold, BIGGER_EQUAL: value >= strategy.threshold }[strategy.operation];
    }),
  );
  const before = [...new Set(preselected)];
  const candidates = query.filter((ordinal) => !before.includes(ordinal));
  const total = nSamples ?? (proportionSamples === null ? Infinity : Math.round(proportionSamples * input.length));
  const acting = strategies.map((entry, index) => ({ entry, index, ...plainOf(entry, values[index], { size, seed: request.seed ?? 0, metric: request.metric ?? "euclidean", input, query, candidates }) }));
  const alone = acting.filter(({ strength }) => strength !== 0).length === 1;

  const chosen = [...before];
  const result = { ordinals: [] as number[], shares: [] as number[][] };
  const left = [...candidates];
  while (chosen.length < total) {
    const allowed = left.map((ordinal) => acting.every((one) => one.allowed(ordinal, chosen)));
    if (!allowed.includes(true)) break;
    // The same order of additions as the fast way: those that never change, balances, distances.
    const order = acting.toSorted((a, b) => a.rank - b.rank || a.index - b.index);
    const sums = left.map(() => 0);
    for (const { strength, gains, keys } of order) {
      if (strength === 0) continue;
      const found = (alone ? keys : gains)(left, chosen);
      found.forEach((value, at) => {
        sums[at]! += alone ? (Number.isNaN(value) ? -Infinity : Math.sign(strength) * value) : strength * value;
      });
    }
    let at = -1;
    sums.forEach((sum, other) => {
      if (allowed[other] && (at < 0 || sum > sums[at]!)) at = other;
    });
    result.ordinals.push(left[at]!);
    result.shares.push(acting.map(({ strength, gains }) => (strength === 0 ? 0 : strength * gains(left, chosen)[at]!)));
    chosen.push(left[at]!);
    left.splice(at, 1);
  }
  return result;
}

interface Context {
  readonly size: number;
  readonly seed: number;
  readonly metric: Metric;
  readonly input: readonly number[];
  readonly query: readonly number[];
  readonly candidates: readonly number[];
}

function plainOf(entry: StrategyEntry, values: StrategyValues | undefined, context: Context): { strength: number; rank: number; gains: Gains; keys: Gains; allowed: (ordinal: number, chosen: readonly number[]) => boolean } {
  const { strategy, input } = entry;
  const { size, query, candidates, metric } = context;
  const always = () => true;
  if (strategy.type === "THRESHOLD") return { strength: 0, rank: 0, gains: (left) => left.map(() => 0), keys: (left) => left.map(() => 0), allowed: always };
  const { strength } = strategy;
  const still = (keys: number[], allowed = always as (ordinal: number) => boolean) => {
    const gains = stretched(Float64Array.from(keys), strength < 0 ? 1 : 0);
    const at = (ordinal: number) => candidates.indexOf(ordinal);
    return { strength, rank: 0, gains: (left: readonly number[]) => left.map((ordinal) => gains[at(ordinal)]!), keys: (left: readonly number[]) => left.map((ordinal) => keys[at(ordinal)]!), allowed };
  };
  if (strategy.type === "WEIGHTS") {
    if (input.type === "RANDOM") return still([...randomValues(candidates.length, input.randomSeed ?? context.seed)]);
    const numbers = numbersOf(entry, values, size);
    return still(candidates.map((ordinal) => numbers[ordinal]!));
  }
  if (strategy.type === "BALANCE") return { strength, rank: 1, allowed: always, ...plainBalance(entry, values!, context.input) };
  const { points, similarTo } = values as { points: Matrix; similarTo?: Matrix | Uint32Array };
  const square = squaredDistance(points, metric);
  const nearest = (ordinal: number, others: readonly number[]) => others.reduce((least, other) => Math.min(least, square(ordinal, other)), Infinity);
  if (strategy.type === "SIMILARITY") {
    if (similarTo instanceof Uint32Array) return still(candidates.map((ordinal) => -distanceFromSquare(nearest(ordinal, [...similarTo]), metric)));
    const all = matrix(size + similarTo!.rows, points.columns);
    all.data.set([...points.data, ...similarTo!.data]);
    const between = squaredDistance(all, metric);
    const rows = Array.from({ length: similarTo!.rows }, (_, row) => size + row);
    return still(candidates.map((ordinal) => -distanceFromSquare(rows.reduce((least, row) => Math.min(least, between(ordinal, row)), Infinity), metric)));
  }
  if (strategy.type === "TYPICALITY") {
    const mean = (ordinal: number) => {
      const distances = query.filter((other) => other !== ordinal).map((other) => Math.fround(Math.sqrt(square(ordinal, other)))).sort((a, b) => a - b);
      const near = distances.slice(0, strategy.numNearestNeighbors);
      return near.length === 0 ? 0 : near.reduce((a, b) => a + b, 0) / near.length;
    };
    const means = new Map(candidates.map((ordinal) => [ordinal, mean(ordinal)]));
    return still([...means.values()].map((value) => -value), (ordinal) => !(1 / means.get(ordinal)! < (strategy.stoppingConditionMinimumTypicality ?? 0)));
  }
  return { strength, rank: 2, ...plainDiversity(points, strategy.stoppingConditionMinimumDistance ?? 0, nearest, context) };
}

function plainDiversity(points: Matrix, minDistance: number, nearest: (ordinal: number, others: readonly number[]) => number, { query, candidates, metric }: Context) {
  const distance = (ordinal: number, others: readonly number[]) => distanceFromSquare(nearest(ordinal, others), metric);
  const inverse = metric === "cosine" ? inverseLengths(points) : undefined;
  const value = (ordinal: number, column: number) => points.data[ordinal * points.columns + column]! * (inverse?.[ordinal] ?? 1);
  const toMean = candidates.map((ordinal) => {
    let sum = 0;
    for (let column = 0; column < points.columns; column++) {
      const mean = candidates.reduce((total, other) => total + value(other, column), 0) / candidates.length;
      sum += (value(ordinal, column) - mean) ** 2;
    }
    return sum;
  });
  const atStart = stretched(Float64Array.from(toMean, (square) => -distanceFromSquare(square, metric)));
  return {
    gains: (left: readonly number[], chosen: readonly number[]) => {
      if (chosen.length === 0) return left.map((ordinal) => atStart[candidates.indexOf(ordinal)]!);
      const range = Math.max(...query.map((ordinal) => distance(ordinal, chosen)));
      return left.map((ordinal) => (range > 0 ? distance(ordinal, chosen) / range : 0));
    },
    keys: (left: readonly number[], chosen: readonly number[]) => left.map((ordinal) => (chosen.length === 0 ? -toMean[candidates.indexOf(ordinal)]! : nearest(ordinal, chosen))),
    allowed: (ordinal: number, chosen: readonly number[]) => chosen.length === 0 || distance(ordinal, chosen) >= minDistance,
  };
}

function plainBalance({ input, strategy }: StrategyEntry, values: StrategyValues, query: readonly number[]) {
  const { categories } = values as { categories: readonly string[] };
  const counted = (name: string) => input.type !== "PREDICTIONS" || input.categories === null || input.categories.includes(name);
  const target = strategy.type === "BALANCE" ? strategy.target : null;
  const classes = target === null ? [...categories] : [...Object.keys(target), ""];
  /** How often each class occurs in a sample. */
  const amounts = (ordinal: number): number[] => {
    const found = classes.map(() => 0);
    categories.forEach((name, at) => {
      if (!counted(name)) return;
      const amount = "codes" in values ? Number(values.codes[ordinal] === at) : (values as { counts: ArrayLike<number> }).counts[ordinal * categories.length + at]!;
      const one = classes.indexOf(name);
      found[one === -1 ? classes.length - 1 : one]! += amount;
    });
    return found;
  };
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  const total = (ordinals: readonly number[]) => ordinals.map(amounts).reduce((a, b) => a.map((value, at) => value + b[at]!), classes.map(() => 0));
  let wanted = target === null ? total(query) : [...Object.values(target), 1 - sum(Object.values(target))];
  if (strategy.type === "BALANCE" && strategy.distribution === "UNIFORM") wanted = wanted.map((amount) => Number(amount > 0));
  if (target === null) wanted = wanted.map((amount, _, list) => (sum(list) > 0 ? amount / sum(list) : 0));
  const keys: Gains = (left, chosen) => {
    const now = total(chosen);
    return left.map((ordinal) => {
      const own = amounts(ordinal);
      if (sum(own) === 0) return -2;
      const all = sum(now) + sum(own);
      const off = sum(wanted.map((share, at) => Math.abs((now[at]! + own[at]!) / all - share))) / 2;
      return -Math.round(off * 2 ** 40) / 2 ** 40;
    });
  };
  const gains: Gains = (left, chosen) => {
    const found = keys(left, chosen);
    const with_ = found.filter((key) => key > -2);
    const [least, most] = [-Math.max(...with_), -Math.min(...with_)];
    return found.map((key) => (key === -2 ? 0 : most > least ? (most + key) / (most - least) : 1));
  };
  return { keys, gains };
}
