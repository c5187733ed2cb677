import { setTimeout as wait } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import { Piscina } from "piscina";
import type { ApiErrorCode } from "@winnow/contract";
import { DomainError } from "../app/errors.ts";
import type { Stores } from "../db/stores.ts";
import { JobEndedError } from "../jobs/queue.ts";
import { traced } from "../observing/tracing.ts";
import type { Assignment, Loading, Outcome, Progress, Task } from "./protocol.ts";

/** Longer than a thread takes to load on a busy machine. */
const loadingMs = 10_000;

/** Threads for everything that computes, so that the one that answers requests never does. Each has its own connection to the store. */
export class Threads {
  readonly #pool: Piscina<Assignment, Outcome>;
  /** Of each thread that has said so by now whether it still loads. */
  readonly #loading = new Map<number, boolean>();

  constructor(
    readonly stores: Stores,
    threads: number,
    onError: (error: unknown) => void,
    /** Told of each task when it has ended, and how long it took in seconds. */
    readonly onTask: (task: string, outcome: "ok" | "cancelled" | "failed", seconds: number) => void = () => {},
  ) {
    // From sources (tests) the built file beside them is run: threads can't load TypeScript.
    const entry = import.meta.url.replace("/src/", "/dist/").replace(/threads\.[jt]s$/, "worker.js");
    this.#pool = new Piscina<Assignment, Outcome>({
      filename: entry,
      // One is there before it is needed: loading the engine takes longer than most tasks.
      minThreads: 1,
      maxThreads: threads,
      idleTimeout: 60_000,
      concurrentTasksPerWorker: 1,
      // Flags of the process are not the threads': those of a test runner would make them look for sources.
      execArgv: [],
    });
    // A thread that dies between two tasks is replaced; without a listener it would take the server with it.
    this.#pool.on("error", onError);
    this.#pool.on("message", ({ threadId, isLoading }: Loading) => this.#loading.set(threadId, isLoading));
  }

  /**
   * Runs a task on a free thread.
   * @throws DomainError what the client is to be told; JobEndedError when it was cancelled
   */
  run(task: Task, options: { signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {}): Promise<unknown> {
    const name = task.kind === "job" ? task.type : task.kind;
    const began = performance.now();
    const ended = (outcome: "ok" | "cancelled" | "failed") => this.onTask(name, outcome, (performance.now() - began) / 1000);
    return traced(`task ${name}`, task.kind === "job" ? { "winnow.job": task.jobId } : {}, async () => {
      try {
        const value = await this.#run(task, options);
        ended("ok");
        return value;
      } catch (error) {
        ended(error instanceof JobEndedError ? "cancelled" : "failed");
        throw error;
      }
    });
  }

  async #run(task: Task, { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: Progress) => void }): Promise<unknown> {
    const { port1, port2 } = new MessageChannel();
    const cancel = () => port1.postMessage("cancel");
    port1.on("message", (progress: Progress) => onProgress?.(progress));
    port1.unref();
    signal?.addEventListener("abort", cancel, { once: true });
    if (signal?.aborted) cancel();
    try {
      const outcome = await this.#pool.run({ stores: this.stores, task, port: port2 }, { transferList: [port2] });
      if (outcome.ok) return outcome.value;
      if (outcome.ended) throw new JobEndedError(outcome.message);
      if (outcome.code !== null) throw new DomainError(outcome.code as ApiErrorCode, outcome.message);
      throw new Error(outcome.message);
    } finally {
      signal?.removeEventListener("abort", cancel);
      port1.close();
    }
  }

  /** Ends the threads. What they are at is lost. */
  async close(): Promise<void> {
    // A thread that is ended while it loads its native modules takes the process with it.
    const ends = Date.now() + loadingMs;
    for (let calm = 0; calm < 3 && Date.now() < ends; ) {
      // Threads that have ended have the number -1.
      const isBusy = [...this.#loading.values()].includes(true) || this.#pool.threads.some(({ threadId }) => threadId >= 0 && !this.#loading.has(threadId));
      calm = isBusy ? 0 : calm + 1;
      await wait(10);
    }
    await this.#pool.destroy();
  }
}
