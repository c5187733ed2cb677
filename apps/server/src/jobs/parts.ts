/** Jobs that are cut into parts, which any server takes, and go on when the last of them is done. */
import { sql, type Kysely } from "kysely";
import type { Database } from "../db/database.ts";
import { insertRows } from "../db/dialect.ts";
import { newId } from "../db/ids.ts";
import type { Schema } from "../db/schema.ts";
import { dispatchOf } from "./dispatch.ts";
import type { JobType } from "./order.ts";
import { JobEndedError, finish } from "./queue.ts";

/**
 * Cuts a job that runs into parts and lets it wait for them: whoever works on it returns, and it is taken again when all are done.
 * @param parts what each is to do
 * @throws JobEndedError when the job was cancelled meanwhile
 */
export async function cutIntoParts(db: Kysely<Schema>, jobId: string, type: JobType, parts: readonly object[]): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const now = Date.now();
    const job = await transaction
      .updateTable("jobs")
      .set({ status: "WAITING", waits_for: parts.length, lease_until: null, processed: 0, total: parts.length + 1, last_modified_at: now })
      .where("id", "=", jobId)
      .where("status", "=", "RUNNING")
      .where("cancel_requested", "=", 0)
      .returning(["user_id", "dataset_id"])
      .executeTakeFirst();
    if (!job) throw new JobEndedError("the job was cancelled");
    const rows = parts.map((payload) => ({
      id: newId(now), user_id: job.user_id, dataset_id: job.dataset_id, type, status: "WAITING", payload: JSON.stringify(payload), dedupe_key: null, total: 0, processed: 0, result: null, error: null,
      attempts: 0, lease_until: null, cancel_requested: 0, parent_id: jobId, waits_for: 0, created_at: now, last_modified_at: now, finished_at: null,
    }));
    await insertRows(transaction, "jobs", rows);
    await dispatchOf(transaction).offer(transaction, rows);
  });
}

/** What the parts of a job gave, in their order; undefined: it hasn't been cut. */
export async function partResults<Result>(db: Database, jobId: string): Promise<Result[] | undefined> {
  const parts = await db.selectFrom("jobs").select(["id", "status", "result"]).where("parent_id", "=", jobId).orderBy("id").execute();
  if (parts.length === 0) return undefined;
  return parts.map(({ id, status, result }) => {
    if (status !== "FINISHED" || result === null) throw new Error(`part ${id} of the job is ${status}`);
    return JSON.parse(result) as Result;
  });
}

/** Ends a part; the job that waits for it goes on when it was the last. @throws JobEndedError when it was cancelled meanwhile */
export async function finishPart(db: Kysely<Schema>, jobId: string, result: object): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await finish(transaction, jobId, { result });
    const { parent_id } = await transaction.selectFrom("jobs").select("parent_id").where("id", "=", jobId).executeTakeFirstOrThrow();
    const parent = await transaction
      .updateTable("jobs")
      .set({ waits_for: sql<number>`waits_for - 1`, processed: sql<number>`processed + 1`, last_modified_at: Date.now() })
      .where("id", "=", parent_id)
      .returning(["id", "type", "attempts", "status", "waits_for"])
      .executeTakeFirst();
    if (parent?.status === "WAITING" && parent.waits_for === 0) await dispatchOf(transaction).offer(transaction, [parent]);
  });
}
