import type { Kysely } from "kysely";

/** What each strategy contributed to each pick: one row of float64 per pick; null where a method selected. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("selections").addColumn("shares", "blob").execute();
}
