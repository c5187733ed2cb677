/**
 * Tables as each step of their history left them, filled and brought up to date: nothing is lost. Once there are releases,
 * the steps at which they were made are theirs; so far there is one.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import { createTestDatabase, postgresIsMissing } from "../testing/postgres.ts";
import { migrations, openDatabase, schemaNumber, schemaOf } from "./database.ts";
import { tableKeys } from "./rows.ts";
import type { Schema } from "./schema.ts";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

const places = {
  sqlite: async () => {
    const folder = await mkdtemp(join(tmpdir(), "winnow-upgrade-"));
    folders.push(folder);
    return { place: folder, drop: async () => {} };
  },
  postgres: async () => {
    const { url, drop } = await createTestDatabase();
    return { place: url, drop };
  },
};

/** One row for every table that there is, with a value in every column; what refers to another row refers to it. */
async function fill(db: Kysely<Schema>): Promise<void> {
  const tables = new Map((await db.introspection.getTables()).map((table) => [table.name, table]));
  for (const name of Object.keys(tableKeys)) {
    const table = tables.get(name);
    if (!table) continue;
    const values = table.columns.map(({ name: column, dataType }) => {
      const type = dataType.toLowerCase();
      if (type === "blob" || type === "bytea") return new Uint8Array([1, 2, 255]);
      if (type.includes("int")) return 1;
      // A share is of a user, a tag of a dataset: all ids are the same.
      return column === "id" || column.endsWith("_id") ? "0".repeat(24) : column === "email" ? "somebody@example.org" : `a ${column} — ü`;
    });
    await sql`insert into ${sql.table(name)} (${sql.join(table.columns.map((column) => sql.ref(column.name)))}) values (${sql.join(values)})`.execute(db);
  }
}

async function contents(db: Kysely<Schema>): Promise<Record<string, Record<string, unknown>[]>> {
  const there = new Set((await db.introspection.getTables()).map(({ name }) => name));
  const all: Record<string, Record<string, unknown>[]> = {};
  for (const name of Object.keys(tableKeys)) if (there.has(name)) all[name] = (await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(db)).rows;
  return all;
}

test("migrations have numbers of their own, in order", () => {
  const numbers = migrations.map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
});

describe.each(["sqlite", "postgres"] as const)("Upgrades on %s", (kind) => {
  const missing = kind === "postgres" ? postgresIsMissing : undefined;
  test.skipIf(missing).each(migrations.map(({ number, name }) => [number, name] as const))(`from the tables of migration %i (%s)${missing === undefined ? "" : `: ${missing}`}`, async (number) => {
    const { place, drop } = await places[kind]();
    const old = await openDatabase(place, 2, number);
    await fill(old);
    const before = await contents(old);
    expect(await schemaOf(old)).toBe(number);
    await old.destroy();
    const db = await openDatabase(place, 2);
    try {
      expect(await schemaOf(db)).toBe(schemaNumber);
      const after = await contents(db);
      expect(Object.keys(after).toSorted()).toEqual(Object.keys(tableKeys).toSorted());
      for (const [table, rows] of Object.entries(before)) {
        expect(rows, table).toHaveLength(1);
        expect(after[table], table).toMatchObject(rows);
      }
    } finally {
      await db.destroy();
      await drop();
    }
  });
});
