import { BitMask } from "@winnow/curation";
import type { Database } from "../db/database.ts";
import type { TagTable } from "../db/schema.ts";
import { announce } from "../webhooks/announcement.ts";

export async function insertTag(db: Database, row: TagTable): Promise<void> {
  await db.insertInto("tags").values(row).execute();
  await announce(db, "tag.created", row.dataset_id, { tagId: row.id, name: row.name, ...(row.run_id !== null && { runId: row.run_id }) });
}

export async function findTag(db: Database, datasetId: string, id: string): Promise<TagTable | undefined> {
  return db.selectFrom("tags").selectAll().where("id", "=", id).where("dataset_id", "=", datasetId).executeTakeFirst();
}

export async function findTagByName(db: Database, datasetId: string, name: string): Promise<Pick<TagTable, "id"> | undefined> {
  return db.selectFrom("tags").select("id").where("dataset_id", "=", datasetId).where("name", "=", name).executeTakeFirst();
}

export async function findInitialTag(db: Database, datasetId: string): Promise<TagTable | undefined> {
  return db.selectFrom("tags").selectAll().where("dataset_id", "=", datasetId).where("is_initial", "=", 1).executeTakeFirst();
}

export async function listTags(db: Database, datasetId: string): Promise<TagTable[]> {
  return db.selectFrom("tags").selectAll().where("dataset_id", "=", datasetId).orderBy("id").execute();
}

export async function listTagsOfRun(db: Database, datasetId: string, runId: string): Promise<TagTable[]> {
  return db.selectFrom("tags").selectAll().where("dataset_id", "=", datasetId).where("run_id", "=", runId).orderBy("id").execute();
}

/** Tags without parent: the initial one, and one for every later upload. */
export async function listParentlessTags(db: Database, datasetId: string): Promise<TagTable[]> {
  return db.selectFrom("tags").selectAll().where("dataset_id", "=", datasetId).where("prev_tag_id", "is", null).orderBy("id").execute();
}

export async function findDependent(db: Database, datasetId: string, id: string): Promise<Pick<TagTable, "name"> | undefined> {
  return db
    .selectFrom("tags")
    .select("name")
    .where("dataset_id", "=", datasetId)
    .where((e) => e.or([e("prev_tag_id", "=", id), e("query_tag_id", "=", id), e("preselected_tag_id", "=", id)]))
    .limit(1)
    .executeTakeFirst();
}

export async function deleteTag(db: Database, id: string): Promise<void> {
  await db.deleteFrom("tags").where("id", "=", id).execute();
}

export async function renameTag(db: Database, id: string, name: string): Promise<void> {
  await db.updateTable("tags").set({ name, last_modified_at: Date.now() }).where("id", "=", id).execute();
}

/** The mask of a tag over the ordinals 0 … size − 1. */
export function maskOf(tag: Pick<TagTable, "mask">, size = tag.mask.length * 8): BitMask {
  return BitMask.fromBytes(tag.mask, Math.max(size, tag.mask.length * 8));
}

/** Bytes of a mask without the zeros at its end. */
export function maskBytes(mask: BitMask): Uint8Array {
  const bytes = mask.toBytes();
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return bytes.subarray(0, length);
}
