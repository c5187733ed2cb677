import { setMaxListeners } from "node:events";
import { type ApiWorkflowClient, ApiError, domains } from "@winnow/client";
import type { DockerRunLogCreateEntryData, DockerRunState } from "@winnow/contract";
import { RunInterrupted } from "../run/context.ts";

export type LogLevel = "debug" | "info" | "warning" | "error";

export interface LiveRunOptions {
  readonly client: ApiWorkflowClient;
  readonly datasetId: string;
  readonly workerId: string;
  readonly sessionId: string;
  readonly scheduledId: string;
  readonly runId: string;
  /** How often the lease is renewed, in milliseconds. */
  readonly renewMs: number;
  /** Told to this machine's log too. */
  readonly onLine: (level: LogLevel, message: string) => void;
  /** Aborts when the worker is asked to stop. */
  readonly stop: AbortSignal;
}

const LEVELS = { debug: "DEBUG", info: "INFO", warning: "WARNING", error: "ERROR" } as const;
const PROGRESS_MS = 1_000;
const LOG_MS = 2_000;
const LOG_LINES_MAX = 5_000;

/**
 * A run that this worker holds: keeps its lease, tells its states, progress and log, and learns when it must end. Nothing
 * here throws but {@link state}; whoever works on the run follows its {@link signal}.
 */
export class LiveRun {
  readonly #options: LiveRunOptions;
  readonly #interrupt = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  #state: DockerRunState = "STARTED";
  #lines: DockerRunLogCreateEntryData[] = [];
  #sendingLog: Promise<void> | undefined;
  #progress: { stage: string; done: number; total: number | null; rates?: Record<string, number> } | undefined;
  #sendingProgress = false;
  #renewing = false;

  constructor(options: LiveRunOptions) {
    this.#options = options;
    // Hundreds of reads under way follow it.
    setMaxListeners(0, this.#interrupt.signal);
    const stop = () => this.#end("stopping");
    if (options.stop.aborted) stop();
    else options.stop.addEventListener("abort", stop, { once: true });
    this.#interrupt.signal.addEventListener("abort", () => options.stop.removeEventListener("abort", stop), { once: true });
    this.#timers.push(
      setInterval(() => void this.#renew(), options.renewMs),
      setInterval(() => void this.#sendProgress(), PROGRESS_MS),
      setInterval(() => void this.flushLog(), LOG_MS),
    );
  }

  get signal(): AbortSignal {
    return this.#interrupt.signal;
  }

  /** @throws RunInterrupted when the run has ended meanwhile */
  async state(state: DockerRunState, message: string): Promise<void> {
    this.signal.throwIfAborted();
    await this.#tell(state, message);
  }

  /** Tells the state in which the run ends, though it was interrupted. */
  async conclude(state: DockerRunState, message: string): Promise<void> {
    await this.#sendProgress();
    await this.flushLog();
    await this.#tell(state, message);
  }

  progress(stage: string, done: number, total: number | null, rates?: Readonly<Record<string, number>>): void {
    const finite = Object.fromEntries(Object.entries(rates ?? {}).filter(([, rate]) => Number.isFinite(rate) && rate >= 0));
    this.#progress = { stage, done, total, ...(rates === undefined ? {} : { rates: finite }) };
  }

  log(level: LogLevel, message: string): void {
    this.#options.onLine(level, message);
    if (this.#lines.length < LOG_LINES_MAX) this.#lines.push({ ts: Date.now(), level: LEVELS[level], group: "run", msg: message.slice(0, 10_000), state: this.#state });
  }

  async flushLog(): Promise<void> {
    if (this.#sendingLog !== undefined) return this.#sendingLog;
    if (this.#lines.length === 0) return;
    const lines = this.#lines.splice(0, 500);
    const { client, runId, sessionId } = this.#options;
    this.#sendingLog = client
      .call(domains.workers.createDockerRunLogById, { path: { runId }, query: { sessionId }, body: lines, signal: this.signal })
      .then(
        () => undefined,
        (error: unknown) => this.#judge(error),
      )
      .finally(() => (this.#sendingLog = undefined));
    return this.#sendingLog;
  }

  /** Ends timers; the lease is the caller's to give back. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  async #tell(state: DockerRunState, message: string): Promise<void> {
    const { client, runId, sessionId } = this.#options;
    this.#state = state;
    this.log("info", `${state}: ${message}`);
    try {
      await client.call(domains.workers.updateDockerRunById, { path: { runId }, query: { sessionId }, body: { state, message }, signal: this.signal.aborted ? undefined : this.signal });
    } catch (error) {
      this.#judge(error);
      this.signal.throwIfAborted();
      throw error;
    }
  }

  async #renew(): Promise<void> {
    if (this.#renewing || this.signal.aborted) return;
    this.#renewing = true;
    const { client, datasetId, workerId, scheduledId, sessionId } = this.#options;
    try {
      await client.call(domains.workers.updateScheduledDockerRunStateById, { path: { datasetId, workerId, scheduledId }, query: { sessionId }, body: { state: "LOCKED" }, signal: this.signal });
    } catch (error) {
      this.#judge(error);
    } finally {
      this.#renewing = false;
    }
  }

  async #sendProgress(): Promise<void> {
    const body = this.#progress;
    if (body === undefined || this.#sendingProgress || this.signal.aborted) return;
    this.#progress = undefined;
    this.#sendingProgress = true;
    const { client, runId, sessionId } = this.#options;
    try {
      await client.call(domains.workers.updateRunProgressById, { path: { runId }, query: { sessionId }, body, signal: this.signal });
    } catch (error) {
      this.#judge(error);
    } finally {
      this.#sendingProgress = false;
    }
  }

  /** What an answer says about who holds the run. */
  #judge(error: unknown): void {
    if (!(error instanceof ApiError)) return;
    if (error.code === "DOCKER_RUN_ENDED") this.#end("aborted");
    else if (error.status === 409 || error.status === 404 || error.status === 403) this.#end("lost");
  }

  #end(cause: RunInterrupted["cause"]): void {
    if (!this.signal.aborted) this.#interrupt.abort(new RunInterrupted(cause));
  }
}
