import type { Operation } from "@winnow/contract";
import { isWriting } from "@winnow/contract";
import type { Kysely } from "kysely";
import { isFull } from "../app/full-disk.ts";
import { isConnectionProblem } from "../db/postgres.ts";
import type { AuditEntryTable, Schema } from "../db/schema.ts";
import { type Actor, rowOf } from "./record.ts";

const flushEveryMs = 1_000;
const rowsMax = 500;
/** As many are kept while the database can't take them. */
const keptMax = 20_000;
const sweepEveryMs = 12 * 3_600_000;
const sweptAtOnce = 10_000;

/** Workers say every few seconds that they are there and how far they are: that is no doing of anybody. */
const chatter: ReadonlySet<string> = new Set(["update_docker_worker_registry_entry_by_id", "update_run_progress_by_id", "create_docker_run_log_by_id", "post_docker_usage_stats"]);
/** Called once per file: of one second and one caller they are one entry. */
const frequent = /^(create_sample|update_sample|create_or_update_prediction|get_sample_image_write_url|create_datasource_write_urls)/;

/** Whether an operation is recorded. */
export function isAudited(operation: Operation): boolean {
  return isWriting(operation) && !chatter.has(operation.id);
}

/** Writes what needs no transaction of its own, many at a time; lets go of what is older than it has to be kept. */
export class AuditLog {
  readonly #waiting = new Map<string, AuditEntryTable>();
  #timer?: NodeJS.Timeout;
  #sweep?: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();
  #count = 0;
  #failing = false;
  #closed = false;

  constructor(
    readonly db: Kysely<Schema>,
    readonly keptDays: number,
    readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.#sweep = setInterval(() => void this.sweep().catch(this.onError), sweepEveryMs);
    this.#sweep.unref();
    void this.sweep().catch(this.onError);
  }

  note(actor: Actor, status: number): void {
    const row = rowOf(actor, { status });
    const key = frequent.test(actor.action) || status === 403 ? `${row.user_id} ${row.credential} ${row.action} ${row.dataset_id} ${status}` : String(++this.#count);
    const same = this.#waiting.get(key);
    this.#waiting.set(key, same ? { ...same, times: same.times + 1, target: same.target === row.target ? row.target : null } : row);
    if (this.#waiting.size >= rowsMax && !this.#failing) void this.flush();
    else this.#wait();
  }

  /** Writes everything that waits. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rows = [...this.#waiting.values()];
    this.#waiting.clear();
    if (rows.length > 0) this.#writing = this.#writing.then(() => this.#write(rows));
    return this.#writing;
  }

  /** What can't be written now is written a moment later: the database may be away, or its disk full. */
  async #write(rows: readonly AuditEntryTable[]): Promise<void> {
    for (let from = 0; from < rows.length; from += rowsMax) {
      try {
        await this.db.insertInto("audit_entries").values(rows.slice(from, from + rowsMax)).execute();
        this.#failing = false;
      } catch (error) {
        this.onError(error);
        if (this.#closed || !(isFull(error) || isConnectionProblem(error))) continue;
        this.#failing = true;
        for (const row of rows.slice(from)) if (this.#waiting.size < keptMax) this.#waiting.set(`again ${row.id}`, row);
        return this.#wait();
      }
    }
  }

  #wait(): void {
    this.#timer ??= setTimeout(() => void this.flush(), flushEveryMs);
    this.#timer.unref();
  }

  /** Removes entries that are older than they are kept, some at a time. */
  async sweep(nowMs = Date.now()): Promise<void> {
    const before = nowMs - this.keptDays * 24 * 3_600_000;
    for (;;) {
      // By these very entries, not up to the last one's id: servers and what was written late mix the order of ids and times.
      const { numDeletedRows } = await this.db
        .deleteFrom("audit_entries")
        .where("id", "in", (e) => e.selectFrom("audit_entries").select("id").where("at", "<", before).orderBy("at").limit(sweptAtOnce))
        .executeTakeFirstOrThrow();
      if (Number(numDeletedRows) < sweptAtOnce) return;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    this.#closed = true;
    await this.flush();
  }
}
