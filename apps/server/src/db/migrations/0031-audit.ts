import type { Kysely } from "kysely";

/** Who did what. Without references: an entry outlives what it is about. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("audit_entries")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("at", "bigint", (c) => c.notNull())
    .addColumn("action", "text", (c) => c.notNull())
    .addColumn("status", "integer", (c) => c.notNull())
    .addColumn("user_id", "text")
    .addColumn("email", "text")
    .addColumn("credential", "text")
    .addColumn("remote_address", "text")
    .addColumn("dataset_id", "text")
    .addColumn("target", "text")
    .addColumn("times", "integer", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("audit_entries_user").on("audit_entries").columns(["user_id", "id"]).execute();
  await db.schema.createIndex("audit_entries_dataset").on("audit_entries").columns(["dataset_id", "id"]).execute();
  await db.schema.createIndex("audit_entries_at").on("audit_entries").column("at").execute();
}
