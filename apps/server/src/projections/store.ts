import type { Database } from "../db/database.ts";
import { newId } from "../db/ids.ts";
import type { ProjectionTable } from "../db/schema.ts";

export async function insertProjection(db: Database, row: Omit<ProjectionTable, "id" | "created_at">): Promise<string> {
  const now = Date.now();
  const id = newId(now);
  await db.insertInto("projections").values({ ...row, id, created_at: now }).execute();
  return id;
}

/** Removes what a new computation replaces. */
export async function deleteProjectionsNamed(db: Database, embeddingId: string, method: string, name: string): Promise<void> {
  await db.deleteFrom("projections").where("embedding_id", "=", embeddingId).where("method", "=", method).where("name", "=", name).execute();
}

export async function findProjection(db: Database, embeddingId: string, id: string): Promise<ProjectionTable | undefined> {
  return db.selectFrom("projections").selectAll().where("id", "=", id).where("embedding_id", "=", embeddingId).executeTakeFirst();
}

/** Projections of an embedding without their coordinates. */
export async function listProjections(db: Database, embeddingId: string): Promise<Omit<ProjectionTable, "coordinates">[]> {
  return db
    .selectFrom("projections")
    .select(["id", "dataset_id", "embedding_id", "name", "method", "created_at"])
    .where("embedding_id", "=", embeddingId)
    .orderBy("id")
    .execute();
}
