import { sql } from "kysely";
import { expect, test } from "vitest";
import { createTestDatabase, postgresIsMissing } from "../testing/postgres.ts";
import { freshName, scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { openDatabase } from "./database.ts";
import { among, greater, insertRows, jsonTexts, smaller } from "./dialect.ts";

describeServer("A metadata store", (server) => {
  test("orders texts by their bytes", async () => {
    const { path } = await scene(server, 1);
    const names = ["b", "A", "a", "Z", "_", "a_b", "aB", "a-b", "z", "1", "10", "2", "@", "=", "ab"];
    for (const name of names) await server.call("POST", `${path}/predictions/tasks`, { query: { predictionUUIDTimestamp: 1 }, body: { name, type: "CLASSIFICATION", categories: [{ id: 0, name: "x" }] } });
    const listed = await server.call<{ name: string }[]>("GET", `${path}/predictions/tasks`, { query: { predictionUUIDTimestamp: 1 } });
    expect(listed.map(({ name }) => name)).toEqual(names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  test("gives numbers and bytes back as they were", async () => {
    const db = await server.openDatabase();
    try {
      const made = await scene(server, 1);
      const mask = Uint8Array.from({ length: 1000 }, (_, i) => i);
      const row = { id: "f".repeat(24), dataset_id: made.id, name: "bytes", prev_tag_id: null, query_tag_id: null, preselected_tag_id: null, mask, is_initial: 0, creator: "x", changes: null, run_id: null, created_at: Number.MAX_SAFE_INTEGER, last_modified_at: 0 };
      await db.insertInto("tags").values(row).execute();
      const found = await db.selectFrom("tags").selectAll().where("id", "=", row.id).executeTakeFirstOrThrow();
      expect({ ...found, mask: [...found.mask] }).toEqual({ ...row, mask: [...mask] });
      // Stores make numbers of the whole memory behind it.
      expect(found.mask.slice().buffer.byteLength).toBe(1000);
      const { count, sum } = await db.selectFrom("tags").select((e) => [e.fn.countAll<number>().as("count"), sql<number>`sum(created_at)`.as("sum")]).where("id", "=", row.id).executeTakeFirstOrThrow();
      expect([count, sum]).toEqual([1, Number.MAX_SAFE_INTEGER]);
    } finally {
      await db.destroy();
    }
  });

  test("takes any number of rows in one statement, with what JSON makes hard", async () => {
    const db = await server.openDatabase();
    try {
      const { id } = await scene(server);
      const names = ['quote " and \\ backslash', "new\nline", "ünï 猫 😀", "'; drop table samples; --", "\u2028", '{"json": [1, null]}', "\\u0000"];
      const rows = Array.from({ length: 25_000 }, (_, i) => ({
        dataset_id: id, ordinal: i, id: `${id.slice(0, 12)}${String(i).padStart(12, "0")}`, file_name: names[i] ?? `${i}.jpg`, type: "IMAGE", thumb_name: i % 2 === 0 ? null : "t", exif: null,
        meta_data: JSON.stringify({ nul: "\0", half: "\ud800", i }), custom_meta_data: null, video_frame_data: null, crop_data: null, size_in_bytes: i * 1e10, created_at: 1, last_modified_at: 2,
      }));
      await insertRows(db, "samples", rows);
      await insertRows(db, "samples", []);
      expect(await db.selectFrom("samples").selectAll().where("dataset_id", "=", id).orderBy("ordinal").execute()).toEqual(rows);
      const byName = await db.selectFrom("samples").select("ordinal").where(among(db, "file_name", [...names, "none"])).where("dataset_id", "=", id).orderBy("ordinal").execute();
      expect(byName.map((row) => row.ordinal)).toEqual(names.map((_, i) => i));
      expect(await db.selectFrom("samples").select("ordinal").where(among(db, "ordinal", [5, 24_999, 99_999])).where("dataset_id", "=", id).orderBy("ordinal").execute()).toEqual([{ ordinal: 5 }, { ordinal: 24_999 }]);
      expect(await db.selectFrom("samples").select("ordinal").where(among(db, "ordinal", [])).execute()).toEqual([]);
      const { texts } = await db.selectFrom("samples").select(jsonTexts(db, "file_name", "ordinal").as("texts")).where("dataset_id", "=", id).executeTakeFirstOrThrow();
      expect(JSON.parse(texts)).toEqual(rows.map((row) => row.file_name));
      const none = await db.selectFrom("samples").select(jsonTexts(db, "file_name", "ordinal").as("texts")).where("dataset_id", "=", "nothing").executeTakeFirstOrThrow();
      expect(JSON.parse(none.texts)).toEqual([]);
      await insertRows(db, "samples", rows.slice(0, 3).map((row) => ({ ...row, type: "CROP" })), sql`on conflict (dataset_id, ordinal) do update set type = excluded.type`);
      expect(await db.selectFrom("samples").select("ordinal").where("type", "=", "CROP").where("dataset_id", "=", id).orderBy("ordinal").execute()).toEqual([0, 1, 2].map((ordinal) => ({ ordinal })));
      const { more, less } = await db.selectFrom("samples").select([greater(db, sql`ordinal`, 7).as("more"), smaller(db, sql`ordinal`, 7).as("less")]).where("dataset_id", "=", id).where("ordinal", "=", 9).executeTakeFirstOrThrow();
      expect([more, less]).toEqual([9, 7]);
    } finally {
      await db.destroy();
    }
  });

  test("written by a newer release is refused", async () => {
    const db = await server.openDatabase();
    try {
      await sql`insert into migrations (number, name, applied_at) values (9999, 'from the future', 0)`.execute(db);
      await expect(server.openDatabase()).rejects.toThrow("written by a newer release (schema 9999");
      await sql`delete from migrations where number = 9999`.execute(db);
    } finally {
      await db.destroy();
    }
    await scene(server, 0, { name: freshName() });
  });
});

test.skipIf(postgresIsMissing)("servers that start at the same moment on an empty PostgreSQL make its tables once", async () => {
  const { url, drop } = await createTestDatabase();
  try {
    const opened = await Promise.all(Array.from({ length: 5 }, () => openDatabase(url, 2)));
    for (const db of opened) {
      expect((await db.selectFrom("users").selectAll().execute()).length).toBe(0);
      await db.destroy();
    }
  } finally {
    await drop();
  }
});

test("a PostgreSQL that can't be reached is named, its password isn't", async () => {
  const problem = await openDatabase("postgres://winnow:hunter2@127.0.0.1:1/winnow").then(() => "", String);
  expect(problem).toContain("The PostgreSQL at 127.0.0.1:1/winnow can't be used");
  expect(problem).not.toContain("hunter2");
});
