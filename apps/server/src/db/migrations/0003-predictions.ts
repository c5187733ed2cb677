import { sql, type Kysely } from "kysely";
import { isPostgres } from "../dialect.ts";

/** Frozen once released: later changes are migrations of their own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("prediction_tasks")
    .addColumn("number", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("id", "text", (c) => c.notNull().unique())
    .addColumn("dataset_id", "text", (c) => c.notNull().references("datasets.id").onDelete("cascade"))
    .addColumn("timestamp", "bigint", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("type", "text", (c) => c.notNull())
    .addColumn("categories", "text", (c) => c.notNull())
    .addColumn("samples", "integer", (c) => c.notNull())
    .addColumn("singletons", "bigint", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("last_modified_at", "bigint", (c) => c.notNull())
    .addUniqueConstraint("prediction_tasks_name", ["dataset_id", "timestamp", "name"])
    .execute();
  const predictions = db.schema
    .createTable("predictions")
    .addColumn("task", "integer", (c) => c.notNull().references("prediction_tasks.number").onDelete("cascade"))
    .addColumn("ordinal", "integer", (c) => c.notNull())
    .addColumn("count", "integer", (c) => c.notNull())
    .addColumn("singletons", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("predictions_key", ["task", "ordinal"]);
  // The rows of a task lie one after another in the order in which they are read.
  await (isPostgres(db) ? predictions : predictions.modifyEnd(sql`without rowid`)).execute();
}
