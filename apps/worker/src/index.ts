export type { RunFacts } from "./report/facts.ts";
export { type ExecuteRun, type RunContext, RunFailure, RunInterrupted, type RunResult } from "./run/context.ts";
