import { choice, integer, number, required, shares, text, texts, type Group } from "./key.ts";

/*
 * The third dictionary: strategies that act together. The engine (@winnow/curation) reads the same form; neither room may
 * enter the other, the wire because everybody stands on it, the engine because it stands alone. So the form is written
 * twice, here as data that forms and documentation are made of, and a test of the server, which knows both, holds them together.
 */

/** What a strategy looks at, by type. */
export const inputKeys = {
  EMBEDDINGS: {
    task: text("task", "Embeddings of the objects (crops) of this prediction task"),
    datasetId: text("id", "Dataset of the samples to be similar to"),
    tagName: text("tag", "Their tag"),
  },
  SCORES: {
    task: text("task", "Prediction task that the score is computed from"),
    score: required(text("task", "Name of the score")),
  },
  METADATA: { key: required(text("text", "Name or path of the metadata")) },
  PREDICTIONS: {
    task: required(text("task", "Prediction task")),
    name: required(choice(["CLASS_DISTRIBUTION", "CATEGORY_COUNT"], null, "Which classes there are (for BALANCE), or how many objects (for WEIGHTS and THRESHOLD)")),
    categories: texts("text", "Only these classes count", { minimum: 1 }),
  },
  RANDOM: { randomSeed: integer(null, {}, "Makes it repeatable; nothing: the seed of the run") },
} as const satisfies Readonly<Record<string, Group>>;

const strength = number(1, { minimum: -1e9, maximum: 1e9 }, "Weight beside the other strategies; negative: the opposite");

/** What a strategy does with it, by type. */
export const strategyKeys = {
  DIVERSITY: {
    stoppingConditionMinimumDistance: number(null, { minimum: 0, off: -1 }, "Never pick what is nearer than this to a picked one"),
    strength,
  },
  WEIGHTS: { strength },
  THRESHOLD: {
    threshold: required(number(null, {}, "Value to compare with")),
    operation: required(choice(["SMALLER", "SMALLER_EQUAL", "BIGGER", "BIGGER_EQUAL"], null, "What has to hold, else a sample is left out before anything is selected")),
  },
  BALANCE: {
    target: shares("Share of each class, for the distribution TARGET"),
    distribution: choice(["TARGET", "UNIFORM", "INPUT"], "TARGET", "Distribution that the selection is brought near to"),
    strength,
  },
  SIMILARITY: { strength },
  TYPICALITY: {
    numNearestNeighbors: integer(20, { minimum: 1 }, "Neighbours that make a region dense"),
    stoppingConditionMinimumTypicality: number(null, { above: 0 }, "Never pick what is less typical than this"),
    strength,
  },
} as const satisfies Readonly<Record<string, Group>>;

/** Inputs that each strategy works on. Of predictions BALANCE takes the distribution, all others the count. */
export const inputsOfStrategy = {
  DIVERSITY: ["EMBEDDINGS"],
  WEIGHTS: ["SCORES", "METADATA", "PREDICTIONS", "RANDOM"],
  THRESHOLD: ["SCORES", "METADATA", "PREDICTIONS"],
  BALANCE: ["METADATA", "PREDICTIONS"],
  SIMILARITY: ["EMBEDDINGS"],
  TYPICALITY: ["EMBEDDINGS"],
} as const satisfies { readonly [Name in keyof typeof strategyKeys]: readonly (keyof typeof inputKeys)[] };

/** The whole: how many, and by which strategies. */
export const selectionKeys = {
  nSamples: integer(null, { minimum: 0, off: -1 }, "How many new samples to select; -1: until a strategy stops"),
  proportionSamples: number(null, { minimum: 0, maximum: 1 }, "The same as a share of the input"),
};

