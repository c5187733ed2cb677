import type { Kysely } from "kysely";

/** Compute workers, their queue and their runs. Frozen once released: later changes are migrations of their own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("workers")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("type", "text", (c) => c.notNull())
    .addColumn("labels", "text", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("session_id", "text")
    .addColumn("version", "text")
    .addColumn("host", "text")
    .addColumn("last_seen_at", "bigint")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("last_modified_at", "bigint", (c) => c.notNull())
    .addUniqueConstraint("workers_name", ["user_id", "name"])
    .execute();
  await db.schema.createIndex("workers_session").on("workers").column("session_id").execute();
  await db.schema
    .createTable("run_configurations")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("config", "text", (c) => c.notNull())
    .addColumn("creator", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("last_modified_at", "bigint", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("run_configurations_user").on("run_configurations").columns(["user_id", "id"]).execute();
  await db.schema
    .createTable("scheduled_runs")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("dataset_id", "text", (c) => c.notNull().references("datasets.id").onDelete("cascade"))
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("config_id", "text", (c) => c.notNull().references("run_configurations.id"))
    .addColumn("priority", "integer", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("worker_id", "text")
    .addColumn("lease_until", "bigint")
    .addColumn("creator", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("last_modified_at", "bigint", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("scheduled_runs_dataset").on("scheduled_runs").columns(["dataset_id", "id"]).execute();
  await db.schema.createIndex("scheduled_runs_queue").on("scheduled_runs").columns(["state", "priority", "id"]).execute();
  await db.schema.createIndex("scheduled_runs_config").on("scheduled_runs").column("config_id").execute();
  await db.schema.createIndex("scheduled_runs_user").on("scheduled_runs").columns(["user_id", "id"]).execute();
  await db.schema.createIndex("scheduled_runs_worker").on("scheduled_runs").column("worker_id").execute();
  await db.schema
    .createTable("scheduled_run_labels")
    .addColumn("scheduled_id", "text", (c) => c.notNull().references("scheduled_runs.id").onDelete("cascade"))
    .addColumn("label", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("scheduled_run_labels_key", ["scheduled_id", "label"])
    .execute();
  await db.schema
    .createTable("runs")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("dataset_id", "text", (c) => c.references("datasets.id").onDelete("cascade"))
    .addColumn("scheduled_id", "text", (c) => c.unique())
    .addColumn("config_id", "text")
    .addColumn("version", "text", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("message", "text")
    .addColumn("report_available", "integer", (c) => c.notNull())
    .addColumn("progress", "text")
    .addColumn("progress_at", "bigint")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("last_modified_at", "bigint", (c) => c.notNull())
    .addColumn("ended_at", "bigint")
    .execute();
  await db.schema.createIndex("runs_dataset").on("runs").columns(["dataset_id", "id"]).execute();
  await db.schema.createIndex("runs_user").on("runs").columns(["user_id", "id"]).execute();
  await db.schema
    .createTable("run_messages")
    .addColumn("run_id", "text", (c) => c.notNull().references("runs.id").onDelete("cascade"))
    .addColumn("number", "integer", (c) => c.notNull())
    .addColumn("ts", "bigint", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("log", "text")
    .addPrimaryKeyConstraint("run_messages_key", ["run_id", "number"])
    .execute();
  await db.schema
    .createTable("run_log_entries")
    .addColumn("run_id", "text", (c) => c.notNull().references("runs.id").onDelete("cascade"))
    .addColumn("number", "integer", (c) => c.notNull())
    .addColumn("entry", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("run_log_entries_key", ["run_id", "number"])
    .execute();
  await db.schema
    .createTable("run_artifacts")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("run_id", "text", (c) => c.notNull().references("runs.id").onDelete("cascade"))
    .addColumn("type", "text", (c) => c.notNull())
    .addColumn("file_name", "text", (c) => c.notNull())
    .addColumn("storage_location", "text", (c) => c.notNull())
    .addColumn("confirmed", "integer", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("run_artifacts_run").on("run_artifacts").columns(["run_id", "id"]).execute();
}
