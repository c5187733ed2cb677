import type { ApiWorkflowClient } from "@winnow/client";
import type { DockerRunState } from "@winnow/contract";

/** What a run is given to work with, and how it says what it does. The worker around it holds the lease and the session. */
export interface RunContext {
  /** Speaks to the server for the run's dataset, in the name of the worker's owner; waits patiently while the server is away. */
  readonly client: ApiWorkflowClient;
  readonly datasetId: string;
  readonly datasetName: string;
  readonly runId: string;
  readonly scheduledId: string;
  readonly sessionId: string;
  readonly workerName: string;
  /** Release of the worker. */
  readonly version: string;
  /** The three dictionaries as the user wrote them, without secrets; the run reads them with `readRunConfiguration`. */
  readonly written: { readonly docker: Readonly<Record<string, unknown>>; readonly lightly: Readonly<Record<string, unknown>>; readonly selection?: Readonly<Record<string, unknown>>; readonly decimals?: readonly string[] };
  /** The run's own folder; a later attempt of the same schedule on this machine finds in it what this one left. */
  readonly folder: string;
  /** Where the output folder of the run is made; undefined: none is kept beside what is uploaded. */
  readonly output: string | undefined;
  /** Folder of checkpoints, embeddings files and local pools; undefined: the worker has none. */
  readonly shared: string | undefined;
  /** Milliseconds since the epoch at which the run began, the same for every attempt. */
  readonly startedAt: number;
  /** How long a file may send nothing before it is asked for again, and how long a silent datasource is waited for, in milliseconds. */
  readonly sourceLimits: { readonly stallMs: number; readonly patienceMs: number };
  /** Aborts when the run must end: its reason is a {@link RunInterrupted}. */
  readonly signal: AbortSignal;
  /** Reports a state, in order; resolves when the server has it. */
  state(state: DockerRunState, message: string): Promise<void>;
  /** Tells how far a stage is; cheap, sent at most once a second. `total` null: not known yet; rates are per second, by name. */
  progress(stage: string, done: number, total: number | null, rates?: Readonly<Record<string, number>>): void;
  log(level: "debug" | "info" | "warning" | "error", message: string): void;
  /** Fetches the plan that an earlier attempt has stored. @returns false when there is none */
  fetchPlan(path: string): Promise<boolean>;
  /** Stores the plan with the run. @returns false when there is one already, which then counts */
  storePlan(file: { readonly path: string; readonly size: number }): Promise<boolean>;
}

/** Why a run must stop before its end. */
export class RunInterrupted extends Error {
  override readonly name = "RunInterrupted";
  /** `aborted`: somebody aborted it; `lost`: another worker has it; `stopping`: this worker was asked to end and gives the run back. */
  override readonly cause: "aborted" | "lost" | "stopping";
  constructor(cause: "aborted" | "lost" | "stopping") {
    super({ aborted: "The run was aborted.", lost: "Another worker has taken over the run.", stopping: "The worker was asked to stop." }[cause]);
    this.cause = cause;
  }
}

/** A failure that the user can do something about: its message says what is wrong and what to do, and becomes the run's message. */
export class RunFailure extends Error {
  override readonly name = "RunFailure";
}

/** How a run ended well. */
export interface RunResult {
  /** One or two sentences for people: how many were looked at, selected, uploaded; or that there was nothing new. */
  readonly message: string;
}

/** Does a whole run, from listing to report. @throws RunFailure, RunInterrupted */
export type ExecuteRun = (context: RunContext) => Promise<RunResult>;
