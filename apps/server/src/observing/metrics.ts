import { statfs } from "node:fs/promises";
import { type Kysely, sql } from "kysely";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { Schema } from "../db/schema.ts";

const requestBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const taskBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600];

/** What Prometheus reads at `/metrics`. Times are in seconds, sizes in bytes; `docs/metrics.md` lists all. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = this.#histogram("winnow_http_request_duration_seconds", "Time from a request's head to the end of its answer.", ["operation", "method", "status"], requestBuckets);
  readonly #tasks = this.#histogram("winnow_task_duration_seconds", "Time that a task took on a thread: selections, maps, embeddings and other computation.", ["task", "outcome"], taskBuckets);
  readonly #storage = this.#histogram("winnow_storage_duration_seconds", "Time that the store of files took for an operation of the server.", ["operation", "outcome"], requestBuckets);
  readonly #errors = new Counter({ name: "winnow_errors_total", help: "Failures that the log says more about.", registers: [this.#registry] });

  constructor(readonly db: Kysely<Schema>, readonly dataFolder: string) {
    collectDefaultMetrics({ register: this.#registry });
    this.#gauge("winnow_jobs", "Jobs that wait or run.", ["type", "status"], async (gauge) => {
      const rows = await db.selectFrom("jobs").select(["type", "status", (e) => e.fn.countAll<number>().as("count")]).where("status", "in", ["WAITING", "RUNNING"]).groupBy(["type", "status"]).execute();
      for (const { type, status, count } of rows) gauge.set({ type, status: status.toLowerCase() }, Number(count));
    });
    this.#gauge("winnow_queue_age_seconds", "How long the job that has waited longest has been waiting; 0 when none waits.", [], async (gauge) => {
      const { first } = await db.selectFrom("jobs").select((e) => e.fn.min("created_at").as("first")).where("status", "=", "WAITING").executeTakeFirstOrThrow();
      gauge.set({}, first === null ? 0 : Math.max(0, Date.now() - Number(first)) / 1000);
    });
    this.#gauge("winnow_scheduled_runs", "Runs of compute workers that wait (open) or are being done (locked).", ["state"], async (gauge) => {
      const rows = await db.selectFrom("scheduled_runs").select(["state", (e) => e.fn.countAll<number>().as("count")]).where("state", "in", ["OPEN", "LOCKED"]).groupBy("state").execute();
      for (const { state, count } of rows) gauge.set({ state: state.toLowerCase() }, Number(count));
    });
    this.#gauge("winnow_datasets", "Datasets.", [], async (gauge) => gauge.set({}, await count("datasets")));
    this.#gauge("winnow_disk_free_bytes", "Room that is left on the data folder's disk.", [], async (gauge) => {
      const { bavail, bsize } = await statfs(dataFolder);
      gauge.set({}, bavail * bsize);
    });
    const count = async (table: "datasets") => Number((await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(db)).rows[0]!.count);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All values, in Prometheus' text format. What can't be read at the moment is left out. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  request(operation: string, method: string, status: number, seconds: number): void {
    this.#requests.observe({ operation, method, status }, seconds);
  }

  task(task: string, outcome: "ok" | "cancelled" | "failed", seconds: number): void {
    this.#tasks.observe({ task, outcome }, seconds);
  }

  storage(operation: string, outcome: "ok" | "failed", seconds: number): void {
    this.#storage.observe({ operation, outcome }, seconds);
  }

  error(): void {
    this.#errors.inc();
  }

  /** Shows what is admitted. Called once. */
  lanes(lanes: Readonly<Record<string, { readonly taken: number; readonly waiting: number; readonly turnedAway: number }>>): void {
    const gauge = (name: string, help: string, value: (lane: (typeof lanes)[string]) => number) =>
      this.#gauge(name, help, ["lane"], async (all) => {
        for (const [lane, facts] of Object.entries(lanes)) all.set({ lane }, value(facts));
      });
    gauge("winnow_requests_admitted", "Places taken by requests that are worked on; a large body takes one more for each MiB.", ({ taken }) => taken);
    gauge("winnow_requests_waiting", "Requests that wait for a place.", ({ waiting }) => waiting);
    new Counter({
      name: "winnow_requests_turned_away_total",
      help: "Requests that were told to come again (429), since there was too much to do.",
      labelNames: ["lane"],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [lane, { turnedAway }] of Object.entries(lanes)) this.inc({ lane }, turnedAway);
      },
    });
  }

  #histogram<Label extends string>(name: string, help: string, labelNames: Label[], buckets: number[]): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.#registry] });
  }

  /** Asked for when somebody looks. A database that can't be reached doesn't take the other values with it. */
  #gauge(name: string, help: string, labelNames: string[], read: (gauge: Gauge) => Promise<void>): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      async collect() {
        this.reset();
        await read(this).catch(() => this.remove());
      },
    });
  }
}
