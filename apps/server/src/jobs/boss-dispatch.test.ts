import { sql, type Kysely } from "kysely";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { addUser } from "../accounts/service.ts";
import { openDatabase } from "../db/database.ts";
import type { JobTable, Schema } from "../db/schema.ts";
import { createTestDatabase, postgresIsMissing, type TestDatabase } from "../testing/postgres.ts";
import { addEmbedding, freshName, scene, until, waitForJob } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { bossSchema, queues } from "./boss.ts";
import { bossDispatch } from "./boss-dispatch.ts";
import { cutIntoParts, finishPart } from "./parts.ts";
import { enqueue, finish, releaseAll } from "./queue.ts";

describe.skipIf(postgresIsMissing)(`Deliveries of jobs by pg-boss${postgresIsMissing === undefined ? "" : `: ${postgresIsMissing}`}`, () => {
  let database: TestDatabase;
  let db: Kysely<Schema>;
  let userId: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    db = await openDatabase(database.url, 4);
    userId = (await addUser(db, "a@example.org")).user.id;
  }, 60_000);
  afterEach(async () => {
    vi.useRealTimers();
    await db?.destroy();
    await database?.drop();
  });

  const job = () => enqueue(db, { type: "SAMPLING", userId, payload: {} });
  const take = (leaseMs = 60_000) => bossDispatch.take(db, leaseMs);
  const row = (id: string) => db.selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  const deliveries = async () => (await sql<{ id: string; state: string }>`select replace(id::text, '-', '') as id, state::text as state from ${sql.table(`${bossSchema}.job`)} order by id`.execute(db)).rows;
  const finished = async (taken: JobTable) => {
    await db.transaction().execute((transaction) => finish(transaction, taken.id));
    await bossDispatch.acknowledge(db, taken);
  };
  const forget = () => sql`drop schema ${sql.id(bossSchema)} cascade`.execute(db);
  const openAgain = async () => {
    await db.destroy();
    db = await openDatabase(database.url, 4);
  };

  test("a job has one delivery, which goes with it", async () => {
    const id = await job();
    expect(await deliveries()).toEqual([{ id: `${id}00000000`, state: "created" }]);
    const taken = (await take())!;
    expect(await deliveries()).toEqual([{ id: `${id}00000000`, state: "active" }]);
    await finished(taken);
    expect(await deliveries()).toEqual([]);
  });

  test("what is delivered twice is done once: the delivery of a job that has ended, or has a runner, is acknowledged and nothing else", async () => {
    const [ended, running] = [await job(), await job()];
    const first = (await take())!;
    const second = (await take())!;
    await db.transaction().execute((transaction) => finish(transaction, ended));
    await bossDispatch.offer(db, [{ ...first, attempts: 1 }, { ...second, attempts: 0 }, { ...second, attempts: 1 }]);
    expect(await take()).toBeUndefined();
    expect(await row(ended)).toMatchObject({ status: "FINISHED", attempts: 1 });
    expect(await row(running)).toMatchObject({ status: "RUNNING", attempts: 1, lease_until: second.lease_until });
    await bossDispatch.acknowledge(db, first);
    await finished(second);
    expect(await deliveries()).toEqual([]);
  });

  test("nothing is left of a job that lost its runners, once it is done", async () => {
    const id = await job();
    await take();
    await releaseAll(db);
    await take();
    await releaseAll(db);
    const third = (await take())!;
    expect(third).toMatchObject({ id, attempts: 3 });
    await finished(third);
    expect(await deliveries()).toEqual([]);
  });

  test("a taking that breaks off leaves job and delivery as they were", async () => {
    const id = await job();
    await sql`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`.execute(db);
    await sql`create trigger refuse before update on jobs for each row execute function refuse()`.execute(db);
    await expect(take()).rejects.toThrow("no");
    expect(await deliveries()).toEqual([{ id: `${id}00000000`, state: "created" }]);
    await sql`drop trigger refuse on jobs`.execute(db);
    expect(await take()).toMatchObject({ id, attempts: 1 });
  });

  test("a connection that breaks in the middle of a transaction fails that, and not the process", async () => {
    const id = await job();
    await expect(
      db.transaction().execute(async (transaction) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
        await sql`select pg_terminate_backend(${rows[0]!.pid})`.execute(db);
        await until("the end of the connection", async () => (await sql`select 1 from pg_stat_activity where pid = ${rows[0]!.pid}`.execute(db)).rows.length === 0);
        await sql`update jobs set status = 'FINISHED'`.execute(transaction);
      }),
    ).rejects.toThrow();
    expect(await take()).toMatchObject({ id });
  });

  test("rows of an older release, which had no deliveries, are offered when a runner starts", async () => {
    const waiting = [await job(), await job()];
    const lost = await job();
    await db.updateTable("jobs").set({ status: "RUNNING", attempts: 1, lease_until: Date.now() - 1 }).where("id", "=", lost).execute();
    await forget();
    await openAgain();
    await bossDispatch.heal(db);
    const taken = [await take(), await take(), await take()];
    expect(taken.map((one) => one?.id)).toEqual([...waiting, lost]);
    expect(taken.map((one) => one?.attempts)).toEqual([1, 1, 2]);
    expect(await take()).toBeUndefined();
  });

  test("rows that were restored beside deliveries of their earlier life are offered anew", async () => {
    const id = await job();
    await take();
    // The row as a backup has it; the delivery is a runner's that is no more.
    await db.updateTable("jobs").set({ status: "WAITING", attempts: 0, lease_until: null }).where("id", "=", id).execute();
    expect(await take()).toBeUndefined();
    await bossDispatch.heal(db);
    expect(await take()).toMatchObject({ id, attempts: 1 });
  });

  test("healing many rows at once, by several runners, gives each one delivery", async () => {
    await Promise.all(Array.from({ length: 60 }, job));
    await sql`delete from ${sql.table(`${bossSchema}.job`)}`.execute(db);
    await Promise.all([bossDispatch.heal(db), bossDispatch.heal(db), bossDispatch.heal(db)]);
    const offered = await deliveries();
    expect(offered).toHaveLength(60);
    expect(new Set(offered.map(({ state }) => state))).toEqual(new Set(["created"]));
  });

  test("a job that is cut into parts is delivered once more when the last part has ended, and not before", async () => {
    const id = await job();
    const parent = (await take())!;
    await cutIntoParts(db, id, "SELECTION_PART", [{}, {}]);
    await bossDispatch.acknowledge(db, parent);
    await bossDispatch.heal(db);
    const parts = [(await take())!, (await take())!];
    expect(parts.map(({ parent_id }) => parent_id)).toEqual([id, id]);
    expect(await take()).toBeUndefined();
    for (const part of parts) {
      await finishPart(db, part.id, {});
      await bossDispatch.acknowledge(db, part);
    }
    const again = (await take())!;
    expect(again).toMatchObject({ id, attempts: 2 });
    await finished(again);
    expect(await deliveries()).toEqual([]);
  });

  test("a delivery whose server was killed at the end of its job is expired and removed", async () => {
    await job();
    await job();
    const taken = [(await take())!, (await take())!];
    await db.transaction().execute((transaction) => finish(transaction, taken[0]!.id));
    await sql`update ${sql.table(`${bossSchema}.job`)} set started_on = now() - interval '1 day'`.execute(db);
    await bossDispatch.tidy(db);
    await sql`update ${sql.table(`${bossSchema}.job`)} set start_after = now() - interval '1 second' where state < 'active'`.execute(db);
    // The other one still runs, for so long: it isn't taken by a second runner, and ends as ever.
    expect(await take()).toBeUndefined();
    expect(await row(taken[1]!.id)).toMatchObject({ status: "RUNNING", attempts: 1 });
    await finished(taken[1]!);
    expect(await deliveries()).toEqual([]);
  });

  test("servers that start at the same moment make the tables once, and later starts find them", async () => {
    await forget();
    const all = await Promise.all(Array.from({ length: 4 }, () => openDatabase(database.url, 2)));
    await Promise.all(all.map((one) => one.destroy()));
    expect((await sql<{ name: string }>`select name from ${sql.table(`${bossSchema}.queue`)}`.execute(db)).rows.map(({ name }) => name).toSorted()).toEqual(Object.values(queues).toSorted());
    await job();
    expect(await take()).toBeDefined();
  }, 60_000);

  test("a user who may not make the schema is told what to grant", async () => {
    const name = `winnow_modest_${Date.now()}_${process.pid}`;
    const own = await createTestDatabase();
    const admin = new pg.Client({ connectionString: own.url });
    await admin.connect();
    try {
      await admin.query(`create role ${name} login password 'modest'; grant create, usage on schema public to ${name}`);
      const address = new URL(own.url);
      address.username = name;
      address.password = "modest";
      await expect(openDatabase(address.href, 2)).rejects.toThrow(/GRANT CREATE ON DATABASE winnow_test_\w+ TO winnow_modest_\w+/);
      await admin.query(`grant create on database ${address.pathname.slice(1)} to ${name}`);
      await (await openDatabase(address.href, 2)).destroy();
      // Once its tables are there, it needs the right no more.
      await admin.query(`revoke create on database ${address.pathname.slice(1)} from ${name}`);
      await (await openDatabase(address.href, 2)).destroy();
    } finally {
      await admin.end();
      await own.drop();
      const cluster = new pg.Client({ connectionString: database.url });
      await cluster.connect();
      await cluster.query(`drop role if exists ${name}`).finally(() => cluster.end());
    }
  }, 60_000);
});

describeServer("Jobs whose deliveries are gone", (server) => {
  test("are done by a server that starts, and by one whose connections to the database broke", async () => {
    const made = await scene(server, 4);
    const embedding = await addEmbedding(server, made, [[0, 1], [1, 0], [2, 2], [3, 1]]);
    const trigger = async () => (await server.call<{ jobId: string }>("POST", `${made.path}/embeddings/${embedding}/sampling`, { body: { newTagName: freshName("tag"), method: "CORESET", config: { stoppingCondition: { nSamples: 2 } } } })).jobId;
    const db = await server.openDatabase();
    try {
      await waitForJob(server, await trigger());
      await server.stop();
      // As a backup has it, or an older release.
      const userId = (await db.selectFrom("users").select("id").where("email", "=", "owner@localhost").executeTakeFirstOrThrow()).id;
      const done = await db.selectFrom("jobs").select("payload").where("type", "=", "SAMPLING").executeTakeFirstOrThrow();
      const id = await enqueue(db, { type: "SAMPLING", userId, datasetId: made.id, payload: { ...(JSON.parse(done.payload) as object), newTagName: freshName("tag") } });
      await sql`delete from ${sql.table(`${bossSchema}.job`)}`.execute(db);
      await server.start();
      expect(await waitForJob(server, id)).toMatchObject({ status: "FINISHED" });
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(db);
      let jobId: string | undefined;
      await until("an answer", async () => (jobId ??= await trigger().catch(() => undefined)) !== undefined, 60_000);
      const status = async () => (await db.selectFrom("jobs").select("status").where("id", "=", jobId!).executeTakeFirstOrThrow()).status;
      await until("the end of the job", async () => !["WAITING", "RUNNING"].includes(await status()), 60_000);
      expect(await status()).toBe("FINISHED");
      await until("the end of its delivery", async () => (await sql`select 1 from ${sql.table(`${bossSchema}.job`)} limit 1`.execute(db)).rows.length === 0, 60_000);
    } finally {
      await db.destroy();
    }
  }, 240_000);
}, {}, ["postgres"]);
