import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { setMaxListeners } from "node:events";
import { hostname } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { ApiError, ApiWorkflowClient, VERSION, domains } from "@winnow/client";
import type { DockerRunScheduledData, DockerWorkerState } from "@winnow/contract";
import { type ExecuteRun, type RunContext, RunFailure, RunInterrupted } from "./run/context.ts";
import { execute } from "./run/execute.ts";
import { LiveRun, type LogLevel } from "./server/live-run.ts";
import { patientFetch } from "./server/patient-fetch.ts";
import { explainFailure } from "./server/explain-failure.ts";

export interface WorkerOptions {
  readonly serverUrl: string;
  readonly token: string;
  /** Name to register under; the same name is the same worker. */
  readonly name?: string;
  /** Id of a worker that is registered already, instead of a name. */
  readonly id?: string;
  /** Runs that ask for labels go to workers that have them. Only with a name. */
  readonly labels?: readonly string[];
  /** Folder in which each run makes its output folder; none unless given. */
  readonly output?: string | undefined;
  /** Folder of checkpoints, embeddings files and local pools. */
  readonly shared?: string | undefined;
  /** Folder for what runs keep while they go on. */
  readonly workFolder: string;
  /** End when nothing is left in the queue. */
  readonly once?: boolean;
  /** Refuse to start while another process works under this name, instead of taking its place. */
  readonly waitsForOthers?: boolean;
  /** Asks the worker to end: a run that it has is given back. */
  readonly stop: AbortSignal;
  /** For people: what happens. */
  readonly onLine: (level: LogLevel, message: string) => void;
  /** Told when the worker is registered and looks for runs. */
  readonly onReady?: (worker: { readonly id: string; readonly name: string }) => void;
  readonly limits?: Partial<WorkerLimits>;
  /** What does a run; only tests give another. */
  readonly execute?: ExecuteRun;
}

/** Times in milliseconds. */
export interface WorkerLimits {
  /** Between two looks into an empty queue. */
  readonly pollMs: number;
  /** Between two signs of life. */
  readonly heartbeatMs: number;
  /** Between two renewals of a run's lease, which is also how soon an abort is heard of in a quiet stage. */
  readonly renewMs: number;
  /** How long the server may be away before calls fail. */
  readonly serverPatienceMs: number;
  /** How long one call to the server may take. */
  readonly callMs: number;
  /** How long a file of the datasource may send nothing. */
  readonly stallMs: number;
  /** How long a datasource that doesn't answer is asked again. */
  readonly sourcePatienceMs: number;
}

const LIMITS: WorkerLimits = { pollMs: 2_000, heartbeatMs: 10_000, renewMs: 5_000, serverPatienceMs: 3_600_000, callMs: 150_000, stallMs: 60_000, sourcePatienceMs: 300_000 };

/** How a worker ended: asked to, by a newer process under its name, with the queue empty, or after a run that said so. */
export type WorkerEnd = "stopped" | "replaced" | "idle" | "shutdown";

/** A name that can be registered, from the machine's. */
export function defaultWorkerName(): string {
  const name = hostname().replace(/[^a-zA-Z0-9 _-]+/g, "-").replace(/^[^a-zA-Z0-9]+/, "").slice(0, 200);
  return `worker ${name === "" ? "here" : name}`;
}

/**
 * Runs a worker until it is asked to stop: registers, waits for scheduled runs and does them one after another.
 * @throws ApiError when the server doesn't know the token or the worker; RunFailure when another process is online
 */
export async function runWorker(options: WorkerOptions): Promise<WorkerEnd> {
  const limits = { ...LIMITS, ...options.limits };
  // Calls outlive the wish to stop for a moment: a run is given back then.
  const over = new AbortController();
  setMaxListeners(0, over.signal, options.stop);
  const call = patientFetch({
    patienceMs: limits.serverPatienceMs,
    attemptMs: limits.callMs,
    signal: over.signal,
    onAway: (why) => options.onLine("warning", `The server at ${options.serverUrl} does not answer (${why}); waiting for it.`),
    onBack: () => options.onLine("info", "The server answers again."),
  });
  const client = new ApiWorkflowClient({ token: options.token, serverUrl: options.serverUrl, fetch: call, onWarning: ({ message }) => options.onLine("warning", message) });
  client.setRequestTimeout(limits.serverPatienceMs / 1000 + 60);
  // Somebody who waits for a server that is away must not wait on when asked to stop.
  const giveUp = () => setTimeout(() => over.abort(new RunInterrupted("stopping")), 5_000).unref();
  options.stop.addEventListener("abort", giveUp, { once: true });
  try {
    const worker = new Worker(options, limits, client);
    await worker.begin();
    return await worker.work();
  } catch (error) {
    if (options.stop.aborted) return "stopped";
    if (error instanceof ApiError && error.code === "WORKER_SESSION_REPLACED") return "replaced";
    throw error;
  } finally {
    options.stop.removeEventListener("abort", giveUp);
    over.abort(new RunInterrupted("stopping"));
  }
}

class Worker {
  readonly #options: WorkerOptions;
  readonly #limits: WorkerLimits;
  readonly #client: ApiWorkflowClient;
  #id = "";
  #name = "";
  #sessionId = "";
  #state: DockerWorkerState = "IDLE";
  #replaced: ApiError | undefined;
  #shutdown = false;
  /** Runs that went wrong before they could be told so, and when they may be tried again. */
  readonly #later = new Map<string, number>();

  constructor(options: WorkerOptions, limits: WorkerLimits, client: ApiWorkflowClient) {
    this.#options = options;
    this.#limits = limits;
    this.#client = client;
  }

  async begin(): Promise<void> {
    const { name = defaultWorkerName(), id, labels, waitsForOthers, workFolder, onReady } = this.#options;
    const { signal } = this.#stop();
    if (id === undefined) {
      const body = { name, workerType: "FULL" as const, dockerVersion: VERSION, ...(labels === undefined ? {} : { labels: [...labels] }) };
      this.#id = (await this.#client.call(domains.workers.registerDockerWorker, { body, signal })).id;
      this.#name = name;
    } else {
      this.#id = id;
      this.#name = (await this.#client.call(domains.workers.getDockerWorkerRegistryEntryById, { path: { workerId: id }, signal })).name;
    }
    if (waitsForOthers) {
      const { state } = await this.#client.call(domains.workers.getDockerWorkerRegistryEntryById, { path: { workerId: this.#id }, signal });
      if (state === "IDLE" || state === "BUSY") throw new RunFailure(`A worker named ${this.#name} is online already. End it first, or give this one another --name.`);
    }
    const session = await this.#client.call(domains.workers.createWorkerSession, { path: { workerId: this.#id }, body: { version: VERSION, host: hostname().slice(0, 255) }, signal });
    this.#sessionId = session.sessionId;
    await mkdir(join(workFolder, "runs"), { recursive: true });
    await this.#removeOldFolders();
    await this.#beat();
    onReady?.({ id: this.#id, name: this.#name });
  }

  async work(): Promise<WorkerEnd> {
    const { stop, once, onLine } = this.#options;
    const heartbeat = setInterval(() => void this.#beat(), this.#limits.heartbeatMs);
    try {
      for (;;) {
        if (this.#replaced !== undefined) return "replaced";
        if (stop.aborted) return "stopped";
        const taken = await this.#take();
        if (taken !== undefined) {
          await this.#run(taken);
          if (this.#shutdown) return "shutdown";
          continue;
        }
        if (once) return "idle";
        await wait(this.#limits.pollMs, undefined, { signal: stop }).catch(() => undefined);
      }
    } catch (error) {
      if (error instanceof ApiError && error.code === "WORKER_SESSION_REPLACED") {
        onLine("warning", `Another process works as ${this.#name} now; this one ends. Give it another --name to have both.`);
        return "replaced";
      }
      throw error;
    } finally {
      clearInterval(heartbeat);
      if (this.#replaced === undefined) {
        await this.#client
          .call(domains.workers.updateDockerWorkerRegistryEntryById, { path: { workerId: this.#id }, query: { sessionId: this.#sessionId }, body: { state: "OFFLINE" }, signal: AbortSignal.timeout(2_000), retry: false })
          .catch(() => undefined);
      }
    }
  }

  #stop(): { readonly signal: AbortSignal } {
    return { signal: this.#options.stop };
  }

  async #beat(): Promise<void> {
    try {
      await this.#client.call(domains.workers.updateDockerWorkerRegistryEntryById, { path: { workerId: this.#id }, query: { sessionId: this.#sessionId }, body: { state: this.#state }, signal: this.#options.stop });
    } catch (error) {
      if (error instanceof ApiError && error.code === "WORKER_SESSION_REPLACED") this.#replaced = error;
      // Anything else shows in the next call that matters.
    }
  }

  /** Locks the best run that there is. */
  async #take(): Promise<DockerRunScheduledData | undefined> {
    const { stop: signal } = this.#options;
    const path = { workerId: this.#id };
    const open = await this.#client.call(domains.workers.getDockerRunsScheduledByWorkerId, { path, query: { sessionId: this.#sessionId }, signal });
    for (const scheduled of open) {
      if ((this.#later.get(scheduled.id) ?? 0) > Date.now()) continue;
      try {
        await this.#client.call(domains.workers.updateScheduledDockerRunStateById, {
          path: { ...path, datasetId: scheduled.datasetId, scheduledId: scheduled.id },
          query: { sessionId: this.#sessionId },
          body: { state: "LOCKED" },
          signal,
        });
        return scheduled;
      } catch (error) {
        // Somebody else was faster, or it was cancelled.
        if (!(error instanceof ApiError) || error.code === "WORKER_SESSION_REPLACED" || ![403, 404, 409].includes(error.status)) throw error;
      }
    }
    return undefined;
  }

  async #run(scheduled: DockerRunScheduledData): Promise<void> {
    this.#state = "BUSY";
    void this.#beat();
    const folder = join(this.#options.workFolder, "runs", scheduled.id);
    try {
      const ended = await this.#held(scheduled, folder);
      if (ended) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    } catch (error) {
      if (error instanceof ApiError && error.code === "WORKER_SESSION_REPLACED") throw error;
      if (this.#options.stop.aborted) return;
      // It stays locked until its lease runs out; whoever takes it then goes on.
      this.#options.onLine("error", `The run could not be begun: ${explainFailure(error)}`);
      this.#later.set(scheduled.id, Date.now() + 60_000);
    } finally {
      this.#state = "IDLE";
      void this.#beat();
    }
  }

  /** @returns whether the run has ended for good */
  async #held(scheduled: DockerRunScheduledData, folder: string): Promise<boolean> {
    const { onLine, stop, execute: work = execute } = this.#options;
    const { id: scheduledId, datasetId, configId } = scheduled;
    const sessionId = this.#sessionId;
    const { id: runId } = await this.#client.call(domains.workers.createDockerRun, { query: { sessionId }, body: { dockerVersion: VERSION, datasetId, scheduledId, configId }, signal: stop });
    const live = new LiveRun({ client: this.#client, datasetId, workerId: this.#id, sessionId, scheduledId, runId, renewMs: this.#limits.renewMs, onLine, stop });
    const release = async (state: "DONE" | "OPEN") => {
      await this.#client
        .call(domains.workers.updateScheduledDockerRunStateById, { path: { datasetId, workerId: this.#id, scheduledId }, query: { sessionId }, body: { state } })
        .catch((error: unknown) => {
          if (!(error instanceof ApiError)) throw error;
        });
    };
    /** Whether the process ends with this run, however the run ends; one that was interrupted goes on elsewhere or later. */
    let shutsDown = false;
    try {
      await mkdir(folder, { recursive: true });
      const context = await this.#context({ scheduled, runId, folder, live });
      shutsDown = context.written.docker["shutdown_when_job_finished"] === true || context.written.docker["shutdownWhenJobFinished"] === true;
      const result = await work(context);
      await live.conclude("COMPLETED", result.message);
      await release("DONE");
      onLine("info", `Run ${runId} on "${context.datasetName}" is done: ${result.message}`);
      this.#shutdown = shutsDown;
      return true;
    } catch (given) {
      const error = live.signal.aborted ? live.signal.reason : given;
      if (error instanceof RunInterrupted) {
        onLine("info", `Run ${runId}: ${error.message}`);
        if (error.cause === "stopping") await release("OPEN");
        else if (error.cause === "aborted") {
          await release("DONE");
          this.#shutdown = shutsDown;
        }
        return error.cause === "aborted";
      }
      const message = explainFailure(error);
      onLine("error", `Run ${runId} failed: ${message}`);
      if (!(error instanceof RunFailure)) live.log("error", error instanceof Error ? (error.stack ?? error.message) : String(error));
      try {
        await live.conclude("FAILED", message);
      } catch (problem) {
        // Aborted or taken by somebody else in this very moment.
        if (!(problem instanceof RunInterrupted)) throw problem;
      }
      await release("DONE");
      this.#shutdown = shutsDown;
      return true;
    } finally {
      live.close();
    }
  }

  async #context({ scheduled, runId, folder, live }: { readonly scheduled: DockerRunScheduledData; readonly runId: string; readonly folder: string; readonly live: LiveRun }): Promise<RunContext> {
    const { datasetId, configId, id: scheduledId } = scheduled;
    const { token, serverUrl, output, shared } = this.#options;
    const { signal } = live;
    const sessionId = this.#sessionId;
    const client = this.#client;
    const [dataset, run, { config, decimals }] = await Promise.all([
      client.call(domains.datasets.getDatasetById, { path: { datasetId }, signal }),
      client.call(domains.workers.getDockerRunById, { path: { runId }, signal }),
      client.call(domains.workers.getWrittenRunConfigurationById, { path: { configId }, signal }),
    ]);
    client.datasetId = datasetId;
    const clean = (message: string) => (token === "" ? message : message.replaceAll(token, "***"));
    return {
      client,
      datasetId,
      datasetName: dataset.name,
      runId,
      scheduledId,
      sessionId,
      workerName: this.#name,
      version: VERSION,
      written: { docker: config.docker ?? {}, lightly: config.lightly ?? {}, ...(config.selection ? { selection: config.selection } : {}), decimals },
      folder,
      output,
      shared,
      startedAt: run.createdAt,
      sourceLimits: { stallMs: this.#limits.stallMs, patienceMs: this.#limits.sourcePatienceMs },
      signal,
      state: (state, message) => live.state(state, clean(message)),
      progress: (stage, done, total, rates) => live.progress(stage, done, total, rates),
      log: (level, message) => live.log(level, clean(message)),
      fetchPlan: async (path) => {
        let url: string;
        try {
          url = await client.call(domains.workers.getRunPlanReadUrlById, { path: { runId }, signal });
        } catch (error) {
          if (error instanceof ApiError && error.code === "DOCKER_RUN_PLAN_UNAVAILABLE") return false;
          throw error;
        }
        const response = await fetch(url, { signal });
        if (!response.ok) throw new Error(`the plan of the run could not be read from ${serverUrl}: it answers ${response.status}`);
        await pipeline(Readable.fromWeb(response.body as never), createWriteStream(path), { signal });
        return true;
      },
      storePlan: async ({ path, size }) => {
        for (let attempt = 1; ; attempt++) {
          const url = await client.call(domains.workers.getRunPlanWriteUrlById, { path: { runId }, query: { sessionId }, signal });
          try {
            await client.uploadFileWithSignedUrl({ stream: () => createReadStream(path), size }, url, { signal });
            return true;
          } catch (error) {
            signal.throwIfAborted();
            // Another attempt was first; or this one was, and its answer got lost.
            if (error instanceof ApiError && error.status === 409) return false;
            if (attempt >= 10 || (error instanceof ApiError && error.status < 500)) throw error;
            await wait(Math.min(500 * 2 ** attempt, 15_000), undefined, { signal });
          }
        }
      },
    };
  }

  /** What runs left that never came to an end here. */
  async #removeOldFolders(): Promise<void> {
    const folder = join(this.#options.workFolder, "runs");
    for (const name of await readdir(folder)) {
      const { mtimeMs } = await stat(join(folder, name));
      if (Date.now() - mtimeMs > 14 * 24 * 3_600_000) await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}
