import type { Database } from "../db/database.ts";
import type { EmbeddingTable } from "../db/schema.ts";

export async function insertEmbedding(db: Database, row: EmbeddingTable): Promise<void> {
  await db.insertInto("embeddings").values(row).execute();
}

/** An embedding in any state. */
export async function findEmbedding(db: Database, datasetId: string, id: string): Promise<EmbeddingTable | undefined> {
  return db.selectFrom("embeddings").selectAll().where("id", "=", id).where("dataset_id", "=", datasetId).executeTakeFirst();
}

/** Complete embeddings, newest first. */
export async function listEmbeddings(db: Database, datasetId: string): Promise<EmbeddingTable[]> {
  return db.selectFrom("embeddings").selectAll().where("dataset_id", "=", datasetId).where("state", "=", "ready").orderBy("id", "desc").execute();
}

/** Ids of the embeddings that can be used, the newest first. */
export async function readyEmbeddings(db: Database, datasetId: string): Promise<string[]> {
  const rows = await db.selectFrom("embeddings").select("id").where("dataset_id", "=", datasetId).where("state", "=", "ready").orderBy("id", "desc").execute();
  return rows.map(({ id }) => id);
}

export async function updateEmbedding(db: Database, id: string, changes: Partial<EmbeddingTable>): Promise<void> {
  await db.updateTable("embeddings").set(changes).where("id", "=", id).execute();
}

export async function deleteEmbedding(db: Database, id: string): Promise<void> {
  await db.deleteFrom("embeddings").where("id", "=", id).execute();
}

/** Forgets what was announced and never came. @returns the ids */
export async function forgetExpired(db: Database, datasetId: string, nowMs: number): Promise<string[]> {
  const forgotten = await db.deleteFrom("embeddings").where("dataset_id", "=", datasetId).where("state", "=", "announced").where("expires_at", "<", nowMs).returning("id").execute();
  return forgotten.map((row) => row.id);
}

/** Which of these embeddings have a projection. */
export async function withProjection(db: Database, datasetId: string): Promise<Set<string>> {
  const rows = await db.selectFrom("projections").select("embedding_id").distinct().where("dataset_id", "=", datasetId).execute();
  return new Set(rows.map((row) => row.embedding_id));
}
