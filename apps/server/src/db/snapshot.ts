import { sql, type Kysely } from "kysely";
import type { Database } from "./database.ts";
import { isPostgres } from "./dialect.ts";
import type { Schema } from "./schema.ts";

/** Reads on one connection that sees all rows as they were at one moment, whoever writes meanwhile; nobody waits for it. */
export function inSnapshot<Result>(db: Kysely<Schema>, work: (snapshot: Database) => Promise<Result>): Promise<Result> {
  return db.connection().execute(async (connection) => {
    await sql.raw(isPostgres(connection) ? "begin isolation level repeatable read read only" : "begin").execute(connection);
    try {
      // The moment is that of the first look.
      await sql`select count(*) from settings`.execute(connection);
      return await work(connection);
    } finally {
      await sql`rollback`.execute(connection);
    }
  });
}
