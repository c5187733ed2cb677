import type { Kysely } from "kysely";

/** Roles in datasets for users and teams; tokens that end, only read, or know only some datasets. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const create = (name: string) => db.schema.createTable(name);

  await create("teams")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  await create("team_members")
    .addColumn("team_id", "text", (c) => c.notNull().references("teams.id").onDelete("cascade"))
    .addColumn("email", "text", (c) => c.notNull())
    .addColumn("is_admin", "integer", (c) => c.notNull())
    .addPrimaryKeyConstraint("team_members_key", ["email", "team_id"])
    .execute();
  await db.schema.createIndex("team_members_team").on("team_members").column("team_id").execute();
  await create("dataset_members")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("dataset_id", "text", (c) => c.notNull().references("datasets.id").onDelete("cascade"))
    .addColumn("email", "text")
    .addColumn("team_id", "text", (c) => c.references("teams.id").onDelete("cascade"))
    .addColumn("role", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addUniqueConstraint("dataset_members_user", ["dataset_id", "email"])
    .addUniqueConstraint("dataset_members_team", ["dataset_id", "team_id"])
    .execute();
  await db.schema.createIndex("dataset_members_email").on("dataset_members").column("email").execute();
  await db.schema.createIndex("dataset_members_of_team").on("dataset_members").column("team_id").execute();

  await db.schema.alterTable("tokens").addColumn("expires_at", "bigint").execute();
  await db.schema.alterTable("tokens").addColumn("read_only", "integer", (c) => c.notNull().defaultTo(0)).execute();
  await db.schema.alterTable("tokens").addColumn("dataset_ids", "text").execute();
  await db.schema.alterTable("sessions").addColumn("token_id", "text").execute();
}
