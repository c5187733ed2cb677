import type { Group } from "./key.ts";
import { inputKeys, inputsOfStrategy, selectionKeys, strategyKeys } from "./selection-keys.ts";
import { nearestName } from "../nearest-name.ts";
import { shown, type Reading } from "./reading.ts";

/** What a strategy looks at. Absent settings are `null`. */
export type StrategyInput =
  | { readonly type: "EMBEDDINGS"; readonly task: string | null; readonly datasetId: string | null; readonly tagName: string | null }
  | { readonly type: "SCORES"; readonly task: string | null; readonly score: string }
  | { readonly type: "METADATA"; readonly key: string }
  | { readonly type: "PREDICTIONS"; readonly task: string; readonly name: "CLASS_DISTRIBUTION" | "CATEGORY_COUNT"; readonly categories: readonly string[] | null }
  | { readonly type: "RANDOM"; readonly randomSeed: number | null };

/** What it does with it. */
export type Strategy =
  | { readonly type: "DIVERSITY"; readonly stoppingConditionMinimumDistance: number | null; readonly strength: number }
  | { readonly type: "WEIGHTS"; readonly strength: number }
  | { readonly type: "THRESHOLD"; readonly threshold: number; readonly operation: "SMALLER" | "SMALLER_EQUAL" | "BIGGER" | "BIGGER_EQUAL" }
  | { readonly type: "BALANCE"; readonly distribution: "TARGET" | "UNIFORM" | "INPUT"; readonly target: Readonly<Record<string, number>> | null; readonly strength: number }
  | { readonly type: "SIMILARITY"; readonly strength: number }
  | { readonly type: "TYPICALITY"; readonly numNearestNeighbors: number; readonly stoppingConditionMinimumTypicality: number | null; readonly strength: number };

/** A selection by strategies, with defaults. It has the form that the engine takes; its counts are of new samples. */
export interface StrategySelection {
  readonly nSamples: number | null;
  readonly proportionSamples: number | null;
  readonly strategies: readonly { readonly input: StrategyInput; readonly strategy: Strategy }[];
}

const container: Group = { ...selectionKeys, strategies: {} };
const entry: Group = { input: {}, strategy: {} };

/** Reads the third dictionary. */
export function readSelection(reading: Reading, value: unknown): StrategySelection {
  const path = "selection";
  const members = reading.members(value, path, container);
  const nSamples = reading.key(selectionKeys.nSamples, members.value("nSamples"), members.path("nSamples"), "selection.nSamples");
  const proportionSamples = reading.key(selectionKeys.proportionSamples, members.value("proportionSamples"), members.path("proportionSamples"), "selection.proportionSamples");
  const [counted, shared] = [members.value("nSamples") !== undefined, members.value("proportionSamples") !== undefined];
  if (counted === shared) reading.complain(path, `needs exactly one of n_samples and proportion_samples, got ${counted ? "both" : "neither"}`);
  const given = members.value("strategies");
  const strategies = Array.isArray(given) ? given.map((one: unknown, index) => readEntry(reading, one, `${path}.strategies[${index}]`)) : [];
  if (strategies.length === 0) reading.complain(members.path("strategies"), `must be a list of at least one strategy, got ${given === undefined ? "nothing" : shown(given)}`);
  else if (counted !== shared && nSamples === null && proportionSamples === null && !strategies.some(({ strategy }) => stops(strategy))) {
    reading.complain(path, "needs a condition to stop at: a number of samples, a share, or a stopping condition of a strategy");
  }
  return { nSamples, proportionSamples, strategies };
}

function stops(strategy: Strategy): boolean {
  if (strategy.type === "DIVERSITY") return strategy.stoppingConditionMinimumDistance !== null;
  return strategy.type === "TYPICALITY" && strategy.stoppingConditionMinimumTypicality !== null;
}

function readEntry(reading: Reading, value: unknown, path: string): StrategySelection["strategies"][number] {
  const before = reading.problems.length;
  const members = reading.members(value, path, entry);
  const input = readTyped(reading, inputKeys, members.value("input"), `${path}.input`) as unknown as StrategyInput;
  const strategy = readTyped(reading, strategyKeys, members.value("strategy"), `${path}.strategy`) as unknown as Strategy;
  // Whether the two go together can be said once each is right.
  if (reading.problems.length > before) return { input, strategy };
  const allowed: readonly string[] = inputsOfStrategy[strategy.type];
  if (!allowed.includes(input.type)) reading.complain(`${path}.input.type`, `${strategy.type} works on ${allowed.join(", ")}, not on ${input.type}`);
  if (input.type === "PREDICTIONS") {
    const name = strategy.type === "BALANCE" ? "CLASS_DISTRIBUTION" : "CATEGORY_COUNT";
    if (input.name !== name) reading.complain(`${path}.input.name`, `${strategy.type} works on ${name}, not on ${input.name}`);
  }
  if (strategy.type === "BALANCE") {
    if (strategy.distribution === "TARGET" && strategy.target === null) reading.complain(`${path}.strategy.target`, "is missing: it holds the share of each class, or give a distribution UNIFORM or INPUT");
    if (strategy.distribution !== "TARGET" && strategy.target !== null) reading.complain(`${path}.strategy.target`, `goes with the distribution TARGET, not with ${strategy.distribution}`);
  }
  return { input, strategy };
}

/** Only the keys of its type are known, but of an object with a wrong type any. */
function readTyped(reading: Reading, types: Readonly<Record<string, Group>>, value: unknown, path: string): { readonly type: string } {
  const names = Object.keys(types);
  const written = typeof value === "object" && value !== null ? (value as { type?: unknown }).type : undefined;
  const type = names.find((name) => typeof written === "string" && name === written.toUpperCase());
  if (type === undefined) {
    reading.complain(`${path}.type`, written === undefined || written === null ? `is missing; it is one of ${names.join(", ")}` : typeof written === "string" ? `there is no ${shown(written)} here; did you mean ${nearestName(written, names)}?` : `must be one of ${names.join(", ")}, got ${shown(written)}`);
    reading.members(value, path, { type: {}, ...Object.assign({}, ...Object.values(types)) } as Group);
    return { type: names[0]! };
  }
  const { type: _, ...rest } = value as Record<string, unknown>;
  return { type, ...reading.group(types[type]!, rest, path, path) };
}
