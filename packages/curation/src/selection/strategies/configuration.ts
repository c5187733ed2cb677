import { type Keys, reader, type Reader } from "./keys.ts";

/** What a strategy looks at. Absent settings are `null`. */
export type StrategyInput =
  /** `task`: object crops of that prediction task; `datasetId` and `tagName`: the query set of SIMILARITY. */
  | { readonly type: "EMBEDDINGS"; readonly task: string | null; readonly datasetId: string | null; readonly tagName: string | null }
  | { readonly type: "SCORES"; readonly task: string | null; readonly score: string }
  /** `key`: name or path of the metadata, numeric or categorical. */
  | { readonly type: "METADATA"; readonly key: string }
  /** `categories`: only these classes count; null: all of the task. */
  | { readonly type: "PREDICTIONS"; readonly task: string; readonly name: "CLASS_DISTRIBUTION" | "CATEGORY_COUNT"; readonly categories: readonly string[] | null }
  /** `randomSeed`: null takes the seed of the request. */
  | { readonly type: "RANDOM"; readonly randomSeed: number | null };

/** What a strategy does with it. `strength` is −10⁹ … 10⁹, default 1; a negative one prefers the opposite. */
export type Strategy =
  /** Prefers what is unlike all chosen; never picks what is nearer than the minimum distance to one of them. */
  | { readonly type: "DIVERSITY"; readonly stoppingConditionMinimumDistance: number | null; readonly strength: number }
  /** Prefers high values. */
  | { readonly type: "WEIGHTS"; readonly strength: number }
  /** Leaves out what doesn't hold before anything is selected. */
  | { readonly type: "THRESHOLD"; readonly threshold: number; readonly operation: ThresholdOperation }
  /** Prefers what brings the classes of all chosen nearer to a distribution; `target` only for TARGET: class to share 0 … 1. */
  | { readonly type: "BALANCE"; readonly distribution: "TARGET" | "UNIFORM" | "INPUT"; readonly target: Readonly<Record<string, number>> | null; readonly strength: number }
  /** Prefers what is near to the query set. */
  | { readonly type: "SIMILARITY"; readonly strength: number }
  /** Prefers dense regions; never picks what is less typical than the minimum. */
  | { readonly type: "TYPICALITY"; readonly numNearestNeighbors: number; readonly stoppingConditionMinimumTypicality: number | null; readonly strength: number };

export type ThresholdOperation = "SMALLER" | "SMALLER_EQUAL" | "BIGGER" | "BIGGER_EQUAL";

export interface StrategyEntry {
  readonly input: StrategyInput;
  readonly strategy: Strategy;
}

/** A strategy selection as it was understood, with defaults filled in. */
export interface StrategyConfiguration {
  /** Samples wanted in total, the preselected included; null: not limited so. */
  readonly nSamples: number | null;
  /** The same as a share 0 … 1 of the query as it is before any THRESHOLD, rounded; null: not limited so. */
  readonly proportionSamples: number | null;
  readonly strategies: readonly StrategyEntry[];
}

const INPUT_TYPES = ["EMBEDDINGS", "SCORES", "METADATA", "PREDICTIONS", "RANDOM"] as const;
const STRATEGY_TYPES = ["DIVERSITY", "WEIGHTS", "THRESHOLD", "BALANCE", "SIMILARITY", "TYPICALITY"] as const;
const INPUT_KEYS = {
  EMBEDDINGS: ["task", "datasetId", "tagName"],
  SCORES: ["task", "score"],
  METADATA: ["key"],
  PREDICTIONS: ["task", "name", "categories"],
  RANDOM: ["randomSeed"],
} as const;
const STRATEGY_KEYS = {
  DIVERSITY: ["stoppingConditionMinimumDistance", "strength"],
  WEIGHTS: ["strength"],
  THRESHOLD: ["threshold", "operation"],
  BALANCE: ["target", "distribution", "strength"],
  SIMILARITY: ["strength"],
  TYPICALITY: ["numNearestNeighbors", "stoppingConditionMinimumTypicality", "strength"],
} as const;
/** Which inputs a strategy can work on. PREDICTIONS are a distribution for BALANCE, else a count. */
const INPUTS_OF: Readonly<Record<Strategy["type"], readonly StrategyInput["type"][]>> = {
  DIVERSITY: ["EMBEDDINGS"],
  WEIGHTS: ["SCORES", "METADATA", "PREDICTIONS", "RANDOM"],
  THRESHOLD: ["SCORES", "METADATA", "PREDICTIONS"],
  BALANCE: ["METADATA", "PREDICTIONS"],
  SIMILARITY: ["EMBEDDINGS"],
  TYPICALITY: ["EMBEDDINGS"],
};
const STRENGTH_MAX = 1e9;
/** The number that the paper on typicality uses. */
const NEIGHBOURS = 20;

/**
 * Reads the JSON form of a strategy selection, keys in snake_case or camelCase at every level. What stands in `target` is
 * the user's and is never renamed. Reading what it has answered gives the same again.
 * @throws RangeError that names every offending key with its place, and for unknown keys and words the nearest valid one
 * @example
 * strategyConfiguration({ n_samples: 100, strategies: [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }] });
 */
export function strategyConfiguration(json: unknown): StrategyConfiguration {
  const read = reader();
  const found = read.object(json, "selection", ["nSamples", "proportionSamples", "strategies"]);
  let nSamples: number | null = null;
  if (found.value("nSamples") !== undefined) {
    const given = read.number(found.value("nSamples"), found.path("nSamples"), (value) => Number.isSafeInteger(value) && value >= -1, "a whole number of at least 0, or -1 for no limit");
    if (given !== -1) nSamples = given;
  }
  const proportionSamples = found.value("proportionSamples") === undefined ? null : read.number(found.value("proportionSamples"), found.path("proportionSamples"), (value) => value >= 0 && value <= 1, "a share in 0 … 1");
  if (nSamples !== null && proportionSamples !== null) read.complain("selection", "nSamples and proportionSamples exclude each other; give one");
  const given = found.value("strategies");
  const strategies = Array.isArray(given) ? given.map((value: unknown, index) => entry(read, value, `selection.strategies[${index}]`)) : [];
  if (strategies.length === 0) read.complain("selection.strategies", "must be a list of at least one strategy");
  else if (nSamples === null && proportionSamples === null && !strategies.some(({ strategy }) => stops(strategy))) {
    read.complain("selection", "needs a condition to stop at: give nSamples, proportionSamples, or a stopping condition of a strategy");
  }
  read.finish();
  return { nSamples, proportionSamples, strategies };
}

function stops(strategy: Strategy): boolean {
  if (strategy.type === "DIVERSITY") return strategy.stoppingConditionMinimumDistance !== null;
  return strategy.type === "TYPICALITY" && strategy.stoppingConditionMinimumTypicality !== null;
}

function entry(read: Reader, value: unknown, path: string): StrategyEntry {
  const before = read.complaints;
  const found = read.object(value, path, ["input", "strategy"]);
  const input = inputOf(read, found.value("input"), `${path}.input`);
  const strategy = strategyOf(read, found.value("strategy"), `${path}.strategy`);
  // Whether the two go together can be said once each is right.
  if (read.complaints > before) return { input, strategy };
  const allowed = INPUTS_OF[strategy.type];
  if (!allowed.includes(input.type)) read.complain(`${path}.input.type`, `${strategy.type} works on ${allowed.join(", ")}, not on ${input.type}`);
  if (input.type === "PREDICTIONS") {
    const name = strategy.type === "BALANCE" ? "CLASS_DISTRIBUTION" : "CATEGORY_COUNT";
    if (input.name !== name) read.complain(`${path}.input.name`, `${strategy.type} works on ${name}, not on ${input.name}`);
  }
  return { input, strategy };
}

/** Only the keys of its type are known, but of an object with a wrong type any. */
function typed<Type extends string>(read: Reader, value: unknown, path: string, types: readonly Type[], keysOf: Readonly<Record<Type, readonly string[]>>): { type: Type; found: Keys } {
  const written = typeof value === "object" && value !== null ? (value as { type?: unknown }).type : undefined;
  const known = types.find((one) => typeof written === "string" && one === written.toUpperCase());
  const keys = known === undefined ? types.flatMap((one) => keysOf[one]) : keysOf[known];
  const found = read.object(value, path, ["type", ...keys], known);
  return { type: read.word(found.value("type"), found.path("type"), types), found };
}

function inputOf(read: Reader, value: unknown, path: string): StrategyInput {
  const { type, found } = typed(read, value, path, INPUT_TYPES, INPUT_KEYS);
  const text = (key: string): string => read.text(found.value(key), found.path(key));
  const optional = (key: string): string | null => (found.value(key) === undefined ? null : text(key));
  switch (type) {
    case "EMBEDDINGS":
      return { type, task: optional("task"), datasetId: optional("datasetId"), tagName: optional("tagName") };
    case "SCORES":
      return { type, task: optional("task"), score: text("score") };
    case "METADATA":
      return { type, key: text("key") };
    case "PREDICTIONS": {
      const categories = found.value("categories");
      if (categories !== undefined && (!Array.isArray(categories) || categories.length === 0)) read.complain(found.path("categories"), "must be a list of at least one class");
      const names = Array.isArray(categories) ? categories.map((name: unknown, index) => read.text(name, `${found.path("categories")}[${index}]`)) : null;
      return { type, task: text("task"), name: read.word(found.value("name"), found.path("name"), ["CLASS_DISTRIBUTION", "CATEGORY_COUNT"]), categories: names };
    }
    case "RANDOM":
      return { type, randomSeed: found.value("randomSeed") === undefined ? null : read.number(found.value("randomSeed"), found.path("randomSeed")) };
  }
}

function strategyOf(read: Reader, value: unknown, path: string): Strategy {
  const { type, found } = typed(read, value, path, STRATEGY_TYPES, STRATEGY_KEYS);
  const number = (key: string, rule: (value: number) => boolean, expected: string): number => read.number(found.value(key), found.path(key), rule, expected);
  const optional = (key: string, rule: (value: number) => boolean, expected: string): number | null => (found.value(key) === undefined ? null : number(key, rule, expected));
  const strength = optional("strength", (given) => Math.abs(given) <= STRENGTH_MAX, "a number in -1e9 … 1e9") ?? 1;
  switch (type) {
    case "DIVERSITY": {
      const given = optional("stoppingConditionMinimumDistance", (distance) => distance >= 0 || distance === -1, "a number of at least 0, or -1 for none");
      return { type, stoppingConditionMinimumDistance: given === -1 ? null : given, strength };
    }
    case "WEIGHTS":
    case "SIMILARITY":
      return { type, strength };
    case "THRESHOLD":
      return {
        type,
        threshold: number("threshold", Number.isFinite, "a number"),
        operation: read.word(found.value("operation"), found.path("operation"), ["SMALLER", "SMALLER_EQUAL", "BIGGER", "BIGGER_EQUAL"]),
      };
    case "BALANCE": {
      const distribution = found.value("distribution") === undefined ? "TARGET" : read.word(found.value("distribution"), found.path("distribution"), ["TARGET", "UNIFORM", "INPUT"]);
      if (distribution === "TARGET") return { type, distribution, target: targetOf(read, found.value("target"), found.path("target")), strength };
      if (found.value("target") !== undefined) read.complain(found.path("target"), `goes with the distribution TARGET, not with ${distribution}`);
      return { type, distribution, target: null, strength };
    }
    case "TYPICALITY":
      return {
        type,
        numNearestNeighbors: optional("numNearestNeighbors", (count) => Number.isSafeInteger(count) && count >= 1, "a whole number of at least 1") ?? NEIGHBOURS,
        stoppingConditionMinimumTypicality: optional("stoppingConditionMinimumTypicality", (least) => least > 0, "a number above 0"),
        strength,
      };
  }
}

function targetOf(read: Reader, value: unknown, path: string): Record<string, number> {
  const target: Record<string, number> = Object.create(null) as Record<string, number>;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    read.complain(path, value === undefined ? "is missing: it holds the share of each class, or give a distribution UNIFORM or INPUT" : "must be an object of class to share");
    return target;
  }
  let sum = 0;
  for (const [name, share] of Object.entries(value)) {
    target[name] = read.number(share, `${path}.${name}`, (given) => given >= 0 && given <= 1, "a share in 0 … 1");
    sum += target[name];
  }
  if (Object.keys(target).length === 0) read.complain(path, "must name at least one class");
  // What decimal fractions leave over is no mistake.
  if (sum > 1 + 1e-9) read.complain(path, `shares must not sum to more than 1, got ${sum}`);
  return { ...target };
}
