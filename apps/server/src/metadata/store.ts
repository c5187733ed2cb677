import type { Database } from "../db/database.ts";
import type { MetadataConfigurationTable } from "../db/schema.ts";

export async function insertConfiguration(db: Database, row: MetadataConfigurationTable): Promise<void> {
  await db.insertInto("metadata_configurations").values(row).execute();
}

export async function updateConfiguration(db: Database, id: string, changes: Partial<MetadataConfigurationTable>): Promise<void> {
  await db.updateTable("metadata_configurations").set(changes).where("id", "=", id).execute();
}

export async function findConfiguration(db: Database, datasetId: string, id: string): Promise<MetadataConfigurationTable | undefined> {
  return db.selectFrom("metadata_configurations").selectAll().where("id", "=", id).where("dataset_id", "=", datasetId).executeTakeFirst();
}

export async function listConfigurations(db: Database, datasetId: string): Promise<MetadataConfigurationTable[]> {
  return db.selectFrom("metadata_configurations").selectAll().where("dataset_id", "=", datasetId).orderBy("id").execute();
}
