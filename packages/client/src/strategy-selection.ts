import { type Strategy, strategyConfiguration, type StrategyInput } from "@winnow/curation";
import { ValueError } from "./errors.ts";

/** Settings of one kind, those without a default only where the kind has none. */
type Given<Kind> = Kind extends { readonly type: infer Type } ? { readonly type: Type } & { readonly [Name in Exclude<keyof Kind, "type">]?: Kind[Name] } : never;

/** What is wanted by one of the strategies that act together. */
export interface StrategyOfSelection {
  readonly input: Given<StrategyInput>;
  readonly strategy: Given<Strategy>;
}

/** A selection by strategies: how many samples, and by what. */
export interface StrategySelectionConfig {
  /** How many samples the new tag is to hold, the preselected ones counted. Not together with `proportionSamples`. */
  readonly nSamples?: number;
  /** The same as a share 0 … 1 of the samples to choose from. */
  readonly proportionSamples?: number;
  readonly strategies: readonly StrategyOfSelection[];
}

/** @throws ValueError that names every key that is wrong, before anything is asked of a server */
export function checkStrategySelection(config: StrategySelectionConfig | object): void {
  try {
    strategyConfiguration(config);
  } catch (error) {
    if (error instanceof RangeError) throw new ValueError(error.message, { cause: error });
    throw error;
  }
}
