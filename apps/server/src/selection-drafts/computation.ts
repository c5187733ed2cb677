import type { Kysely } from "kysely";
import { newId } from "../db/ids.ts";
import type { Schema, SelectionDraftTable } from "../db/schema.ts";
import { inDataset } from "../db/turns.ts";
import { JobEndedError, finish } from "../jobs/queue.ts";
import { insertDraft } from "./store.ts";

/** Keeps the picks of a job as a draft of the user whose job it is, and ends the job. */
export async function storeDraft(db: Kysely<Schema>, jobId: string, picks: Omit<SelectionDraftTable, "id" | "user_id" | "created_at">, message: string | undefined): Promise<void> {
  await inDataset(db, picks.dataset_id, async (transaction) => {
    const job = await transaction.selectFrom("jobs").select("user_id").where("id", "=", jobId).executeTakeFirst();
    if (!job) throw new JobEndedError("the job is gone");
    const now = Date.now();
    const id = newId(now);
    await insertDraft(transaction, { id, user_id: job.user_id, created_at: now, ...picks });
    await finish(transaction, jobId, { result: id, message });
  });
}
