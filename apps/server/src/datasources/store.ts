import type { DatasourcePurpose } from "@winnow/contract";
import type { Database } from "../db/database.ts";
import type { DatasourceTable } from "../db/schema.ts";

/** The datasources of a dataset: none, one for both purposes, or one for each. */
export async function listDatasources(db: Database, datasetId: string): Promise<DatasourceTable[]> {
  return db.selectFrom("datasources").selectAll().where("dataset_id", "=", datasetId).orderBy("purpose").execute();
}

/** Puts a datasource in the place of those whose purposes it takes over. */
export async function replaceDatasource(db: Database, row: DatasourceTable): Promise<void> {
  const outlived: DatasourcePurpose[] = row.purpose === "INPUT_OUTPUT" ? ["INPUT", "LIGHTLY"] : ["INPUT_OUTPUT"];
  await db.deleteFrom("datasources").where("dataset_id", "=", row.dataset_id).where("purpose", "in", outlived).execute();
  await db
    .insertInto("datasources")
    .values(row)
    .onConflict((conflict) => conflict.columns(["dataset_id", "purpose"]).doUpdateSet({ sealed_config: row.sealed_config, version: row.version, last_modified_at: row.last_modified_at }))
    .execute();
}

/** Seconds since the epoch; 0: never. */
export async function readProcessedUntil(db: Database, datasetId: string): Promise<number> {
  const row = await db.selectFrom("datasource_progress").select("processed_until").where("dataset_id", "=", datasetId).executeTakeFirst();
  return Number(row?.processed_until ?? 0);
}

export async function writeProcessedUntil(db: Database, datasetId: string, seconds: number): Promise<void> {
  await db
    .insertInto("datasource_progress")
    .values({ dataset_id: datasetId, processed_until: seconds })
    .onConflict((conflict) => conflict.column("dataset_id").doUpdateSet({ processed_until: seconds }))
    .execute();
}
