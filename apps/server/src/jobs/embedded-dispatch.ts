/** Hands jobs out by their rows alone, in a database that one server uses. */
import { sql } from "kysely";
import type { Dispatch } from "./dispatch.ts";
import { longTypes, urgencies, waitMs } from "./order.ts";

/** The waiting time is the same from here on. */
const attemptsTold = 8;
const whens = (cases: readonly (readonly [string | number, number])[]) => sql.raw(cases.map(([value, result]) => `when ${typeof value === "string" ? `'${value}'` : value} then ${result}`).join(" "));
const urgency = sql<number>`case type ${whens(Object.entries(urgencies))} else 2 end`;
const wait = sql<number>`case attempts ${whens(Array.from({ length: attemptsTold }, (_, attempts) => [attempts, waitMs(attempts)]))} else ${sql.lit(waitMs(attemptsTold))} end`;

export const embeddedDispatch: Dispatch = {
  // Whoever looks for work finds the row.
  offer: async () => {},

  take: async (db, leaseMs, withLong = true) => {
    const now = Date.now();
    let free = db
      .selectFrom("jobs")
      .select("id")
      .where("waits_for", "=", 0)
      .where((e) => e.or([e("status", "=", "WAITING"), e.and([e("status", "=", "RUNNING"), e(sql<number>`lease_until + ${wait}`, "<", now)])]));
    if (!withLong) free = free.where("type", "not in", longTypes);
    return db
      .updateTable("jobs")
      .set({ status: "RUNNING", lease_until: now + leaseMs, attempts: sql<number>`attempts + 1`, last_modified_at: now })
      .where("id", "=", free.orderBy(urgency).orderBy("id").limit(1))
      .returningAll()
      .executeTakeFirst();
  },

  acknowledge: async () => {},

  handBack: async (db, { id, attempts }) => {
    await db
      .updateTable("jobs")
      .set({ status: "WAITING", lease_until: null, attempts: sql<number>`attempts - 1` })
      .where("id", "=", id)
      .where("attempts", "=", attempts)
      .where("status", "=", "RUNNING")
      .execute();
  },

  heal: async () => {},

  tidy: async () => {},
};
