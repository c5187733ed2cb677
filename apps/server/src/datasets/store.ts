import { sql } from "kysely";
import { datasetsGranted } from "../collaboration/grants.ts";
import type { Database } from "../db/database.ts";
import { contains, greater } from "../db/dialect.ts";
import type { DatasetTable } from "../db/schema.ts";

export interface Page {
  readonly limit?: number;
  readonly offset?: number;
}

export async function insertDataset(db: Database, row: DatasetTable): Promise<void> {
  await db.insertInto("datasets").values(row).execute();
}

export async function findDataset(db: Database, id: string): Promise<DatasetTable | undefined> {
  return db.selectFrom("datasets").selectAll().where("id", "=", id).where("deleted_at", "is", null).executeTakeFirst();
}

export async function findDatasetByName(db: Database, userId: string, name: string): Promise<DatasetTable | undefined> {
  return db.selectFrom("datasets").selectAll().where("user_id", "=", userId).where("name", "=", name).executeTakeFirst();
}

export interface DatasetFilter extends Page {
  readonly userId: string;
  readonly email: string;
  /** Those of others that are shared with the user, instead of the user's own. */
  readonly shared: boolean;
  readonly name?: string;
  /** The whole name, not a part of it. */
  readonly exact?: boolean;
  /** Only these, at least one. */
  readonly ids?: readonly string[];
}

export async function listDatasets(db: Database, { userId, email, shared, name, exact, ids, limit, offset }: DatasetFilter): Promise<DatasetTable[]> {
  if (name?.includes("\0")) return [];
  let query = db.selectFrom("datasets").selectAll().where("deleted_at", "is", null).orderBy("id");
  if (shared) {
    query = query
      .where("user_id", "!=", userId)
      .where("id", "in", (e) => datasetsGranted(e, email));
  } else query = query.where("user_id", "=", userId);
  if (ids !== undefined) query = query.where("id", "in", ids);
  if (name !== undefined) query = exact ? query.where("name", "=", name) : query.where(contains(db, "name", name.toLowerCase()));
  if (limit !== undefined || offset !== undefined) query = query.limit(storable(limit ?? Number.POSITIVE_INFINITY));
  if (offset !== undefined) query = query.offset(storable(offset));
  return query.execute();
}

/** Rows that a statement can count: no dataset is that far down a list. */
function storable(rows: number): number {
  return Math.min(rows, 2 ** 31 - 1);
}

export async function listChildren(db: Database, parentId: string): Promise<DatasetTable[]> {
  return db.selectFrom("datasets").selectAll().where("parent_dataset_id", "=", parentId).where("deleted_at", "is", null).orderBy("id").execute();
}

/** Changes a dataset and moves its time of change, always forward. */
export async function updateDataset(db: Database, id: string, changes: Partial<DatasetTable> = {}): Promise<void> {
  await db
    .updateTable("datasets")
    .set({ ...changes, last_modified_at: greater(db, sql`last_modified_at + 1`, Date.now()) })
    .where("id", "=", id)
    // A request may have been on its way when the dataset was deleted: it must not give it a name again.
    .where("deleted_at", "is", null)
    .execute();
}

/** Takes a dataset away from everybody. Its name is free again at once, for one that no dataset can have; rows and files go by a job. */
export async function markDeleted(db: Database, id: string): Promise<void> {
  await db.updateTable("datasets").set({ deleted_at: Date.now(), name: `/deleted/${id}`, parent_dataset_id: null }).where("id", "=", id).execute();
}

export async function releaseChildren(db: Database, parentId: string): Promise<void> {
  await db.updateTable("datasets").set({ parent_dataset_id: null }).where("parent_dataset_id", "=", parentId).execute();
}

/** Up to `limit` samples, tags and embeddings by dataset, for the covers of many datasets in three statements. */
export async function enrich(db: Database, ids: readonly string[], limit: number): Promise<Map<string, { samples: string[]; nTags: number; nEmbeddings: number }>> {
  const found = new Map(ids.map((id) => [id, { samples: [] as string[], nTags: 0, nEmbeddings: 0 }]));
  if (ids.length === 0) return found;
  const samples = await db.selectFrom("samples").select(["dataset_id", "id"]).where("dataset_id", "in", ids).where("ordinal", "<", limit).orderBy("ordinal").execute();
  for (const row of samples) found.get(row.dataset_id)?.samples.push(row.id);
  const count = async (table: "tags" | "embeddings") => {
    let query = db.selectFrom(table).select((e) => ["dataset_id", e.fn.countAll<number>().as("count")] as const).where("dataset_id", "in", ids).groupBy("dataset_id");
    if (table === "embeddings") query = query.where("state" as never, "=", "ready" as never);
    return query.execute();
  };
  for (const row of await count("tags")) found.get(row.dataset_id)!.nTags = Number(row.count);
  for (const row of await count("embeddings")) found.get(row.dataset_id)!.nEmbeddings = Number(row.count);
  return found;
}
