/**
 * Hands jobs out. What users see of a job, and whether it may still have its effect, is in its row; who gets it next is
 * decided here: by the rows themselves in the embedded database, by pg-boss on PostgreSQL.
 */
import type { Kysely } from "kysely";
import type { Database } from "../db/database.ts";
import { isPostgres } from "../db/dialect.ts";
import type { JobTable, Schema } from "../db/schema.ts";
import { bossDispatch } from "./boss-dispatch.ts";
import { embeddedDispatch } from "./embedded-dispatch.ts";

/** A job as one runner took it: who comes too late, because another one has taken it since, changes nothing. */
export type Claim = Pick<JobTable, "id" | "attempts">;

/** What is to be known of a job to hand it out. */
export type Handed = Pick<JobTable, "id" | "attempts" | "type">;

export interface Dispatch {
  /** Offers jobs to the runners of all servers. Call it in the transaction that stores their rows, so that both happen or neither. */
  offer(transaction: Database, jobs: readonly Handed[]): Promise<void>;
  /**
   * Takes the most urgent and oldest job that waits, or whose runner stopped renewing its lease.
   * @param leaseMs how long it is this runner's, unless that renews it
   * @param withLong whether it may be one of the types that take long
   */
  take(db: Kysely<Schema>, leaseMs: number, withLong?: boolean): Promise<JobTable | undefined>;
  /** Says that a job which was taken is over, however it ended. */
  acknowledge(db: Database, job: Handed): Promise<void>;
  /** Hands a job back, to be taken again at once; the attempt doesn't count. */
  handBack(db: Kysely<Schema>, job: Handed): Promise<void>;
  /** Offers what waits and was never offered: rows of an older release, or of a backup. Runners do it when they start, and now and then. */
  heal(db: Kysely<Schema>): Promise<void>;
  /** Removes what is left of jobs whose server was killed at their end. Runners do it now and then. */
  tidy(db: Kysely<Schema>): Promise<void>;
}

export function dispatchOf(db: Database): Dispatch {
  return isPostgres(db) ? bossDispatch : embeddedDispatch;
}
