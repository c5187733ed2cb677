import type { RunConfiguration, SampleAmount } from "@winnow/contract";
import { type Matrix, type Selection, type StrategySelection, type StrategyValues, selectByStrategies, selectSamples } from "@winnow/curation";
import { type RunContext, RunFailure } from "../run/context.ts";

/** What to select from. Rows of the points are those of the pool, then one for each unit. */
export interface SelectionProblem {
  readonly points: Matrix;
  /** Rows that count as chosen already. */
  readonly preselected: Uint32Array;
  /** Rows that may be picked. */
  readonly query: Uint32Array;
  /** One number per row, NaN where there is none; for coral and active_learning. */
  readonly scores: Float64Array | undefined;
  /** What each strategy looks at. */
  readonly values: readonly (StrategyValues | undefined)[];
  /** Items in a unit: 1, or the length of sequences. */
  readonly length: number;
  readonly threads: number | undefined;
}

export interface Selected {
  readonly method: string;
  /** Rows in the order of picking. */
  readonly rows: Uint32Array;
  /** A sentence for each. */
  readonly reasons: readonly string[];
  /** Coverage radius after each pick; empty where there are no distances. */
  readonly coverage: Float64Array;
  /** Why it stopped, a sentence. */
  readonly stopped: string;
  readonly seed: number;
  readonly inputHash: string;
}

const METHODS = { coreset: "CORESET", random: "RANDOM", coral: "CORAL", active_learning: "ACTIVE_LEARNING" } as const;

/** Selects as the configuration says. A number of samples is one of new picks; what is preselected comes on top. */
export async function selectUnits(context: RunContext, { docker, lightly, selection }: RunConfiguration, problem: SelectionProblem): Promise<Selected> {
  const { points, preselected, query, threads } = problem;
  const { signal } = context;
  const seed = lightly.seed;
  const shared = { preselected, query, seed, signal, ...(threads === undefined ? {} : { threads }), onProgress: (done: number, total: number) => context.progress("selecting", done, total) };
  if (query.length === 0) {
    return { method: selection === null ? METHODS[docker.method] : "STRATEGIES", rows: new Uint32Array(), reasons: [], coverage: new Float64Array(), stopped: "There was nothing to select from.", seed, inputHash: "" };
  }
  if (selection !== null) {
    const amount: SampleAmount | null = selection.nSamples === null ? (selection.proportionSamples === null ? null : { share: selection.proportionSamples }) : { count: selection.nSamples };
    const wanted = unitsOf(amount, query.length, problem.length);
    let found: StrategySelection;
    try {
      found = await selectByStrategies({
        ...shared,
        size: points.rows,
        // The engine counts the preselected in.
        selection: { nSamples: wanted === undefined ? null : wanted + preselected.length, proportionSamples: null, strategies: selection.strategies },
        values: problem.values,
      });
    } catch (error) {
      if (error instanceof RangeError) throw new RunFailure(`The selection can't be done as it is configured: ${error.message}.`);
      throw error;
    }
    const types = selection.strategies.map(({ strategy }) => strategy.type);
    return {
      method: "STRATEGIES",
      rows: found.ordinals,
      reasons: Array.from(found.ordinals, (_, i) => reasonOfGain(found, i, types)),
      coverage: known(found.radii),
      stopped: stopOf(found.stopped, found.ordinals.length, wanted),
      seed,
      inputHash: found.inputHash,
    };
  }
  const method = METHODS[docker.method];
  const wanted = unitsOf(docker.stoppingCondition.nSamples, query.length, problem.length);
  const minDistance = docker.stoppingCondition.minDistance;
  const found = await selectSamples({
    ...shared,
    method,
    size: points.rows,
    ...(method === "RANDOM" && minDistance === null ? {} : { points }),
    ...(problem.scores === undefined ? {} : { scores: problem.scores }),
    // Without any limit everything that is left is taken.
    nSamples: (wanted ?? query.length) + preselected.length,
    ...(minDistance === null ? {} : { minDistance }),
  });
  return {
    method,
    rows: found.ordinals,
    reasons: Array.from(found.ordinals, (_, i) => reasonOf(found, i, method)),
    coverage: known(found.radii),
    stopped: stopOf(found.stopped, found.ordinals.length, wanted),
    seed,
    inputHash: found.inputHash,
  };
}

/** How many units a number of samples is. A share is of the input, at least one unit. */
function unitsOf(amount: SampleAmount | null, units: number, length: number): number | undefined {
  if (amount === null) return undefined;
  if ("count" in amount) return Math.floor(amount.count / length);
  return amount.share === 0 ? 0 : Math.max(1, Math.round(amount.share * units));
}

function reasonOf({ distances, scores }: Selection, i: number, method: string): string {
  const distance = distances[i]!;
  const far = distance === Infinity ? "the most typical of the input" : Number.isNaN(distance) ? undefined : `${distance.toFixed(3)} away from the nearest one chosen before`;
  const score = Number.isNaN(scores[i]!) ? "no score" : `a score of ${scores[i]!.toFixed(3)}`;
  switch (method) {
    case "CORESET":
      return far ?? "chosen";
    case "RANDOM":
      return "drawn at random";
    case "CORAL":
      return `${score}, and ${far ?? "chosen"}`;
    default:
      return score;
  }
}

function reasonOfGain({ gains, shares, distances }: StrategySelection, i: number, types: readonly string[]): string {
  const parts = types.flatMap((type, s) => (type === "THRESHOLD" ? [] : [`${type} ${shares[i * types.length + s]!.toFixed(3)}`]));
  const distance = distances[i]!;
  return `a gain of ${gains[i]!.toFixed(3)} (${parts.join(", ")})${Number.isFinite(distance) ? `, ${distance.toFixed(3)} away from the nearest one chosen before` : ""}`;
}

function stopOf(stopped: "count" | "distance" | "typicality" | "exhausted", picked: number, wanted: number | undefined): string {
  // The count is then all there is.
  if (wanted === undefined && stopped === "count") return `All ${picked} were selected: nothing limited the selection.`;
  switch (stopped) {
    case "count":
      return `It stopped at the ${picked} wanted.`;
    case "distance":
      return `It stopped after ${picked}: everything left is nearer to a chosen one than the minimum distance.`;
    case "typicality":
      return `It stopped after ${picked}: everything left is less typical than the minimum.`;
    default:
      return wanted === undefined ? `All ${picked} were selected: nothing limited the selection.` : `${wanted} were wanted, but there were only ${picked}: all of them were selected.`;
  }
}

function known(radii: Float64Array): Float64Array {
  return radii.length > 0 && !Number.isNaN(radii[0]!) ? radii : new Float64Array();
}
