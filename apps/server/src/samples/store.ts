import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import { among, greater, insertRows, jsonTexts, smaller } from "../db/dialect.ts";
import type { SampleTable } from "../db/schema.ts";

/** Everything there is of a sample: what its JSON form is made from. */
export const sampleColumns = [
  "dataset_id", "ordinal", "id", "file_name", "type", "thumb_name", "exif", "meta_data", "custom_meta_data",
  "video_frame_data", "crop_data", "size_in_bytes", "created_at", "last_modified_at",
] as const satisfies readonly (keyof SampleTable)[];

/** Ids of the samples of these names, by name. */
export async function findIdsByName(db: Database, datasetId: string, names: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.selectFrom("samples").select(["id", "file_name"]).where("dataset_id", "=", datasetId).where(among(db, "file_name", names)).execute();
  return new Map(rows.map((row) => [row.file_name, row.id]));
}

/** Inserts samples in one statement, whatever their number. */
export async function insertSamples(db: Database, rows: readonly SampleTable[]): Promise<void> {
  await insertRows(db, "samples", rows);
}

/** Counts new samples into their dataset, 0 for changes of those that are there, and moves its version and time of change. */
export async function growDataset(db: Database, datasetId: string, count: number, sizeInBytes: number): Promise<void> {
  await db
    .updateTable("datasets")
    .set({
      n_samples: sql<number>`n_samples + ${count}`,
      samples_version: sql<number>`samples_version + 1`,
      size_in_bytes: smaller(db, sql`size_in_bytes + ${sizeInBytes}`, Number.MAX_SAFE_INTEGER),
      last_modified_at: greater(db, sql`last_modified_at + 1`, Date.now()),
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
    else query = query.where(among(db, "ordinal", [...page]));
    yield (await query.orderBy("ordinal").execute()) as unknown as Pick<SampleTable, Column>[];
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** File names or ids in the dataset's order, each page as the text of a JSON array, which the database writes faster than we do. */
export async function* readMapping(db: Database, datasetId: string, column: "file_name" | "id", fromOrdinal: number, toOrdinal: number): AsyncIterable<string> {
  for (let from = fromOrdinal; from < toOrdinal; from += mappingPageSize) {
    const page = await db
      .selectFrom("samples")
      .select(jsonTexts(db, column, "ordinal").as("texts"))
      .where("dataset_id", "=", datasetId)
      .where("ordinal", ">=", from)
      .where("ordinal", "<", Math.min(from + mappingPageSize, toOrdinal))
      .executeTakeFirstOrThrow();
    yield page.texts;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const mappingPageSize = 20_000;
