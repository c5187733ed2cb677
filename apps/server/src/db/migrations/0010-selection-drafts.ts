import type { Kysely } from "kysely";

/** Picks that are looked at before a tag is made of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("selection_drafts")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("dataset_id", "text", (c) => c.notNull().references("datasets.id").onDelete("cascade"))
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("embedding_id", "text", (c) => c.notNull())
    .addColumn("config", "text", (c) => c.notNull())
    .addColumn("preselected_mask", "blob", (c) => c.notNull())
    .addColumn("ordinals", "blob", (c) => c.notNull())
    .addColumn("distances", "blob")
    .addColumn("scores", "blob")
    .addColumn("radii", "blob")
    .addColumn("shares", "blob")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("selection_drafts_user").on("selection_drafts").columns(["dataset_id", "user_id", "id"]).execute();
  await db.schema.createIndex("selection_drafts_of_user").on("selection_drafts").column("user_id").execute();
}
