import type { Kysely } from "kysely";

/** Frozen once released: later changes are migrations of their own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("datasources")
    .addColumn("dataset_id", "text", (c) => c.notNull().references("datasets.id").onDelete("cascade"))
    .addColumn("purpose", "text", (c) => c.notNull())
    .addColumn("id", "text", (c) => c.notNull().unique())
    .addColumn("sealed_config", "text", (c) => c.notNull())
    .addColumn("version", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("last_modified_at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("datasources_key", ["dataset_id", "purpose"])
    .execute();
  await db.schema
    .createTable("datasource_progress")
    .addColumn("dataset_id", "text", (c) => c.primaryKey().references("datasets.id").onDelete("cascade"))
    .addColumn("processed_until", "bigint", (c) => c.notNull())
    .execute();
}
