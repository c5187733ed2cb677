import type { Database } from "../db/database.ts";
import type { RunConfigurationTable } from "../db/schema.ts";

export async function insertConfiguration(db: Database, row: RunConfigurationTable): Promise<void> {
  await db.insertInto("run_configurations").values(row).execute();
}

export async function findConfiguration(db: Database, id: string): Promise<RunConfigurationTable | undefined> {
  return db.selectFrom("run_configurations").selectAll().where("id", "=", id).executeTakeFirst();
}

/** A page of a user's configurations, oldest first. */
export async function listConfigurations(db: Database, userId: string, { after, limit }: { after: string; limit: number }): Promise<RunConfigurationTable[]> {
  return db.selectFrom("run_configurations").selectAll().where("user_id", "=", userId).where("id", ">", after).orderBy("id").limit(limit).execute();
}

export async function updateConfiguration(db: Database, id: string, config: string): Promise<void> {
  await db.updateTable("run_configurations").set({ config, last_modified_at: Date.now() }).where("id", "=", id).execute();
}

/** Datasets on which a configuration has been scheduled. */
export async function datasetsOfConfiguration(db: Database, configId: string): Promise<string[]> {
  return (await db.selectFrom("scheduled_runs").select("dataset_id").distinct().where("config_id", "=", configId).execute()).map((row) => row.dataset_id);
}
