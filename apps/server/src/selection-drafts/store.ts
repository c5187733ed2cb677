import type { Database } from "../db/database.ts";
import type { SelectionDraftTable } from "../db/schema.ts";

/** Drafts that are kept of a user in a dataset. */
const keptMax = 10;

/** Stores a draft and lets go of the user's oldest ones in the dataset. */
export async function insertDraft(db: Database, row: SelectionDraftTable): Promise<void> {
  await db.insertInto("selection_drafts").values(row).execute();
  const kept = db.selectFrom("selection_drafts").select("id").where("dataset_id", "=", row.dataset_id).where("user_id", "=", row.user_id).orderBy("id", "desc").limit(keptMax);
  await db.deleteFrom("selection_drafts").where("dataset_id", "=", row.dataset_id).where("user_id", "=", row.user_id).where("id", "not in", kept).execute();
}

export async function findDraft(db: Database, datasetId: string, userId: string, id: string): Promise<SelectionDraftTable | undefined> {
  return db.selectFrom("selection_drafts").selectAll().where("id", "=", id).where("dataset_id", "=", datasetId).where("user_id", "=", userId).executeTakeFirst();
}

export async function deleteDraft(db: Database, id: string): Promise<void> {
  await db.deleteFrom("selection_drafts").where("id", "=", id).execute();
}
