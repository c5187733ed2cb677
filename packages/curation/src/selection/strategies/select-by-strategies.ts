import { inspectMatrix, type Inspection } from "../../matrix/check-matrix.ts";
import { inputHash, type HashedColumn } from "../../matrix/input-hash.ts";
import type { Matrix } from "../../matrix/matrix.ts";
import { coreset } from "../coreset.ts";
import { problemFrom, type Problem } from "../problem.ts";
import { balance } from "./balance.ts";
import { strategyConfiguration, type StrategyConfiguration } from "./configuration.ts";
import { randomValues } from "./random-values.ts";
import type { StrategyRequest, StrategySelection } from "./request.ts";
import { distancesToQuerySet } from "./similarity.ts";
import { stretched } from "./stretched.ts";
import type { BalanceGain, DiversityGain, FixedGain, StrategyTask, Walk } from "./task.ts";
import { withinThreshold } from "./threshold.ts";
import { meanNeighbourDistances } from "./typicality.ts";
import { checkValues, numbersOf, type StrategyValues } from "./values.ts";
import { walkGreedily } from "./walk-greedily.ts";
import { walkInOrder } from "./walk-in-order.ts";

/**
 * Selects by any number of strategies at once, one pick after the other, each the candidate with the largest
 *
 *     Σ strength · gain
 *
 * ties to the lowest ordinal. First every THRESHOLD filters the query. Each other strategy gives each candidate a gain of
 * 0 … 1, so that strengths mean the same for all of them:
 *
 * - DIVERSITY: d / D, the distance to the nearest chosen sample by the largest such distance in the query. With nothing
 *   chosen: nearness to the candidates' mean (CORESET's rule), stretched to 0 … 1.
 * - WEIGHTS: the values of the candidates, stretched to 0 … 1; none counts as the worst.
 * - RANDOM: the places in a shuffle drawn from the seed, the first 1.
 * - SIMILARITY: nearness to the nearest sample of the query set, stretched. See {@link distancesToQuerySet}.
 * - TYPICALITY: nearness of the nearest neighbours, stretched. See {@link meanNeighbourDistances}.
 * - BALANCE: how much nearer to the target a sample brings all chosen. See {@link balance}.
 *
 * Alone (strength above 0), DIVERSITY is CORESET, WEIGHTS and RANDOM are highest first and the method RANDOM, SIMILARITY
 * is nearest first, TYPICALITY densest first, BALANCE least off the target first: compared by their plain values, so
 * exactly. A minimum distance or typicality is never gone below, whichever strategies there are besides.
 *
 * The same request gives the same result on any number of threads and any machine. A step costs O(candidates) and the
 * distances that bounds don't rule out.
 *
 * Rejects with a RangeError that names the strategy and key (see {@link strategyConfiguration}, {@link checkValues}), or
 * quotes the wrong number; or with the signal's reason once it is aborted.
 */
export async function selectByStrategies(request: StrategyRequest): Promise<StrategySelection> {
  const { size, values, signal, threads } = request;
  signal?.throwIfAborted();
  const read = strategyConfiguration(request.selection);
  if (values.length !== read.strategies.length) throw new RangeError(`values must have one entry per strategy: ${read.strategies.length} expected, got ${values.length}`);
  // Query, preselected, metric, seed and threads follow the rules of every selection.
  const { query: wanted, preselected, metric: given, seed: drawn } = request;
  const checked = await problemFrom({ method: "RANDOM", size, nSamples: 0, query: wanted, preselected, metric: given, seed: drawn, threads });
  const { metric, seed } = checked.configuration;
  read.strategies.forEach((entry, index) => checkValues(entry, values[index], size, `selection.strategies[${index}]`));
  const inspections = new Map<Matrix, Inspection>();
  for (const one of matricesOf(values)) if (!inspections.has(one)) inspections.set(one, await inspectMatrix(one, { threads, signal }));

  const selection: StrategyConfiguration = {
    ...read,
    strategies: read.strategies.map(({ input, strategy }) => ({ strategy, input: input.type === "RANDOM" ? { type: "RANDOM", randomSeed: input.randomSeed ?? seed } : input })),
  };
  const total = selection.nSamples ?? (selection.proportionSamples === null ? null : Math.round(selection.proportionSamples * checked.query.length));
  let { query, candidates } = checked;
  selection.strategies.forEach(({ input, strategy }, index) => {
    if (strategy.type !== "THRESHOLD") return;
    const numbers = numbersOf({ input, strategy }, values[index], size);
    query = withinThreshold(query, numbers, strategy.threshold, strategy.operation);
    candidates = withinThreshold(candidates, numbers, strategy.threshold, strategy.operation);
  });

  const problem: Problem = {
    ...checked,
    query,
    candidates,
    picksWanted: total === null ? Infinity : Math.max(0, total - checked.preselected.length),
  };
  const walk = await walked(request, selection, problem, checked.query, inspections);
  const strategyCount = selection.strategies.length;
  return {
    ...walk,
    gains: Float64Array.from(walk.ordinals, (_, pick) => walk.shares.subarray(pick * strategyCount, (pick + 1) * strategyCount).reduce((a, b) => a + b, 0)),
    filtered: checked.query.length - query.length,
    configuration: { selection, size, nSamples: total, metric, seed },
    inputHash: inputHash([...values.flatMap((one) => hashedColumns(one, inspections)), checked.query, checked.preselected]),
  };
}

async function walked(
  request: StrategyRequest, { strategies }: StrategyConfiguration, problem: Problem, input: Uint32Array, inspections: ReadonlyMap<Matrix, Inspection>,
): Promise<Walk> {
  const { size, values, signal, threads } = request;
  const { query, candidates, preselected } = problem;
  const { metric } = problem.configuration;
  const largestOf = (points: Matrix): number => inspections.get(points)!.largest;
  const acting = strategies.filter(({ strategy }) => strategy.type !== "THRESHOLD");
  const [first] = acting;
  if (acting.length === 1 && first!.strategy.type === "DIVERSITY" && first!.strategy.strength > 0) {
    const index = strategies.indexOf(first!);
    return diversityAlone(request, problem, { index, strategyCount: strategies.length, strength: first!.strategy.strength, minDistance: first!.strategy.stoppingConditionMinimumDistance ?? 0, inspections });
  }

  const fixed: FixedGain[] = [];
  const balances: BalanceGain[] = [];
  const diversities: DiversityGain[] = [];
  const untypical = new Uint8Array(candidates.length);
  for (const [index, entry] of strategies.entries()) {
    const { strategy } = entry;
    const given = values[index];
    if (strategy.type === "THRESHOLD") continue;
    const { strength } = strategy;
    // Who has no value is the worst, whichever end is wanted.
    const still = (keys: Float64Array): unknown => fixed.push({ index, strength, keys, gains: stretched(keys, strength < 0 ? 1 : 0) });
    switch (strategy.type) {
      case "DIVERSITY":
        // Without strength or minimum it changes nothing, but distances are reported by its points.
        if (strength !== 0 || strategy.stoppingConditionMinimumDistance !== null) {
          diversities.push({ index, strength, points: pointsOf(given), minDistance: strategy.stoppingConditionMinimumDistance ?? 0 });
        }
        break;
      case "BALANCE":
        balances.push({ index, strength, balance: balance(entry, given!, input, candidates, preselected) });
        break;
      case "WEIGHTS": {
        if (entry.input.type === "RANDOM") still(randomValues(candidates.length, entry.input.randomSeed!));
        else {
          const numbers = numbersOf(entry, given, size);
          still(Float64Array.from(candidates, (ordinal) => numbers[ordinal]!));
        }
        break;
      }
      case "SIMILARITY": {
        const { points, similarTo } = given as { points: Matrix; similarTo: Matrix | Uint32Array };
        const largest = Math.max(largestOf(points), similarTo instanceof Uint32Array ? 0 : largestOf(similarTo));
        still((await distancesToQuerySet(points, similarTo, candidates, metric, largest, { threads, signal })).map((distance) => -distance));
        break;
      }
      case "TYPICALITY": {
        const means = await meanNeighbourDistances(pointsOf(given), largestOf(pointsOf(given)), query, strategy.numNearestNeighbors, metric, { threads, signal });
        const byOrdinal = new Float64Array(size);
        query.forEach((ordinal, position) => {
          byOrdinal[ordinal] = means[position]!;
        });
        const least = strategy.stoppingConditionMinimumTypicality ?? 0;
        candidates.forEach((ordinal, position) => {
          if (1 / byOrdinal[ordinal]! < least) untypical[position] = 1;
        });
        still(Float64Array.from(candidates, (ordinal) => -byOrdinal[ordinal]!));
      }
    }
  }
  const spread = strategies.findIndex(({ strategy: { type } }) => type === "DIVERSITY");
  const shown = spread >= 0 ? spread : strategies.findIndex(({ input: { type } }) => type === "EMBEDDINGS");
  const task: StrategyTask = {
    request, metric, query, preselected, candidates, untypical, picksWanted: problem.picksWanted, strategyCount: strategies.length,
    fixed, balances, diversities, reported: shown < 0 ? undefined : pointsOf(values[shown]), largestOf,
  };
  return balances.length + diversities.length === 0 ? walkInOrder(task) : walkGreedily(task);
}

/** What DIVERSITY alone selects is CORESET, which finds the farthest sample without looking at all of them. */
async function diversityAlone(
  { values, signal, threads, onProgress, onPick }: StrategyRequest,
  problem: Problem,
  { index, strategyCount, strength, minDistance, inspections }: { index: number; strategyCount: number; strength: number; minDistance: number; inspections: ReadonlyMap<Matrix, Inspection> },
): Promise<Walk> {
  const points = pointsOf(values[index]);
  const request = { ...problem.request, method: "CORESET" as const, signal, threads, onProgress, onPick };
  const { ordinals, distances, radii, stopped } = await coreset({ ...problem, request, points, inspection: inspections.get(points), minDistance });
  const shares = new Float64Array(ordinals.length * strategyCount);
  // The farthest has all of the gain there is; copies of chosen samples have none.
  distances.forEach((distance, pick) => {
    shares[pick * strategyCount + index] = distance > 0 ? strength : 0;
  });
  return { ordinals, shares, distances, radii, stopped };
}

function pointsOf(values: StrategyValues | undefined): Matrix {
  return (values as { points: Matrix }).points;
}

function matricesOf(values: StrategyRequest["values"]): Matrix[] {
  return values.flatMap((one) => {
    if (one === undefined || !("points" in one)) return [];
    return one.similarTo === undefined || one.similarTo instanceof Uint32Array ? [one.points] : [one.points, one.similarTo];
  });
}

function hashedColumns(values: StrategyValues | undefined, inspections: ReadonlyMap<Matrix, Inspection>): (ArrayBufferView | HashedColumn | undefined)[] {
  if (values === undefined) return [undefined];
  if ("points" in values) {
    const { points, similarTo } = values;
    return [inspections.get(points), similarTo === undefined || similarTo instanceof Uint32Array ? similarTo : inspections.get(similarTo)];
  }
  if ("numbers" in values) return [values.numbers];
  return [new TextEncoder().encode(JSON.stringify(values.categories)), "codes" in values ? values.codes : values.counts];
}
