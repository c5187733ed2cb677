import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Kysely, sql, type Transaction } from "kysely";
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
import type { Schema } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";

/** The metadata store, or a transaction in it: what every store function takes first. */
export type Database = Kysely<Schema> | Transaction<Schema>;

const migrations = [
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
] as const;

/** Opens the metadata store of a data folder without touching its tables. */
export function connect(folder: string): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: sqliteDialect(join(folder, "winnow.db")) });
}

/**
 * Opens the metadata store of a data folder and brings its tables up to date.
 * @throws Error when the folder was written by a newer release.
 */
export async function openDatabase(folder: string): Promise<Kysely<Schema>> {
  await mkdir(folder, { recursive: true });
  const db = connect(folder);
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

async function migrate(db: Kysely<Schema>): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`create table if not exists migrations (number integer primary key, name text not null, applied_at bigint not null)`.execute(transaction);
    const { rows } = await sql<{ number: number }>`select number from migrations order by number`.execute(transaction);
    const applied = new Set(rows.map((row) => Number(row.number)));
    const newest = Math.max(0, ...applied);
    const known = migrations.at(-1)?.number ?? 0;
    if (newest > known) {
      throw new Error(`This data folder was written by a newer release (schema ${newest}, this one knows ${known}). Upgrade Winnow, or use another folder with --data.`);
    }
    for (const migration of migrations) {
      if (applied.has(migration.number)) continue;
      await migration.up(transaction as unknown as Kysely<unknown>);
      await sql`insert into migrations (number, name, applied_at) values (${migration.number}, ${migration.name}, ${Date.now()})`.execute(transaction);
    }
  });
}
