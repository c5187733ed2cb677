import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import type { SampleTable } from "../db/schema.ts";

/** SQLite takes 32,766 parameters in a statement. */
const namesInStatementMax = 10_000;
const rowsInStatementMax = 1_000;

/** Ids of the samples of these names, by name. */
export async function findIdsByName(db: Database, datasetId: string, names: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let from = 0; from < names.length; from += namesInStatementMax) {
    const rows = await db
      .selectFrom("samples")
      .select(["id", "file_name"])
      .where("dataset_id", "=", datasetId)
      .where("file_name", "in", names.slice(from, from + namesInStatementMax))
      .execute();
    for (const row of rows) found.set(row.file_name, row.id);
  }
  return found;
}

export async function insertSamples(db: Database, rows: readonly SampleTable[]): Promise<void> {
  for (let from = 0; from < rows.length; from += rowsInStatementMax) {
    await db.insertInto("samples").values(rows.slice(from, from + rowsInStatementMax)).execute();
  }
}

/** Counts new samples into their dataset and moves its time of change. */
export async function growDataset(db: Database, datasetId: string, count: number, sizeInBytes: number): Promise<void> {
  await db
    .updateTable("datasets")
    .set({
      n_samples: sql<number>`n_samples + ${count}`,
      size_in_bytes: sql<number>`size_in_bytes + ${sizeInBytes}`,
      last_modified_at: sql<number>`max(last_modified_at + 1, ${Date.now()})`,
    })
    .where("id", "=", datasetId)
    .execute();
}

export async function findSample(db: Database, datasetId: string, id: string): Promise<SampleTable | undefined> {
  return db.selectFrom("samples").selectAll().where("id", "=", id).where("dataset_id", "=", datasetId).executeTakeFirst();
}

export async function findSampleByName(db: Database, datasetId: string, fileName: string): Promise<SampleTable | undefined> {
  return db.selectFrom("samples").selectAll().where("dataset_id", "=", datasetId).where("file_name", "=", fileName).executeTakeFirst();
}

export async function updateSample(db: Database, id: string, changes: Partial<SampleTable>): Promise<void> {
  await db.updateTable("samples").set({ ...changes, last_modified_at: Date.now() }).where("id", "=", id).execute();
}

/** Samples in the dataset's order, in pages, from `fromOrdinal` (included) to `toOrdinal` (not included). */
export async function* readSamples<Column extends keyof SampleTable>(
  db: Database,
  datasetId: string,
  columns: readonly Column[],
  { fromOrdinal = 0, toOrdinal, pageSize = 10_000 }: { fromOrdinal?: number; toOrdinal: number; pageSize?: number },
): AsyncIterable<Pick<SampleTable, Column>[]> {
  for (let from = fromOrdinal; from < toOrdinal; from += pageSize) {
    const rows = await db
      .selectFrom("samples")
      .select(columns as readonly never[])
      .where("dataset_id", "=", datasetId)
      .where("ordinal", ">=", from)
      .where("ordinal", "<", Math.min(from + pageSize, toOrdinal))
      .orderBy("ordinal")
      .execute();
    yield rows as unknown as Pick<SampleTable, Column>[];
    // Others get their turn between two pages.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const ordinalsInStatementMax = 10_000;

/** Samples of these ordinals (ascending), in pages. */
export async function* readSamplesByOrdinal<Column extends keyof SampleTable>(
  db: Database,
  datasetId: string,
  columns: readonly Column[],
  ordinals: Uint32Array,
): AsyncIterable<Pick<SampleTable, Column>[]> {
  for (let from = 0; from < ordinals.length; from += ordinalsInStatementMax) {
    const page = ordinals.subarray(from, from + ordinalsInStatementMax);
    const first = page[0] as number;
    const last = page[page.length - 1] as number;
    let query = db.selectFrom("samples").select(columns as readonly never[]).where("dataset_id", "=", datasetId);
    // Without gaps a range does, which the database reads straight off its order.
    if (last - first + 1 === page.length) query = query.where("ordinal", ">=", first).where("ordinal", "<=", last);
    else query = query.where("ordinal", "in", [...page]);
    yield (await query.orderBy("ordinal").execute()) as unknown as Pick<SampleTable, Column>[];
    await new Promise((resolve) => setImmediate(resolve));
  }
}
