/** The queue: jobs as rows, taken with a lease (`dispatch.ts`), done at least once; handlers make the effect and the end of a job in one transaction. */
import { sql } from "kysely";
import { DomainError } from "../app/errors.ts";
import type { Database } from "../db/database.ts";
import { isId, newId } from "../db/ids.ts";
import type { JobTable } from "../db/schema.ts";
import { type Claim, dispatchOf } from "./dispatch.ts";
import { type JobType, attemptsMax } from "./order.ts";

export interface NewJob {
  readonly type: JobType;
  readonly userId: string;
  readonly datasetId?: string;
  readonly payload: unknown;
  /** A job of the same key that still waits makes this one unnecessary. */
  readonly dedupeKey?: string;
}

/** @returns id of the job, or of the waiting one that does the same */
export async function enqueue(db: Database, job: NewJob): Promise<string> {
  if (job.dedupeKey !== undefined) {
    const same = await db.selectFrom("jobs").select("id").where("dedupe_key", "=", job.dedupeKey).where("status", "=", "WAITING").executeTakeFirst();
    if (same) return same.id;
  }
  const id = newId();
  if (db.isTransaction) await insert(db, id, job);
  else await db.transaction().execute((transaction) => insert(transaction, id, job));
  return id;
}

async function insert(transaction: Database, id: string, job: NewJob): Promise<void> {
  const now = Date.now();
  await transaction
    .insertInto("jobs")
    .values({
      id,
      user_id: job.userId,
      dataset_id: job.datasetId ?? null,
      type: job.type,
      status: "WAITING",
      payload: JSON.stringify(job.payload),
      dedupe_key: job.dedupeKey ?? null,
      total: 0,
      processed: 0,
      result: null,
      error: null,
      attempts: 0,
      lease_until: null,
      cancel_requested: 0,
      parent_id: null,
      waits_for: 0,
      created_at: now,
      last_modified_at: now,
      finished_at: null,
    })
    .execute();
  await dispatchOf(transaction).offer(transaction, [{ id, type: job.type, attempts: 0 }]);
}

/** Whether a claimed job has been tried too often: something about it ends the process. */
export function isHopeless(job: JobTable): boolean {
  return job.attempts > attemptsMax;
}

/** Renews the lease and stores progress. @returns false when the job is to stop */
export async function renew(db: Database, { id, attempts }: Claim, leaseMs: number, processed: number, total: number): Promise<boolean> {
  const now = Date.now();
  const row = await db
    .updateTable("jobs")
    .set({ lease_until: now + leaseMs, processed, total, last_modified_at: now })
    .where("id", "=", id)
    .where("attempts", "=", attempts)
    .where("status", "=", "RUNNING")
    .returning("cancel_requested")
    .executeTakeFirst();
  return row !== undefined && row.cancel_requested === 0;
}

/** A job was cancelled, or lost to another runner, before its effect was stored. */
export class JobEndedError extends Error {
  override name = "JobEndedError";
}

/**
 * Ends a job well. Call it in the transaction that stores the job's effect, so that both happen or neither.
 * @throws JobEndedError when the job was cancelled meanwhile
 */
export async function finish(db: Database, id: string, outcome: { result?: unknown; message?: string } = {}): Promise<void> {
  const now = Date.now();
  const done = await db
    .updateTable("jobs")
    .set({
      status: "FINISHED",
      result: outcome.result === undefined ? null : JSON.stringify(outcome.result),
      error: outcome.message ?? null,
      processed: sql<number>`total`,
      lease_until: null,
      last_modified_at: now,
      finished_at: now,
    })
    .where("id", "=", id)
    .where("status", "=", "RUNNING")
    .where("cancel_requested", "=", 0)
    .executeTakeFirst();
  if (Number(done.numUpdatedRows) === 0) throw new JobEndedError("the job was cancelled");
}

/** Ends a job badly, unless another runner has it by now; with a part the job that waits for it, and its other parts. */
export async function fail(db: Database, { id, attempts }: Claim, message: string): Promise<void> {
  const now = Date.now();
  const failed = await db
    .updateTable("jobs")
    .set({ status: "FAILED", error: message, lease_until: null, last_modified_at: now, finished_at: now })
    .where("id", "=", id)
    .where("attempts", "=", attempts)
    .where("status", "in", ["RUNNING", "WAITING"])
    // A job that has been cut into parts is its parts' to end.
    .where("waits_for", "=", 0)
    .returning("parent_id")
    .executeTakeFirst();
  const parent = failed?.parent_id;
  if (parent) await endWithParts(db, parent, message);
}

/** Ends a job, and what of its parts is still to be done. */
async function endWithParts(db: Database, id: string, error: string): Promise<void> {
  const now = Date.now();
  await db
    .updateTable("jobs")
    .set({ status: "FAILED", error, cancel_requested: 1, lease_until: null, last_modified_at: now, finished_at: now })
    .where((e) => e.or([e("id", "=", id), e("parent_id", "=", id)]))
    .where("status", "in", ["WAITING", "RUNNING"])
    .execute();
}

/** After a start on a store that only this process uses: nobody else can be working on anything. */
export async function releaseAll(db: Database): Promise<void> {
  await db.updateTable("jobs").set({ lease_until: Date.now() - 1 }).where("status", "=", "RUNNING").execute();
}

/** @throws DomainError JOB_UNKNOWN when the user has no such job; BAD_REQUEST when it has ended */
export async function cancel(db: Database, userId: string, id: string): Promise<void> {
  const job = await findJob(db, userId, id);
  if (!job) throw new DomainError("JOB_UNKNOWN", `There is no job ${id.slice(0, 64)}.`);
  if (job.status !== "WAITING" && job.status !== "RUNNING") throw new DomainError("BAD_REQUEST", `The job has already ended (${job.status}).`, { status: 409 });
  await endWithParts(db, id, "cancelled");
}

export async function cancelJobsOfDataset(db: Database, datasetId: string): Promise<void> {
  const now = Date.now();
  await db
    .updateTable("jobs")
    .set({ status: "FAILED", error: "the dataset was deleted", cancel_requested: 1, lease_until: null, last_modified_at: now, finished_at: now })
    .where("dataset_id", "=", datasetId)
    .where("status", "in", ["WAITING", "RUNNING"])
    .execute();
}

const shownTypes = ["SAMPLING", "EMBEDDINGS2D", "ANALYSIS", "EMBEDDING"];

export async function findJob(db: Database, userId: string, id: string): Promise<JobTable | undefined> {
  // PostgreSQL refuses texts that can be no id at all.
  return !isId(id) ? undefined : db.selectFrom("jobs").selectAll().where("id", "=", id).where("user_id", "=", userId).where("type", "in", shownTypes).executeTakeFirst();
}

export async function listJobs(db: Database, userId: string, limit = 1000): Promise<JobTable[]> {
  return db.selectFrom("jobs").selectAll().where("user_id", "=", userId).where("type", "in", shownTypes).orderBy("id", "desc").limit(limit).execute();
}
