/** Compute workers, their configurations and runs. */
import { domain } from "../model.ts";
import { workerAuthorization } from "./authorization.ts";
import { runConfigurations } from "./configurations.ts";
import { workerRegistry } from "./registry.ts";
import { runFiles } from "./run-files.ts";
import { runLogs } from "./run-logs.ts";
import { runs } from "./runs.ts";
import { schedules } from "./schedules.ts";

export * from "./authorization.ts";
export * from "./configurations.ts";
export * from "./registry.ts";
export * from "./run-files.ts";
export * from "./run-logs.ts";
export * from "./runs.ts";
export * from "./schedules.ts";

export const workers = domain({ ...workerRegistry, ...runConfigurations, ...schedules, ...runs, ...runLogs, ...runFiles, ...workerAuthorization });
