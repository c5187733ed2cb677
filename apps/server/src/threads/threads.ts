import { setTimeout as wait } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import { Piscina } from "piscina";
import type { ApiErrorCode } from "@winnow/contract";
import { DomainError } from "../app/errors.ts";
import type { Stores } from "../db/stores.ts";
import { JobEndedError } from "../jobs/queue.ts";
import type { Assignment, Loading, Outcome, Progress, Task } from "./protocol.ts";

/** Longer than a thread takes to load on a busy machine. */
const loadingMs = 10_000;

/** Threads for everything that computes, so that the one that answers requests never does. Each has its own connection to the store. */
export class Threads {
  readonly #pool: Piscina<Assignment, Outcome>;
  readonly #loading = new Set<number>();
  readonly #known = new Set<number>();

  constructor(
    readonly stores: Stores,
    threads: number,
    onError: (error: unknown) => void,
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
    this.#pool.on("message", ({ threadId, isLoading }: Loading) => {
      this.#known.add(threadId);
      if (isLoading) this.#loading.add(threadId);
      else this.#loading.delete(threadId);
    });
  }

  /**
   * Runs a task on a free thread.
   * @throws DomainError what the client is to be told; JobEndedError when it was cancelled
   */
  async run(task: Task, { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {}): Promise<unknown> {
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
      const alive = new Set(this.#pool.threads.map(({ threadId }) => threadId).filter((threadId) => threadId >= 0));
      calm = this.#loading.size > 0 || [...alive].some((threadId) => !this.#known.has(threadId)) ? 0 : calm + 1;
      await wait(10);
    }
    await this.#pool.destroy();
  }
}
