/** Following a scheduled run until it ends: what it says, in order, each thing once. */
import { type DockerRunData, type DockerRunScheduledState, type DockerRunState, type RunProgress, domains, type Operation, type ReplyOf } from "@winnow/contract";
import { ApiError, ConnectionError, RuntimeError } from "./errors.ts";
import type { RequestOf } from "./transport.ts";
import { wait } from "./waiting.ts";

/** What happens to a scheduled run. */
export type RunEvent =
  /** It waits for a worker (OPEN), or one has taken it (LOCKED). */
  | { readonly type: "scheduled"; readonly state: "OPEN" | "LOCKED" }
  /** A state of the run, with what the worker says of it; `at` in milliseconds since the epoch. */
  | { readonly type: "state"; readonly state: DockerRunState; readonly message: string | undefined; readonly at: number }
  /** How far a stage is. */
  | { readonly type: "progress"; readonly progress: RunProgress }
  /** The last event. `run` is missing when it was cancelled before a worker began it. */
  | { readonly type: "ended"; readonly state: "COMPLETED" | "FAILED" | "ABORTED" | "CRASHED" | "CANCELED"; readonly message: string | undefined; readonly run: DockerRunData | undefined };

export interface FollowRunOptions {
  /** Seconds between two looks; default 2. */
  readonly pollSeconds?: number;
  readonly signal?: AbortSignal | undefined;
}

type Ended = Extract<RunEvent, { type: "ended" }>["state"];
const ends: readonly string[] = ["COMPLETED", "FAILED", "ABORTED", "CRASHED"] satisfies Ended[];

/** Looks in a row that may fail before it is given up: a server that starts anew is away for a while. */
const failedLooksMax = 20;

type Call = <O extends Operation>(operation: O, request: RequestOf<O>) => Promise<ReplyOf<O>>;

export async function* followRun(call: Call, datasetId: string, scheduledId: string, { pollSeconds = 2, signal }: FollowRunOptions): AsyncGenerator<RunEvent, void, undefined> {
  let told: DockerRunScheduledState | undefined;
  let messages = 0;
  let progress = "";
  let failures = 0;
  for (let first = true; ; first = false) {
    if (!first) await wait(pollSeconds * 1000, signal);
    signal?.throwIfAborted();
    let run: DockerRunData | undefined;
    let latest: RunProgress | null | undefined;
    let scheduled: DockerRunScheduledState | undefined;
    try {
      run = await runOf(call, scheduledId, signal);
      if (run) latest = ends.includes(run.state) ? undefined : await progressOf(call, run.id, signal);
      else scheduled = await stateOf(call, datasetId, scheduledId, signal);
      failures = 0;
    } catch (error) {
      signal?.throwIfAborted();
      // What the server says of the run is final; that it can't be reached is not.
      if (!isPassing(error) || ++failures >= failedLooksMax) throw error;
      continue;
    }
    if (run === undefined) {
      if (scheduled === "CANCELED" || scheduled === "DONE") {
        yield { type: "ended", state: "CANCELED", message: undefined, run: undefined };
        return;
      }
      if (scheduled !== undefined && scheduled !== told) yield { type: "scheduled", state: scheduled };
      told = scheduled;
      continue;
    }
    if (told !== "LOCKED" && messages === 0) yield { type: "scheduled", state: "LOCKED" };
    told = "LOCKED";
    const all = run.messages ?? [];
    for (; messages < all.length; messages++) {
      const { state, log, ts } = all[messages]!;
      yield { type: "state", state: state ?? run.state, message: log, at: ts ?? run.lastModifiedAt };
    }
    if (latest) {
      const text = JSON.stringify(latest);
      if (text !== progress) yield { type: "progress", progress: latest };
      progress = text;
    }
    if (ends.includes(run.state)) {
      yield { type: "ended", state: run.state as Ended, message: run.message, run };
      return;
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof ApiError && (error.retryable || error.status === 500));
}

/** The run of a schedule; undefined as long as no worker has begun it. */
async function runOf(call: Call, scheduledId: string, signal: AbortSignal | undefined): Promise<DockerRunData | undefined> {
  try {
    return await call(domains.workers.getDockerRunByScheduledId, { path: { scheduledId }, signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** Servers without this addition of ours have no progress to tell. */
async function progressOf(call: Call, runId: string, signal: AbortSignal | undefined): Promise<RunProgress | null> {
  try {
    return (await call(domains.workers.getRunProgressById, { path: { runId }, signal })).progress;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 501)) return null;
    throw error;
  }
}

/** State of a scheduled run that has not been begun. @throws RuntimeError when the dataset has no such scheduled run */
async function stateOf(call: Call, datasetId: string, scheduledId: string, signal: AbortSignal | undefined): Promise<DockerRunScheduledState | undefined> {
  const listed = async (state?: DockerRunScheduledState) => (await call(domains.workers.getDockerRunsScheduledByDatasetId, { path: { datasetId }, query: state === undefined ? {} : { state }, signal })).find(({ id }) => id === scheduledId);
  const waiting = await listed();
  if (waiting) return waiting.state;
  // Between the two looks a worker may have begun it, and even ended it.
  if (await runOf(call, scheduledId, signal)) return undefined;
  const over = (await listed("CANCELED")) ?? (await listed("DONE"));
  if (over) return over.state;
  throw new RuntimeError(`there is no scheduled run ${scheduledId} on the dataset ${datasetId}`);
}
