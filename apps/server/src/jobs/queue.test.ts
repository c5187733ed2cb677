import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { addUser } from "../accounts/service.ts";
import { closeDatabase, openDatabase } from "../db/database.ts";
import type { Schema } from "../db/schema.ts";
import { createTestDatabase, postgresIsMissing } from "../testing/postgres.ts";
import { claim, enqueue, fail, findJob, isHopeless, release, releaseAll } from "./queue.ts";

describe.each(["SQLite", "PostgreSQL"])("The queue of jobs on %s", (kind) => {
  let db: Kysely<Schema>;
  let remove: () => Promise<void>;
  let userId: string;

  beforeEach(async (context) => {
    if (kind === "PostgreSQL" && postgresIsMissing !== undefined) return context.skip(postgresIsMissing);
    if (kind === "SQLite") {
      const folder = await mkdtemp(join(tmpdir(), "winnow-queue-"));
      db = await openDatabase(join(folder, "winnow.db"));
      remove = () => rm(folder, { recursive: true, force: true });
    } else {
      const database = await createTestDatabase();
      db = await openDatabase(database.url, 2);
      remove = () => database.drop();
    }
    userId = (await addUser(db, "a@example.org")).user.id;
  });
  afterEach(async () => {
    vi.useRealTimers();
    if (!db) return;
    await closeDatabase(db);
    await remove();
  });
  const job = () => enqueue(db, { type: "SAMPLING", userId, payload: {} });

  test("a job is taken by one runner, and by the next when the first says nothing more", async () => {
    const id = await job();
    expect(await claim(db, 1_000)).toMatchObject({ id, attempts: 1 });
    expect(await claim(db, 1_000)).toBeUndefined();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1_001 });
    expect(await claim(db, 1_000)).toMatchObject({ id, attempts: 2 });
  });

  test("a server that is killed again and again while a job runs doesn't end it, and takes it ever later", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
    const id = await job();
    const waited = [];
    for (;;) {
      let ms = 0;
      let claimed = await claim(db, 60_000);
      for (; !claimed; claimed = await claim(db, 60_000)) {
        ms += 500;
        vi.setSystemTime(Date.now() + 500);
      }
      waited.push(ms);
      if (isHopeless(claimed)) break;
      await releaseAll(db);
    }
    expect(waited).toEqual([0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    await fail(db, { id, attempts: 11 }, "given up");
    expect(await findJob(db, userId, id)).toMatchObject({ status: "FAILED", error: "given up" });
  });

  test("a server that stops in good order doesn't count as an attempt, and another job goes first meanwhile", async () => {
    const first = await job();
    for (let i = 0; i < 20; i++) await release(db, (await claim(db, 1_000))!);
    expect(await claim(db, 1_000)).toMatchObject({ id: first, attempts: 1 });
    for (let attempt = 2; attempt <= 3; attempt++) {
      await releaseAll(db);
      expect(await claim(db, 1_000)).toMatchObject({ id: first, attempts: attempt });
    }
    await releaseAll(db);
    const second = await job();
    expect(await claim(db, 1_000)).toMatchObject({ id: second });
  });
});
