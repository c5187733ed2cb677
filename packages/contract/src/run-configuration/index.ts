export { runConfigurationCatalogue, selectionCatalogue, type CatalogueKey } from "./catalogue.ts";
export { wholeDecimals } from "./decimals.ts";
export type { Kind, SampleAmount, TextKind, Use } from "./key.ts";
export type { Problem } from "./reading.ts";
export { checkRunConfiguration, examineRunConfiguration, readRunConfiguration, RunConfigurationError, type RunConfiguration, type WrittenConfiguration } from "./run-configuration.ts";
export type { Strategy, StrategyInput, StrategySelection } from "./selection.ts";
