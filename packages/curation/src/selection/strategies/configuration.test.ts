import { expect, test } from "vitest";
import { strategyConfiguration } from "./configuration.ts";
import { nearestName } from "./nearest-name.ts";

const strategies = [
  { input: { type: "EMBEDDINGS", dataset_id: "d", tag_name: "query" }, strategy: { type: "SIMILARITY", strength: 2 } },
  { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY", stopping_condition_minimum_distance: 0.1 } },
  { input: { type: "SCORES", task: "t", score: "uncertainty_margin" }, strategy: { type: "WEIGHTS" } },
  { input: { type: "METADATA", key: "weather" }, strategy: { type: "BALANCE", distribution: "INPUT" } },
  { input: { type: "PREDICTIONS", task: "t", name: "CLASS_DISTRIBUTION" }, strategy: { type: "BALANCE", target: { big_truck: 0.1, smallCar: 0.9 } } },
  { input: { type: "PREDICTIONS", task: "t", name: "CATEGORY_COUNT", categories: ["big_truck"] }, strategy: { type: "THRESHOLD", threshold: 1, operation: "BIGGER_EQUAL" } },
  { input: { type: "RANDOM", random_seed: 3 }, strategy: { type: "WEIGHTS", strength: null } },
  { input: { type: "EMBEDDINGS" }, strategy: { type: "TYPICALITY", num_nearest_neighbors: 5, stopping_condition_minimum_typicality: 0.5 } },
];

function camelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()), key === "target" ? item : camelCase(item)]));
}

test("both spellings, defaults, and what it answers is read again the same", () => {
  const read = strategyConfiguration({ n_samples: -1, proportion_samples: 0.5, strategies });
  expect(read).toMatchObject({ nSamples: null, proportionSamples: 0.5 });
  expect(read.strategies).toMatchObject([
    { input: { datasetId: "d", tagName: "query", task: null }, strategy: { strength: 2 } },
    { strategy: { stoppingConditionMinimumDistance: 0.1, strength: 1 } },
    { input: { task: "t", score: "uncertainty_margin" } },
    { strategy: { distribution: "INPUT", target: null } },
    { input: { categories: null }, strategy: { distribution: "TARGET", target: { big_truck: 0.1, smallCar: 0.9 } } },
    { input: { categories: ["big_truck"] }, strategy: { threshold: 1, operation: "BIGGER_EQUAL" } },
    { input: { randomSeed: 3 }, strategy: { strength: 1 } },
    { strategy: { numNearestNeighbors: 5, stoppingConditionMinimumTypicality: 0.5 } },
  ]);
  expect(strategyConfiguration(camelCase({ n_samples: -1, proportion_samples: 0.5, strategies }))).toEqual(read);
  expect(strategyConfiguration(JSON.parse(JSON.stringify(read)))).toEqual(read);
});

const diversity = { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } };
const one = (input: object, strategy: object) => ({ nSamples: 1, strategies: [{ input, strategy }] });

test.each([
  [null, "selection: must be an object, got null"],
  [{ nSamples: 1 }, "selection.strategies: must be a list of at least one strategy"],
  [{ n_sample: 1, strategies: [diversity] }, "selection.n_sample: there is no such key; did you mean n_samples?"],
  [{ strategies: [diversity] }, "needs a condition to stop at"],
  [{ nSamples: 1, n_samples: 1, strategies: [diversity] }, "in both spellings"],
  [{ nSamples: 1, proportionSamples: 0.5, strategies: [diversity] }, "exclude each other"],
  [{ n_samples: -2, strategies: [diversity] }, "selection.n_samples: must be a whole number of at least 0, or -1 for no limit, got -2"],
  [one({ type: "RANDOM", random_seed: "x" }, { type: "WEIGHTS" }), 'input.random_seed: must be a number, got "x"'],
  [{ nSamples: 1.5, strategies: [diversity] }, "selection.nSamples: must be a whole number of at least 0, or -1 for no limit, got 1.5"],
  [{ proportionSamples: 2, strategies: [diversity] }, "must be a share in 0 … 1, got 2"],
  [one({ type: "EMBEDDING" }, { type: "DIVERSITY" }), "selection.strategies[0].input.type: there is no EMBEDDING here; did you mean EMBEDDINGS?"],
  [one({ type: "EMBEDDINGS", score: "x" }, { type: "DIVERSITY" }), "input.score: there is no such key for EMBEDDINGS; did you mean"],
  [one({ type: "EMBEDDINGS" }, { type: "DIVERSITY", strenght: 1 }), "strategy.strenght: there is no such key for DIVERSITY; did you mean strength?"],
  [one({ type: "EMBEDDINGS" }, { type: "DIVERSITY", strength: "1" }), 'strategy.strength: must be a number in -1e9 … 1e9, got "1"'],
  [one({ type: "EMBEDDINGS" }, { type: "WEIGHTS" }), "WEIGHTS works on SCORES, METADATA, PREDICTIONS, RANDOM, not on EMBEDDINGS"],
  [one({ type: "SCORES" }, { type: "WEIGHTS" }), "input.score: is missing"],
  [one({ type: "METADATA", key: "k" }, { type: "THRESHOLD", operation: "BIGGER" }), "strategy.threshold: is missing; it must be a number"],
  [one({ type: "METADATA", key: "k" }, { type: "THRESHOLD", threshold: 1, operation: "LARGER" }), "did you mean BIGGER?"],
  [one({ type: "METADATA", key: "k" }, { type: "BALANCE" }), "strategy.target: is missing"],
  [one({ type: "METADATA", key: "k" }, { type: "BALANCE", target: { a: 0.7, b: 0.6 } }), "must not sum to more than 1"],
  [one({ type: "METADATA", key: "k" }, { type: "BALANCE", distribution: "UNIFORM", target: { a: 1 } }), "goes with the distribution TARGET"],
  [one({ type: "PREDICTIONS", task: "t", name: "CATEGORY_COUNT" }, { type: "BALANCE", distribution: "INPUT" }), "BALANCE works on CLASS_DISTRIBUTION, not on CATEGORY_COUNT"],
  [one({ type: "EMBEDDINGS" }, { type: "TYPICALITY", numNearestNeighbors: 0 }), "whole number of at least 1, got 0"],
])("%j is refused", (json, sentence) => {
  expect(() => strategyConfiguration(json)).toThrow(RangeError);
  expect(() => strategyConfiguration(json)).toThrow(sentence);
});

test("a wrong word leads to one complaint, not two", () => {
  expect(() => strategyConfiguration(one({ type: "SCORES", score: "s" }, { type: "WIEGHTS" }))).toThrow(/^the selection can't be made: selection\.strategies\[0\]\.strategy\.type: there is no WIEGHTS here; did you mean WEIGHTS\?$/);
});

test("every complaint is told at once", () => {
  expect(() => strategyConfiguration({ nSampels: 1, strategies: [one({}, {})] })).toThrow(/nSampels.*strategies\[0\]/s);
});

test("the nearest name takes the fewest edits, ties to the first", () => {
  expect(nearestName("trehsold", ["strength", "threshold"])).toBe("threshold");
  expect(nearestName("x", ["aa", "b", "c"])).toBe("b");
  expect(nearestName("x", [])).toBe("");
});
