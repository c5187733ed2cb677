import type { Kysely } from "kysely";
import type { Schema } from "../db/schema.ts";
import type { JobTable } from "../db/schema.ts";
import type { Threads } from "../threads/threads.ts";
import type { Changes } from "../events/changes.ts";
import { type Dispatch, dispatchOf } from "./dispatch.ts";
import { longTypes } from "./order.ts";
import { JobEndedError, fail, isHopeless, renew } from "./queue.ts";

const pollMs = 1_000;
const renewMs = 1_000;
const healMs = 10_000;
const tidyMs = 600_000;

/** Takes jobs from the queue and lets threads do them, a few side by side. */
export class JobRunner {
  readonly #running = new Map<string, { readonly job: JobTable; readonly controller: AbortController }>();
  readonly #settled = new Set<Promise<void>>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #dispatch: Dispatch;
  #stopped = false;
  #filling?: Promise<void>;
  #again = false;

  constructor(
    readonly db: Kysely<Schema>,
    readonly threads: Threads,
    readonly concurrency: number,
    readonly onError: (error: unknown) => void,
    readonly changes: Changes,
    /** A job whose runner says nothing for so long is taken by another one. */
    readonly leaseMs: number,
  ) {
    this.#dispatch = dispatchOf(db);
  }

  start(): void {
    this.#every(pollMs, () => this.wake());
    this.#every(healMs, () => this.#careFor(this.#dispatch.heal(this.db)));
    this.#every(tidyMs, () => this.#careFor(this.#dispatch.tidy(this.db)));
    this.#careFor(this.#dispatch.heal(this.db).then(() => this.wake()));
  }

  #every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms).unref());
  }

  /** Waits at the end for what is under way beside the jobs. */
  #careFor(work: Promise<void>): void {
    const done = work.catch(this.onError);
    this.#settled.add(done);
    void done.finally(() => this.#settled.delete(done));
  }

  /** Looks for work now; call it after something was put into the queue. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#filling) {
      this.#again = true;
      return;
    }
    this.#filling = this.#fill()
      .catch(this.onError)
      .finally(() => {
        this.#filling = undefined;
        if (this.#again) {
          this.#again = false;
          this.wake();
        }
      });
  }

  /** Stops taking jobs, and hands those under way back to the queue. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    // A job that is just being taken goes back before anybody works on it.
    await this.#filling;
    const claims = [...this.#running.values()].map(({ job }) => job);
    for (const { controller } of this.#running.values()) controller.abort(new JobEndedError("the server stops"));
    await Promise.allSettled(this.#settled);
    for (const claim of claims) await this.#dispatch.handBack(this.db, claim);
  }

  async #fill(): Promise<void> {
    while (!this.#stopped && this.#running.size < this.concurrency) {
      const job = await this.#dispatch.take(this.db, this.leaseMs, this.#mayTakeLong());
      if (!job) return;
      if (this.#stopped) return this.#dispatch.handBack(this.db, job);
      this.#tell(job);
      const done = this.#work(job).catch(this.onError);
      this.#settled.add(done);
      void done.finally(() => {
        this.#settled.delete(done);
        this.#tell(job);
        this.wake();
      });
    }
  }

  /** Maps of large datasets take minutes: one place is kept for the selections that somebody waits for. */
  #mayTakeLong(): boolean {
    const long = [...this.#running.values()].filter(({ job }) => longTypes.some((type) => type === job.type)).length;
    return long < Math.max(1, this.concurrency - 1);
  }

  /** Whoever looks at jobs, or at what they make, sees that one began or ended. */
  #tell({ dataset_id }: JobTable): void {
    this.changes.publish({ ...(dataset_id === null ? {} : { datasetId: dataset_id }), topic: "jobs" });
  }

  async #work(job: JobTable): Promise<void> {
    if (isHopeless(job)) {
      await fail(this.db, job, "The job was given up: the server stopped each time while it ran.");
      await this.#dispatch.acknowledge(this.db, job);
      return;
    }
    const controller = new AbortController();
    this.#running.set(job.id, { job, controller });
    let processed = 0;
    let total = 0;
    const renewal = setInterval(() => {
      void renew(this.db, job, this.leaseMs, processed, total).then((goOn) => {
        if (!goOn) controller.abort(new JobEndedError("cancelled"));
      }, this.onError);
    }, renewMs);
    try {
      await this.threads.run(
        { kind: "job", type: job.type, jobId: job.id, payload: JSON.parse(job.payload) as unknown },
        { signal: controller.signal, onProgress: (progress) => ({ processed, total } = progress) },
      );
    } catch (error) {
      // A job that this server only lets go is handed back by `stop`; every other one has ended, if it wasn't cancelled already.
      if (error instanceof JobEndedError && this.#stopped) return;
      await fail(this.db, job, error instanceof Error ? error.message : String(error));
    } finally {
      clearInterval(renewal);
      this.#running.delete(job.id);
    }
    await this.#dispatch.acknowledge(this.db, job);
  }
}
