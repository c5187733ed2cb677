/** The queue: jobs as rows, claimed with a lease, done at least once; handlers make the effect and the end of a job in one transaction. */
import { sql } from "kysely";
import { DomainError } from "../app/errors.ts";
import type { Database } from "../db/database.ts";
import { isPostgres } from "../db/dialect.ts";
import { isId, newId } from "../db/ids.ts";
import type { JobTable } from "../db/schema.ts";

const attemptsMax = 10;
/**
 * How long a job whose runner was lost stays untaken after that, in ms: the first times not at all, then 1, 2, 4, … 30 s.
 * A job that ends the process leaves the server up in between, and one that was only near is done in a quiet moment.
 */
const waitMs = sql<number>`case when attempts < 3 then 0 when attempts = 3 then 1000 when attempts = 4 then 2000 when attempts = 5 then 4000 when attempts = 6 then 8000 when attempts = 7 then 16000 else 30000 end`;

export type JobType = "SAMPLING" | "SELECTION_PART" | "EMBEDDINGS2D" | "ANALYSIS" | "EMBEDDING" | "DELETE_DATASET" | "WEBHOOKS";

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
  const now = Date.now();
  const id = newId(now);
  await db
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
  return id;
}

/** Somebody waits for a selection; a map is looked at later, and nobody looks at what was deleted. */
const urgency = sql<number>`case type when 'SAMPLING' then 0 when 'SELECTION_PART' then 0 when 'ANALYSIS' then 1 when 'EMBEDDING' then 1 when 'EMBEDDINGS2D' then 1 else 2 end`;

/**
 * Takes the most urgent and oldest job that waits, or whose runner stopped renewing its lease.
 * @param without types that are to wait for now
 */
export async function claim(db: Database, leaseMs: number, without: readonly JobType[] = []): Promise<JobTable | undefined> {
  const now = Date.now();
  let free = db
    .selectFrom("jobs")
    .select("id")
    .where("waits_for", "=", 0)
    .where((e) => e.or([e("status", "=", "WAITING"), e.and([e("status", "=", "RUNNING"), e(sql<number>`lease_until + ${waitMs}`, "<", now)])]));
  if (without.length > 0) free = free.where("type", "not in", without);
  free = free.orderBy(urgency).orderBy("id").limit(1);
  // Runners that look at the same moment each take another job, instead of waiting for the one that the first of them takes.
  if (isPostgres(db)) free = free.forUpdate().skipLocked();
  return db
    .updateTable("jobs")
    .set({ status: "RUNNING", lease_until: now + leaseMs, attempts: sql<number>`attempts + 1`, last_modified_at: now })
    .where("id", "=", free)
    .returningAll()
    .executeTakeFirst();
}

/** A job as one runner took it: who comes too late, because another one has taken it since, changes nothing. */
export type Claim = Pick<JobTable, "id" | "attempts">;

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

/** Hands a job back, to be taken again later. */
export async function release(db: Database, { id, attempts }: Claim): Promise<void> {
  await db
    .updateTable("jobs")
    .set({ status: "WAITING", lease_until: null, attempts: sql<number>`attempts - 1` })
    .where("id", "=", id)
    .where("attempts", "=", attempts)
    .where("status", "=", "RUNNING")
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
