/**
 * Hands jobs out by pg-boss. Each time that a job is to be taken there is one delivery for it, with an id made of the
 * job's and of how often it was taken before: so offering twice is offering once, a delivery of an earlier turn is known
 * for one, and whether a job has its delivery can be asked of both tables at once. The delivery is taken in the same
 * transaction in which the row becomes the runner's, and is removed when the job is over: nothing is kept twice.
 *
 * Lost runners are found by the rows' leases, since pg-boss 10 knows only how long ago something was taken, and jobs may
 * run for hours. They get a delivery that starts later and later; pg-boss' own retries double from the first time on and
 * without a bound.
 */
import { sql, type Kysely, type RawBuilder } from "kysely";
import type { Database } from "../db/database.ts";
import type { JobTable, Schema } from "../db/schema.ts";
import { takeTurn } from "../db/turns.ts";
import { boss, bossSchema, executor, maintainBoss, queueOf, queues, type QueueName } from "./boss.ts";
import type { Dispatch, Handed } from "./dispatch.ts";
import { urgencies, waitMs, type JobType } from "./order.ts";

const atOnce = 1_000;
const deliveries = sql.table(`${bossSchema}.job`);

/** A delivery's id: 24 hex digits of the job's, 8 of the turn. */
function deliveryId(jobId: string, turn: number): string {
  const digits = jobId + turn.toString(16).padStart(8, "0");
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join("-");
}

/** The same in a statement on rows of `jobs`. */
const deliveryOfRow = sql`(jobs.id || lpad(to_hex(jobs.attempts), 8, '0'))::uuid`;

function factsOf(id: string): { readonly jobId: string; readonly turn: number } {
  const digits = id.replaceAll("-", "");
  return { jobId: digits.slice(0, 24), turn: Number.parseInt(digits.slice(24), 16) };
}

/** Rows that are to be done, and have no delivery of their turn that waits. */
function unoffered(which: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`from jobs where waits_for = 0 and (${which}) and not exists (select 1 from ${deliveries} as delivery where delivery.name = any(${Object.values(queues)}::text[]) and delivery.id = ${deliveryOfRow} and delivery.state < 'active')`;
}

const isLost = (now: number) => sql`status = 'RUNNING' and lease_until < ${now}`;
const waitsOrIsLost = (now: number) => sql`status = 'WAITING' or (${isLost(now)})`;

type Delayed = Handed & { readonly delayMs?: number };

async function deliver(db: Database, jobs: readonly Delayed[]): Promise<void> {
  if (jobs.length === 0) return;
  const offered = jobs.map(({ id, attempts, type, delayMs }) => ({ id: deliveryId(id, attempts), name: queueOf(type), priority: -(urgencies[type as JobType] ?? 2), ...(delayMs !== undefined && delayMs > 0 && { startAfter: `${delayMs} milliseconds` }) }));
  await (await boss()).insert(offered, { db: executor(db) });
}

async function remove(db: Database, queue: QueueName, ids: string[]): Promise<void> {
  await (await boss()).deleteJob(queue, ids, { db: executor(db) });
}

/** Gives a delivery to each of such rows, some at a time. */
async function offerAll(db: Kysely<Schema>, which: (now: number) => RawBuilder<unknown>): Promise<void> {
  while (await offerSome(db, which));
}

/** @returns whether there may be more */
function offerSome(db: Kysely<Schema>, which: (now: number) => RawBuilder<unknown>): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    // Of runners that notice it at the same moment one does it; the others find nothing left to do.
    await takeTurn(transaction, "deliveries of jobs");
    const now = Date.now();
    const { rows } = await sql<Handed & { lease_until: number | null }>`select id, attempts, type, lease_until ${unoffered(which(now))} order by id limit ${atOnce}`.execute(transaction);
    // What is left of an earlier life of the same row, when a backup was restored beside it.
    const ids = rows.map(({ id, attempts }) => deliveryId(id, attempts));
    if (ids.length > 0) for (const queue of Object.values(queues)) await remove(transaction, queue, ids);
    await deliver(transaction, rows.map((row) => ({ ...row, delayMs: row.lease_until === null ? 0 : row.lease_until + waitMs(row.attempts) - now })));
    return rows.length === atOnce;
  });
}

/** Where the most urgent and oldest delivery is, and whether runners were lost: all that an idle server asks. */
async function look(db: Kysely<Schema>, names: readonly QueueName[]): Promise<{ queue: QueueName | null; lost: boolean }> {
  const { rows } = await sql<{ queue: QueueName | null; lost: boolean }>`select
    (select name from ${deliveries} where name = any(${names}::text[]) and state < 'active' and start_after < now() order by priority desc, created_on, id limit 1) as queue,
    exists (select 1 ${unoffered(isLost(Date.now()))}) as lost`.execute(db);
  return rows[0]!;
}

/** Takes the next delivery of a queue with the row that it stands for. @returns "none" when there is none, undefined when its row needs nobody any more */
function takeFrom(db: Kysely<Schema>, queue: QueueName, leaseMs: number): Promise<JobTable | "none" | undefined> {
  return db.transaction().execute(async (transaction) => {
    const delivery = await fetchOne(transaction, queue);
    if (!delivery) return "none";
    const { jobId, turn } = factsOf(delivery);
    const now = Date.now();
    const job = await transaction
      .updateTable("jobs")
      .set({ status: "RUNNING", lease_until: now + leaseMs, attempts: turn + 1, last_modified_at: now })
      .where("id", "=", jobId)
      .where("attempts", "=", turn)
      .where("waits_for", "=", 0)
      .where(sql<boolean>`(${waitsOrIsLost(now)})`)
      .returningAll()
      .executeTakeFirst();
    // It has ended, was cancelled, or its runner was only slow.
    if (!job) await remove(transaction, queue, [delivery]);
    return job;
  });
}

/** Id of a delivery that is now taken. pg-boss keeps a failure of this statement for itself; here it ends the transaction. */
async function fetchOne(transaction: Database, queue: QueueName): Promise<string | undefined> {
  let failure: unknown;
  const { executeSql } = executor(transaction);
  const db = {
    executeSql: (text: string, values: unknown[]) =>
      executeSql(text, values).catch((error: unknown) => {
        failure = error;
        throw error;
      }),
  };
  const [delivery] = await (await boss()).fetch(queue, { db });
  if (failure !== undefined) throw failure;
  return delivery?.id;
}

export const bossDispatch: Dispatch = {
  offer: deliver,

  take: async (db, leaseMs, withLong = true) => {
    let names: QueueName[] = withLong ? Object.values(queues) : [queues.short];
    const first = await look(db, names);
    if (first.lost) await offerAll(db, isLost);
    let { queue } = first.lost ? await look(db, names) : first;
    while (queue !== null) {
      const job = await takeFrom(db, queue, leaseMs);
      if (job !== "none" && job !== undefined) return job;
      // Others have it, or are about to: what they leave is taken when this is called next.
      if (job === "none") names = names.filter((name) => name !== queue);
      if (names.length === 0) return undefined;
      ({ queue } = await look(db, names));
    }
    return undefined;
  },

  acknowledge: async (db, { id, attempts, type }) => {
    // Those of runners that were lost before, too.
    await remove(db, queueOf(type), Array.from({ length: attempts }, (_, turn) => deliveryId(id, turn)));
  },

  handBack: async (db, { id, attempts, type }) => {
    await db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable("jobs")
        .set({ status: "WAITING", lease_until: null, attempts: attempts - 1 })
        .where("id", "=", id)
        .where("attempts", "=", attempts)
        .where("status", "=", "RUNNING")
        .executeTakeFirst();
      const [queue, delivery] = [queueOf(type), deliveryId(id, attempts - 1)];
      if (Number(numUpdatedRows) === 0) return remove(transaction, queue, [delivery]);
      // It waits again where it stood in the line.
      await (await boss()).cancel(queue, delivery, { db: executor(transaction) });
      await (await boss()).resume(queue, delivery, { db: executor(transaction) });
    });
  },

  heal: async (db) => {
    // There is hardly ever anything, and asking takes nobody's turn.
    const { rows } = await sql`select 1 ${unoffered(waitsOrIsLost(Date.now()))} limit 1`.execute(db);
    if (rows.length > 0) await offerAll(db, waitsOrIsLost);
  },

  tidy: maintainBoss,
};
