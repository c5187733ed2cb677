import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import { among, insertRows } from "../db/dialect.ts";
import type { PredictionTaskTable } from "../db/schema.ts";

export async function insertTask(db: Database, row: Omit<PredictionTaskTable, "number">): Promise<void> {
  await db.insertInto("prediction_tasks").values(row as PredictionTaskTable).execute();
}

export async function updateTask(db: Database, number: number, changes: Pick<PredictionTaskTable, "type" | "categories">): Promise<void> {
  await db.updateTable("prediction_tasks").set({ ...changes, last_modified_at: Date.now() }).where("number", "=", number).execute();
}

export async function findTask(db: Database, datasetId: string, timestamp: number, name: string): Promise<PredictionTaskTable | undefined> {
  return db.selectFrom("prediction_tasks").selectAll().where("dataset_id", "=", datasetId).where("timestamp", "=", timestamp).where("name", "=", name).executeTakeFirst();
}

/** The task of a name in the newest version that has it. */
export async function findNewestTask(db: Database, datasetId: string, name: string): Promise<PredictionTaskTable | undefined> {
  return db.selectFrom("prediction_tasks").selectAll().where("dataset_id", "=", datasetId).where("name", "=", name).orderBy("timestamp", "desc").limit(1).executeTakeFirst();
}

/** Tasks of a version, by name. */
export async function listTasks(db: Database, datasetId: string, timestamp: number): Promise<PredictionTaskTable[]> {
  return db.selectFrom("prediction_tasks").selectAll().where("dataset_id", "=", datasetId).where("timestamp", "=", timestamp).orderBy("name").execute();
}

/** Tasks of all versions, the newest version first, without their categories. */
export async function listAllTasks(db: Database, datasetId: string): Promise<Pick<PredictionTaskTable, "timestamp" | "name" | "type" | "samples" | "singletons">[]> {
  return db.selectFrom("prediction_tasks").select(["timestamp", "name", "type", "samples", "singletons"]).where("dataset_id", "=", datasetId).orderBy("timestamp", "desc").orderBy("name").execute();
}

export async function latestTimestamp(db: Database, datasetId: string): Promise<number | undefined> {
  const row = await db.selectFrom("prediction_tasks").select((e) => e.fn.max("timestamp").as("latest")).where("dataset_id", "=", datasetId).executeTakeFirst();
  return row?.latest === null || row?.latest === undefined ? undefined : Number(row.latest);
}

/** Ordinals of samples by one of their columns, for many at once. */
export async function findOrdinals(db: Database, datasetId: string, column: "id" | "file_name", values: readonly string[]): Promise<Map<string, number>> {
  if (values.length === 0) return new Map();
  const rows = await db
    .selectFrom("samples")
    .select([sql<string>`${sql.ref(column)}`.as("value"), "ordinal"])
    .where("dataset_id", "=", datasetId)
    .where(among(db, column, values))
    .execute();
  return new Map(rows.map((row) => [row.value, Number(row.ordinal)]));
}

/** The predictions of a task for one sample. */
export interface PredictionRow {
  readonly ordinal: number;
  readonly count: number;
  readonly singletons: string;
}

/** Stores predictions of a task in place of those that the samples had, and keeps the counts of the task. Whatever the number of rows: one statement. */
export async function replacePredictions(db: Database, task: number, rows: readonly PredictionRow[]): Promise<void> {
  const before = await counted(db, task, rows.map((row) => row.ordinal));
  await insertRows(
    db,
    "predictions",
    rows.map(({ ordinal, count, singletons }) => ({ task, ordinal, count, singletons })),
    sql`on conflict (task, ordinal) do update set count = excluded.count, singletons = excluded.singletons`,
  );
  await changeCounts(db, task, rows.length - before.samples, rows.reduce((sum, row) => sum + row.count, 0) - before.singletons);
}

/** Takes away the predictions that samples have of a task. */
export async function removePredictions(db: Database, task: number, ordinals: readonly number[]): Promise<void> {
  const before = await counted(db, task, ordinals);
  if (before.samples === 0) return;
  await db.deleteFrom("predictions").where("task", "=", task).where(among(db, "ordinal", ordinals)).execute();
  await changeCounts(db, task, -before.samples, -before.singletons);
}

async function counted(db: Database, task: number, ordinals: readonly number[]): Promise<{ samples: number; singletons: number }> {
  const row = await db
    .selectFrom("predictions")
    .select((e) => [e.fn.countAll<number>().as("samples"), sql<number>`coalesce(sum(count), 0)`.as("singletons")])
    .where("task", "=", task)
    .where(among(db, "ordinal", ordinals))
    .executeTakeFirstOrThrow();
  return { samples: Number(row.samples), singletons: Number(row.singletons) };
}

async function changeCounts(db: Database, task: number, samples: number, singletons: number): Promise<void> {
  await db
    .updateTable("prediction_tasks")
    .set({ samples: sql<number>`samples + ${samples}`, singletons: sql<number>`singletons + ${singletons}`, last_modified_at: Date.now() })
    .where("number", "=", task)
    .execute();
}

/** Predictions of a task in the order of the samples, from `fromOrdinal` (included) to `toOrdinal` (not included). */
export async function readPredictions(db: Database, task: number, fromOrdinal: number, toOrdinal: number): Promise<Pick<PredictionRow, "ordinal" | "singletons">[]> {
  return db.selectFrom("predictions").select(["ordinal", "singletons"]).where("task", "=", task).where("ordinal", ">=", fromOrdinal).where("ordinal", "<", toOrdinal).orderBy("ordinal").execute();
}

const ordinalsInStatementMax = 1000;

/** Predictions of a task for these samples (ascending), in the order of the samples; never more than those of a thousand samples at once. */
export async function* readPredictionsOf(db: Database, task: number, ordinals: readonly number[]): AsyncIterable<Pick<PredictionRow, "ordinal" | "singletons">> {
  for (let from = 0; from < ordinals.length; from += ordinalsInStatementMax) {
    yield* await db
      .selectFrom("predictions")
      .select(["ordinal", "singletons"])
      .where("task", "=", task)
      .where(among(db, "ordinal", ordinals.slice(from, from + ordinalsInStatementMax)))
      .orderBy("ordinal")
      .execute();
    // Others get their turn between two pages.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const rowsInStatementMax = 20_000;

/** Removes all predictions of a dataset, in portions between which others get their turn. */
export async function removeAllPredictions(db: Database, datasetId: string, signal: AbortSignal): Promise<void> {
  const tasks = await db.selectFrom("prediction_tasks").select("number").where("dataset_id", "=", datasetId).execute();
  for (const { number } of tasks) {
    for (;;) {
      signal.throwIfAborted();
      const last = await db.selectFrom("predictions").select("ordinal").where("task", "=", number).orderBy("ordinal", "desc").limit(1).executeTakeFirst();
      if (!last) break;
      await db.deleteFrom("predictions").where("task", "=", number).where("ordinal", ">", last.ordinal - rowsInStatementMax).execute();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
