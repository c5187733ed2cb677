import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Kysely, sql, type Transaction } from "kysely";
import { installBoss } from "../jobs/boss.ts";
import { isPostgres } from "./dialect.ts";
import { up as initial } from "./migrations/0001-initial.ts";
import { up as datasources } from "./migrations/0002-datasources.ts";
import { up as predictions } from "./migrations/0003-predictions.ts";
import { up as sessions } from "./migrations/0005-sessions.ts";
import { up as workers } from "./migrations/0006-workers.ts";
import { up as strategySelections } from "./migrations/0009-strategy-selections.ts";
import { up as selectionDrafts } from "./migrations/0010-selection-drafts.ts";
import { up as roles } from "./migrations/0030-roles.ts";
import { up as audit } from "./migrations/0031-audit.ts";
import { up as webhooks } from "./migrations/0032-webhooks.ts";
import { up as samplesVersion } from "./migrations/0033-samples-version.ts";
import { up as jobParts } from "./migrations/0034-job-parts.ts";
import { isPostgresUrl, postgresDialect, shownDatabase } from "./postgres.ts";
import type { Schema } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";

/** The metadata store, or a transaction in it: what every store function takes first. */
export type Database = Kysely<Schema> | Transaction<Schema>;

/** All steps of the tables, in order. Numbers are given out once. */
export const migrations = [
  { number: 1, name: "initial", up: initial },
  { number: 2, name: "datasources", up: datasources },
  { number: 3, name: "predictions", up: predictions },
  { number: 5, name: "sessions", up: sessions },
  { number: 6, name: "workers", up: workers },
  { number: 9, name: "strategy-selections", up: strategySelections },
  { number: 10, name: "selection-drafts", up: selectionDrafts },
  { number: 30, name: "roles", up: roles },
  { number: 31, name: "audit", up: audit },
  { number: 32, name: "webhooks", up: webhooks },
  { number: 33, name: "samples-version", up: samplesVersion },
  { number: 34, name: "job-parts", up: jobParts },
] as const;

/** Where the metadata store is: a data folder, or the address of a PostgreSQL (`postgres://…`). */
export type DatabasePlace = string;

/** Opens the metadata store without touching its tables. @param connections most at a time, where the store takes more than one */
export function connect(place: DatabasePlace, connections = 10): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: isPostgresUrl(place) ? postgresDialect(place, connections) : sqliteDialect(join(place, "winnow.db")) });
}

/** The newest tables that this release knows. */
export const schemaNumber: number = migrations.at(-1)!.number;

/** Which tables a store has, which may have been made by another release; 0: none. Changes nothing. */
export async function schemaOf(db: Database): Promise<number> {
  const tables = await db.introspection.getTables();
  if (!tables.some(({ name }) => name === "migrations")) return 0;
  const { rows } = await sql<{ number: number | null }>`select max(number) as number from migrations`.execute(db);
  return Number(rows[0]?.number ?? 0);
}

/**
 * Opens the metadata store and brings its tables up to date.
 * @param upTo the last migration to do, of a store that is then filled with rows of an older release; default: all
 * @throws Error when it was written by a newer release, or can't be reached
 */
export async function openDatabase(place: DatabasePlace, connections?: number, upTo?: number): Promise<Kysely<Schema>> {
  if (!isPostgresUrl(place)) await mkdir(place, { recursive: true });
  const db = connect(place, connections);
  try {
    if (isPostgresUrl(place)) await requireReachable(db, place);
    await migrate(db, upTo);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

/** Closes a metadata store of which this process is the last user. */
export async function closeDatabase(db: Kysely<Schema>): Promise<void> {
  // What stands in the log goes into the file itself, so that a folder at rest is one file and can be copied as it is.
  if (!isPostgres(db)) await sql`pragma wal_checkpoint(truncate)`.execute(db);
  await db.destroy();
}

const oldestPostgres = 14;

async function requireReachable(db: Kysely<Schema>, url: string): Promise<void> {
  const found = await sql<{ version: number }>`select current_setting('server_version_num')::integer / 10000 as version`.execute(db).catch((error: unknown) => {
    throw new Error(`The PostgreSQL at ${shownDatabase(url)} can't be used: ${error instanceof Error && error.message !== "" ? error.message : String((error as { code?: unknown }).code ?? "it doesn't answer")}. Check the database's address (DATABASE_URL), and that it takes connections.`, { cause: error });
  });
  const version = found.rows[0]?.version ?? 0;
  if (version < oldestPostgres) throw new Error(`The PostgreSQL at ${shownDatabase(url)} is version ${version}; it takes ${oldestPostgres} or newer.`);
}

/** Brings the tables up to date, and those of the queue beside them. @throws Error when a newer release made them, or the user may not */
export async function migrate(db: Kysely<Schema>, upTo = schemaNumber): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    // Of servers that start at the same moment one does it, and the others wait.
    if (isPostgres(transaction)) await sql`select pg_advisory_xact_lock(hashtextextended('winnow migrations', 0))`.execute(transaction);
    await sql`create table if not exists migrations (number integer primary key, name text not null, applied_at bigint not null)`.execute(transaction);
    const { rows } = await sql<{ number: number }>`select number from migrations order by number`.execute(transaction);
    const applied = new Set(rows.map((row) => Number(row.number)));
    const newest = Math.max(0, ...applied);
    if (newest > schemaNumber) {
      throw new Error(`This ${isPostgres(db) ? "database" : "data folder"} was written by a newer release (schema ${newest}, this one knows ${schemaNumber}). Upgrade Winnow, or use another ${isPostgres(db) ? "database with --database-url" : "folder with --data"}.`);
    }
    for (const migration of migrations) {
      if (applied.has(migration.number) || migration.number > upTo) continue;
      await migration.up(transaction as unknown as Kysely<unknown>);
      await sql`insert into migrations (number, name, applied_at) values (${migration.number}, ${migration.name}, ${Date.now()})`.execute(transaction);
    }
  });
  if (isPostgres(db) && upTo === schemaNumber) await installBoss(db);
}
