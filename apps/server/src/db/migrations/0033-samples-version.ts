import type { Kysely } from "kysely";

/** Datasets count the changes of their samples: what is made of those stays good while tags, scores and sharing change. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("datasets").addColumn("samples_version", "integer", (c) => c.notNull().defaultTo(0)).execute();
}
