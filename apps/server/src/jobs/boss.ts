/** pg-boss within our own database: its tables in a schema of their own, its statements on our connections and in our transactions. */
import { CompiledQuery, sql, type Kysely } from "kysely";
import type PgBoss from "pg-boss";
import type { Database } from "../db/database.ts";
import type { Schema } from "../db/schema.ts";
import { longTypes, type JobType } from "./order.ts";

/** Where pg-boss keeps its tables, beside ours. */
export const bossSchema = "winnow_queue";

/** Its queues. What may take long has one of its own, so that it can be left out. */
export const queues = { short: "jobs", long: "long-jobs" } as const;
export type QueueName = (typeof queues)[keyof typeof queues];

export function queueOf(type: string): QueueName {
  return longTypes.includes(type as JobType) ? queues.long : queues.short;
}

/**
 * Whether a runner is still there is said by its job's row; pg-boss only ends what nobody took note of any more. It
 * allows less than a day for that; of a job that takes longer the second delivery is dropped, since its row has a runner.
 */
const expireInHours = 23;
/** A delivery that waits is kept as long as its job waits. */
const retentionDays = 3_650;
const kept = { archiveCompletedAfterSeconds: 3_600, deleteAfterHours: 1 };

let shared: Promise<PgBoss> | undefined;

/**
 * pg-boss for its calls that take a connection or transaction along, as `{ db: executor(…) }`. It is never started:
 * nothing of it runs by itself.
 */
export function boss(): Promise<PgBoss> {
  return (shared ??= bossOn({
    executeSql: () => Promise.reject(new Error("a call to pg-boss names no connection")),
  }));
}

/** Brings in pg-boss when it is first needed: most installations have no PostgreSQL. */
async function bossOn(db: PgBoss.Db, migrate = false): Promise<PgBoss> {
  const { default: Boss } = await import("pg-boss");
  return new Boss({ db, schema: bossSchema, migrate, supervise: false, schedule: false, ...kept });
}

/** Runs pg-boss' statements where ours run. */
export function executor(db: Database): PgBoss.Db {
  return {
    executeSql: async (text, values: unknown[] = []) => {
      const { rows } = await db.executeQuery(CompiledQuery.raw(text, values));
      return { rows };
    },
  };
}

/** The same for its texts of several statements that begin and end a transaction: on one connection, which is left without one. */
function pinned(connection: Kysely<Schema>): PgBoss.Db {
  const { executeSql } = executor(connection);
  return {
    executeSql: async (text, values) => {
      try {
        return await executeSql(text, values);
      } catch (error) {
        await sql`rollback`.execute(connection).catch(() => {});
        throw error;
      }
    },
  };
}

/**
 * Brings pg-boss' tables up to date, by its own migrations.
 * @throws Error saying what to grant, when the user may not
 */
export async function installBoss(db: Kysely<Schema>): Promise<void> {
  await db.connection().execute(async (connection) => {
    try {
      if (!(await isInstalled(connection))) await install(connection);
    } catch (error) {
      throw (error as { code?: unknown }).code === "42501" ? await notAllowed(connection, error) : error;
    }
  });
}

async function install(connection: Kysely<Schema>): Promise<void> {
  // Of servers that start at the same moment one does it, and the others wait.
  const lock = sql`hashtextextended('winnow queue', 0)`;
  await sql`select pg_advisory_lock(${lock})`.execute(connection);
  try {
    const installer = await bossOn(pinned(connection), true);
    await installer.start();
    for (const name of Object.values(queues)) await installer.createQueue(name, { name, policy: "standard", retryLimit: 3, retryDelay: 60, expireInHours, retentionDays });
  } finally {
    await sql`select pg_advisory_unlock(${lock})`.execute(connection).catch(() => {});
  }
}

/** Whether the tables are those of this release, with all queues; asks for little, since every start does. */
async function isInstalled(connection: Kysely<Schema>): Promise<boolean> {
  const version = await sql<{ name: string | null }>`select to_regclass(${`${bossSchema}.version`})::text as name`.execute(connection);
  if (!version.rows[0]?.name) return false;
  const found = await bossOn(pinned(connection));
  try {
    await found.start();
  } catch (error) {
    // It has no error of its own for tables that are older or newer.
    if ((error as { code?: unknown }).code !== undefined) throw error;
    return false;
  }
  const there = new Set((await found.getQueues()).map(({ name }) => name));
  return Object.values(queues).every((name) => there.has(name));
}

async function notAllowed(connection: Kysely<Schema>, cause: unknown): Promise<Error> {
  const { rows } = await sql<{ database: string; user: string }>`select quote_ident(current_database()) as database, quote_ident(current_user) as user`.execute(connection);
  const { database, user } = rows[0]!;
  return new Error(`The queue of jobs has its tables in the schema ${bossSchema} of the PostgreSQL, which this user may not make or change (${cause instanceof Error ? cause.message : String(cause)}). Let somebody who may say: GRANT CREATE ON DATABASE ${database} TO ${user}; and start again.`, { cause });
}

/** pg-boss' own housekeeping: what nobody took note of for a day is delivered once more, what ended is removed. */
export async function maintainBoss(db: Kysely<Schema>): Promise<void> {
  await db.connection().execute(async (connection) => (await bossOn(pinned(connection))).maintain());
}
