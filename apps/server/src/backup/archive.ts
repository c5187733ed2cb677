/**
 * What a backup is: a tar of `winnow-backup.json`, `rows/<table>/<number>.ndjson.gz`, `blobs/<key>`, `folder/<name>` and, last, `end.json`.
 * Rows are texts that no database owns, so a backup of a data folder can be restored into a PostgreSQL and an object
 * store, and the other way round.
 */
import type { Schema } from "../db/schema.ts";

export const formatVersion = 1;

export interface Beginning {
  readonly format: "winnow-backup";
  readonly version: number;
  /** Number of the last migration of the tables that the rows come from. */
  readonly schema: number;
  readonly createdAt: string;
}

export interface Ending {
  /** How many rows each table has. */
  readonly rows: Readonly<Record<string, number>>;
  readonly files: number;
  /** SHA-256 over names and contents of everything before, hex. */
  readonly sha256: string;
}

/** What of the data folder belongs to an installation beside rows and files. */
export const folderFiles = ["datasource.key"] as const;

const bytesField = "$bytes";

/** A row as a line. */
export function lineOf(row: object): string {
  const held = Object.entries(row).map(([name, value]: [string, unknown]) => [name, value instanceof Uint8Array ? { [bytesField]: Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64") } : value]);
  return `${JSON.stringify(Object.fromEntries(held))}\n`;
}

/** A line as a row of a table. @throws SyntaxError */
export function rowOf<Table extends keyof Schema>(line: string): Schema[Table] {
  const row = JSON.parse(line) as Record<string, unknown>;
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === "object" && value !== null) row[name] = new Uint8Array(Buffer.from(String((value as Record<string, unknown>)[bytesField]), "base64"));
  }
  return row as unknown as Schema[Table];
}
