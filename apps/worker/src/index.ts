/** The compute worker: takes scheduled runs, checks, embeds, selects, uploads and reports, next to the data. */
export type { RunFacts } from "./report/facts.ts";
export { type ExecuteRun, type RunContext, RunFailure, RunInterrupted, type RunResult } from "./run/context.ts";
export { defaultWorkerName, runWorker, type WorkerEnd, type WorkerLimits, type WorkerOptions } from "./worker.ts";
