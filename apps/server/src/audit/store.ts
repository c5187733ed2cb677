import type { Database } from "../db/database.ts";
import type { AuditEntryTable } from "../db/schema.ts";
import { datasetsGranted } from "../collaboration/grants.ts";
import type { User } from "../accounts/user.ts";

export interface AuditFilter {
  readonly datasetId?: string;
  readonly email?: string;
  readonly action?: string;
  readonly from?: number;
  readonly to?: number;
}

/** What is wanted of the log, as far as a user may see it: all of it, or the user's own doings and those on datasets that the user owns. */
function wanted(db: Database, user: User, seesAll: boolean, { datasetId, email, action, from, to }: AuditFilter) {
  let query = db.selectFrom("audit_entries").selectAll();
  if (!seesAll) {
    query = query.where((e) => {
      const owned = e.selectFrom("datasets").select("datasets.id").where((d) => d.or([d("datasets.user_id", "=", user.id), d("datasets.id", "in", datasetsGranted(d, user.email, ["owner"]))]));
      return e.or([e("audit_entries.user_id", "=", user.id), e("audit_entries.dataset_id", "in", owned)]);
    });
  }
  if (datasetId !== undefined) query = query.where("dataset_id", "=", datasetId);
  if (email !== undefined) query = query.where("email", "=", email.trim().toLowerCase());
  if (action !== undefined) query = query.where("action", "=", action);
  if (from !== undefined) query = query.where("at", ">=", from);
  if (to !== undefined) query = query.where("at", "<", to);
  return query;
}

/** Newest first. */
export async function listEntries(db: Database, user: User, seesAll: boolean, filter: AuditFilter, { before, limit }: { before?: string; limit: number }): Promise<AuditEntryTable[]> {
  let query = wanted(db, user, seesAll, filter).orderBy("id", "desc").limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return query.execute();
}

const rowsAtOnce = 1_000;

/** Oldest first, in pages. */
export async function* readEntries(db: Database, user: User, seesAll: boolean, filter: AuditFilter): AsyncGenerator<AuditEntryTable[]> {
  for (let after = ""; ; ) {
    const page = await wanted(db, user, seesAll, filter).where("id", ">", after).orderBy("id").limit(rowsAtOnce).execute();
    if (page.length > 0) yield page;
    if (page.length < rowsAtOnce) return;
    after = page.at(-1)!.id;
  }
}
