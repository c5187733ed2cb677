/**
 * Transactions that check before they write. SQLite does one at a time, so what was checked still holds when it is
 * written; PostgreSQL does many side by side, so those that could get in each other's way take turns there.
 */
import { sql, type Kysely, type Transaction } from "kysely";
import type { Database } from "./database.ts";
import { isPostgres } from "./dialect.ts";
import { isLostRace } from "./postgres.ts";
import type { Schema } from "./schema.ts";

type Work<Result> = (transaction: Transaction<Schema>) => Promise<Result>;

/** A transaction on what belongs to a dataset: one at a time for each dataset, whichever server does it. */
export function inDataset<Result>(db: Kysely<Schema>, datasetId: string, work: Work<Result>): Promise<Result> {
  return inTransaction(db, async (transaction) => {
    // As strong as a change of the row, and no stronger: rows that refer to the dataset may still be inserted.
    if (isPostgres(transaction)) await sql`select 1 from datasets where id = ${datasetId} for no key update`.execute(transaction);
    return work(transaction);
  });
}

/** A transaction on what has no row to lock: one at a time for each name, such as `accounts`. */
export function inTurn<Result>(db: Kysely<Schema>, name: string, work: Work<Result>): Promise<Result> {
  return inTransaction(db, async (transaction) => {
    await takeTurn(transaction, name);
    return work(transaction);
  });
}

/** Waits inside of a transaction for the others of a name, and holds them up until it ends. */
export async function takeTurn(transaction: Database, name: string): Promise<void> {
  // A name may hold what came in an address; as JSON it is a text that PostgreSQL takes.
  if (isPostgres(transaction)) await sql`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify(name)}, 0))`.execute(transaction);
}

const triesMax = 4;

/** A transaction that is done again when the database ended it for the sake of another one. */
async function inTransaction<Result>(db: Kysely<Schema>, work: Work<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (tries >= triesMax || !isLostRace(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10 * tries * (1 + Math.random())));
    }
  }
}
