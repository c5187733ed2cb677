import type { Kysely } from "kysely";

/** Jobs that are done in parts by several servers, and wait for them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("jobs").addColumn("parent_id", "text").execute();
  await db.schema.alterTable("jobs").addColumn("waits_for", "integer", (c) => c.notNull().defaultTo(0)).execute();
  await db.schema.createIndex("jobs_parent").on("jobs").column("parent_id").execute();
}
