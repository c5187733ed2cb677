import { dockerKeys } from "./docker-keys.ts";
import type { Kind, Use } from "./key.ts";
import { lightlyKeys } from "./lightly-keys.ts";
import { expected } from "./reading.ts";
import { keysBelow } from "./run-configuration.ts";
import { inputKeys, inputsOfStrategy, selectionKeys, strategyKeys } from "./selection-keys.ts";

/** A key, for documentation and forms; all of it is JSON. */
export interface CatalogueKey {
  readonly dictionary: "docker" | "lightly" | "selection";
  /** Path in its dictionary, in snake_case: `stopping_condition.n_samples`. */
  readonly path: string;
  readonly kind: Kind;
  /** What it may be, for people. */
  readonly allowed: string;
  /** As one would write it; null: nothing. */
  readonly default: unknown;
  readonly required: boolean;
  readonly use: Use;
  readonly summary: string;
}

/** Every key of the two dictionaries of a run, and the two numbers of a selection. */
export const runConfigurationCatalogue: readonly CatalogueKey[] = [...entries("docker", dockerKeys), ...entries("lightly", lightlyKeys), ...entries("selection", selectionKeys)];

/** Inputs and strategies of a selection: the keys of each type, and what goes together. */
export const selectionCatalogue = {
  inputs: Object.entries(inputKeys).map(([type, keys]) => ({ type, keys: entries("selection", keys) })),
  strategies: Object.entries(strategyKeys).map(([type, keys]) => ({ type, inputs: inputsOfStrategy[type as keyof typeof inputsOfStrategy], keys: entries("selection", keys) })),
} as const;

function entries(dictionary: CatalogueKey["dictionary"], group: Parameters<typeof keysBelow>[1]): CatalogueKey[] {
  return keysBelow(dictionary, group).map(({ snake, key }) => ({
    dictionary,
    path: snake.slice(dictionary.length + 1),
    kind: key.kind,
    allowed: expected(key.kind),
    default: key.written,
    required: key.required,
    use: key.use,
    summary: key.summary,
  }));
}
