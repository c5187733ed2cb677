import type { Database } from "../db/database.ts";
import type { ShareTable } from "../db/schema.ts";

export async function listShares(db: Database, datasetId: string): Promise<ShareTable[]> {
  return db.selectFrom("shares").selectAll().where("dataset_id", "=", datasetId).orderBy("id").execute();
}

/** Stores who a dataset is shared with, in place of an earlier list. */
export async function saveShare(db: Database, row: ShareTable, emails: readonly string[]): Promise<void> {
  await db
    .insertInto("shares")
    .values(row)
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ access_type: row.access_type, users: row.users, last_modified_at: row.last_modified_at }))
    .execute();
  await db.deleteFrom("share_users").where("share_id", "=", row.id).execute();
  if (emails.length > 0) await db.insertInto("share_users").values(emails.map((email) => ({ share_id: row.id, dataset_id: row.dataset_id, email }))).execute();
}

export async function deleteShare(db: Database, datasetId: string, id: string): Promise<boolean> {
  const done = await db.deleteFrom("shares").where("id", "=", id).where("dataset_id", "=", datasetId).executeTakeFirst();
  return Number(done.numDeletedRows) > 0;
}
