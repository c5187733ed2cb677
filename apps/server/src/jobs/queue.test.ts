import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { addUser } from "../accounts/service.ts";
import { closeDatabase, openDatabase } from "../db/database.ts";
import type { JobTable, Schema } from "../db/schema.ts";
import { createTestDatabase, postgresIsMissing } from "../testing/postgres.ts";
import { bossSchema } from "./boss.ts";
import { dispatchOf } from "./dispatch.ts";
import type { JobType } from "./order.ts";
import { cancel, enqueue, fail, findJob, finish, isHopeless, releaseAll, renew } from "./queue.ts";

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
      db = await openDatabase(database.url, 6);
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
  const job = (type: JobType = "SAMPLING") => enqueue(db, { type, userId, payload: {} });
  const take = (leaseMs = 60_000, withLong?: boolean) => dispatchOf(db).take(db, leaseMs, withLong);
  const release = (taken: JobTable) => dispatchOf(db).handBack(db, taken);
  const acknowledge = (taken: JobTable) => dispatchOf(db).acknowledge(db, taken);
  /** Ids of jobs in the order in which they are taken. */
  const takeAll = async (withLong?: boolean) => {
    const ids: string[] = [];
    for (let taken = await take(60_000, withLong); taken; taken = await take(60_000, withLong)) ids.push(taken.id);
    return ids;
  };

  /** Waits for a job by the clock that decides when it is taken: how long that was, in ms. */
  async function waitFor(): Promise<[JobTable, number]> {
    let ms = 0;
    for (;;) {
      const taken = await take();
      if (taken) return [taken, ms];
      if (kind === "SQLite") {
        ms += 500;
        vi.setSystemTime(Date.now() + 500);
      } else {
        // There the database's clock counts. It says when it will be time, and is told that it is.
        const table = sql.table(`${bossSchema}.job`);
        const { rows } = await sql<{ ms: number }>`select extract(epoch from start_after - created_on) * 1000 as ms from ${table} where state < 'active'`.execute(db);
        // The lease had run out a millisecond before.
        ms = Math.round(rows[0]!.ms) + 1;
        await sql`update ${table} set start_after = created_on where state < 'active'`.execute(db);
      }
    }
  }

  test("a job is taken by one runner, and by the next when the first says nothing more", async () => {
    const id = await job();
    expect(await take(1_000)).toMatchObject({ id, attempts: 1 });
    expect(await take(1_000)).toBeUndefined();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1_001 });
    expect(await take(1_000)).toMatchObject({ id, attempts: 2 });
  });

  test("a server that is killed again and again while a job runs doesn't end it, and takes it ever later", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
    const id = await job();
    const waited = [];
    for (;;) {
      const [claimed, ms] = await waitFor();
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
    for (let i = 0; i < 20; i++) await release((await take(1_000))!);
    expect(await take(1_000)).toMatchObject({ id: first, attempts: 1 });
    for (let attempt = 2; attempt <= 3; attempt++) {
      await releaseAll(db);
      expect(await take(1_000)).toMatchObject({ id: first, attempts: attempt });
    }
    await releaseAll(db);
    const second = await job();
    expect(await take(1_000)).toMatchObject({ id: second });
  });

  test("a job that is handed back is the next to be taken, at its place in the line", async () => {
    const [first, second] = [await job(), await job()];
    const taken = (await take())!;
    expect(taken.id).toBe(first);
    await release(taken);
    expect(await findJob(db, userId, first)).toMatchObject({ status: "WAITING", attempts: 0, lease_until: null });
    expect(await takeAll()).toEqual([first, second]);
  });

  test("the most urgent goes first, of these the oldest; types that take long can be left out", async () => {
    const types = ["WEBHOOKS", "DELETE_DATASET", "EMBEDDINGS2D", "SAMPLING", "ANALYSIS", "SELECTION_PART", "WEBHOOKS", "SAMPLING"] as const;
    const ids: string[] = [];
    for (const type of types) ids.push(await job(type));
    const at = (...places: number[]) => places.map((place) => ids[place]!);
    expect(await takeAll(false)).toEqual(at(3, 5, 7, 1));
    expect(await takeAll()).toEqual(at(2, 4, 0, 6));
  });

  test("many jobs, many runners: each job is taken by one of them, in the end all are done", async () => {
    const ids = await Promise.all(Array.from({ length: 120 }, (_, i) => job(i % 3 === 0 ? "ANALYSIS" : "SAMPLING")));
    const taken: string[] = [];
    const runner = async () => {
      // One that saw nothing may have come while others were at the rest.
      for (let nothing = 0; nothing < 3; ) {
        const mine = await take();
        if (!mine) nothing++;
        else {
          taken.push(mine.id);
          await db.transaction().execute((transaction) => finish(transaction, mine.id));
          await acknowledge(mine);
        }
      }
    };
    await Promise.all(Array.from({ length: 5 }, runner));
    await runner();
    expect(taken.toSorted()).toEqual(ids.toSorted());
    expect(await db.selectFrom("jobs").select("id").where("status", "!=", "FINISHED").execute()).toEqual([]);
  });

  test("a job that is cancelled before anybody takes it is taken by nobody", async () => {
    const [first, second] = [await job(), await job()];
    await cancel(db, userId, first);
    expect(await takeAll()).toEqual([second]);
    expect(await findJob(db, userId, first)).toMatchObject({ status: "FAILED", error: "cancelled", attempts: 0 });
  });

  test("a runner that was only slow keeps its job, and one that comes too late changes nothing", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const id = await job();
    const first = (await take(1_000))!;
    vi.setSystemTime(Date.now() + 1_001);
    const second = (await take(1_000))!;
    expect(second).toMatchObject({ id, attempts: 2 });
    expect(await renew(db, first, 1_000, 1, 2)).toBe(false);
    await release(first);
    await acknowledge(first);
    await fail(db, first, "too late");
    expect(await renew(db, second, 60_000, 1, 2)).toBe(true);
    expect(await take()).toBeUndefined();
    await db.transaction().execute((transaction) => finish(transaction, id));
    await acknowledge(second);
    expect(await take()).toBeUndefined();
    expect(await findJob(db, userId, id)).toMatchObject({ status: "FINISHED", attempts: 2 });
  });

  test("jobs and rows are stored together or not at all", async () => {
    await expect(
      db.transaction().execute(async (transaction) => {
        await enqueue(transaction, { type: "SAMPLING", userId, payload: {} });
        throw new Error("the rest failed");
      }),
    ).rejects.toThrow("the rest failed");
    expect(await take()).toBeUndefined();
  });
});
