/** What the databases say differently. Everything else in the stores is one text for all of them. */
import { PostgresAdapter, sql, type Expression, type Kysely, type RawBuilder } from "kysely";
import type { Database } from "./database.ts";
import type { Schema } from "./schema.ts";

export function isPostgres(db: Database | Kysely<unknown>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/**
 * Whether a column has one of these values. They travel as one parameter: a list of parameters would make a statement of
 * its own for each number of values, and parsing those took longer than the look-up.
 */
export function among(db: Database, column: string, values: readonly string[] | readonly number[]): RawBuilder<boolean> {
  if (!isPostgres(db)) return sql<boolean>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`;
  // Without a value there is nothing that tells its type.
  if (values.length === 0) return sql<boolean>`false`;
  const type = sql.raw(typeof values[0] === "number" ? "bigint[]" : "text[]");
  return sql<boolean>`${sql.ref(column)} = any(${values}::${type})`;
}

/**
 * Inserts rows in one statement, whatever their number: they travel as one JSON text. All rows have the columns of the first.
 * Measured with SQLite for 10,000 samples at a time: 102,000 rows/s, as fast as a prepared statement for each row; 75,000
 * with a list of 14 × 1,000 parameters.
 * @param onConflict what follows the rows: `on conflict (…) do update set …`
 */
export async function insertRows<Table extends keyof Schema>(db: Database, table: Table, rows: readonly Partial<Schema[Table]>[], onConflict: RawBuilder<unknown> = sql``): Promise<void> {
  if (rows.length === 0) return;
  const names = Object.keys(rows[0] as object) as (keyof Schema[Table] & string)[];
  const columns = sql.join(names.map((name) => sql.ref(name)));
  if (isPostgres(db)) {
    // The table's own types turn the texts into values.
    await sql`insert into ${sql.table(table)} (${columns}) select ${columns} from json_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::json) where true ${onConflict}`.execute(db);
    return;
  }
  const values = JSON.stringify(rows.map((row) => names.map((name) => row[name])));
  const fields = sql.join(names.map((_, i) => sql.raw(`value ->> ${i}`)));
  await sql`insert into ${sql.table(table)} (${columns}) select ${fields} from json_each(${values}) where true ${onConflict}`.execute(db);
}

/** The larger of two numbers. */
export function greater(db: Database, a: Expression<number>, b: number): RawBuilder<number> {
  return isPostgres(db) ? sql<number>`greatest(${a}, ${b})` : sql<number>`max(${a}, ${b})`;
}

/** The smaller of two numbers. */
export function smaller(db: Database, a: Expression<number>, b: number): RawBuilder<number> {
  return isPostgres(db) ? sql<number>`least(${a}, ${b})` : sql<number>`min(${a}, ${b})`;
}

/** The values of a column as the text of one JSON array, in the order of another column. */
export function jsonTexts(db: Database, column: string, orderedBy: string): RawBuilder<string> {
  return isPostgres(db)
    ? sql<string>`coalesce(json_agg(${sql.ref(column)} order by ${sql.ref(orderedBy)})::text, '[]')`
    : sql<string>`json_group_array(${sql.ref(column)} order by ${sql.ref(orderedBy)})`;
}

/** Whether a text stands in a column, in whatever case its ASCII letters are. @param text in lower case */
export function contains(db: Database, column: string, text: string): RawBuilder<boolean> {
  return isPostgres(db) ? sql<boolean>`strpos(lower(${sql.ref(column)} collate "C"), ${text}) > 0` : sql<boolean>`instr(lower(${sql.ref(column)}), ${text}) > 0`;
}
