import type { Database } from "../db/database.ts";
import type { WorkerTable } from "../db/schema.ts";

/** Registers a worker; the same name of the same user is the same worker. @returns its id */
export async function upsertWorker(db: Database, row: WorkerTable, given: Partial<WorkerTable>): Promise<string> {
  const { id } = await db
    .insertInto("workers")
    .values(row)
    .onConflict((conflict) => conflict.columns(["user_id", "name"]).doUpdateSet({ ...given, last_modified_at: row.last_modified_at }))
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

export async function findWorker(db: Database, userId: string, id: string): Promise<WorkerTable | undefined> {
  return db.selectFrom("workers").selectAll().where("id", "=", id).where("user_id", "=", userId).executeTakeFirst();
}

export async function findWorkerOfSession(db: Database, userId: string, sessionId: string): Promise<WorkerTable | undefined> {
  return db.selectFrom("workers").selectAll().where("session_id", "=", sessionId).where("user_id", "=", userId).executeTakeFirst();
}

export async function listWorkers(db: Database, userId: string): Promise<WorkerTable[]> {
  return db.selectFrom("workers").selectAll().where("user_id", "=", userId).orderBy("id").execute();
}

export async function updateWorker(db: Database, id: string, changes: Partial<WorkerTable>): Promise<void> {
  await db.updateTable("workers").set(changes).where("id", "=", id).execute();
}

/** Removes a worker; what it has locked can be taken by others at once. @returns whether there was one */
export async function deleteWorker(db: Database, userId: string, id: string): Promise<boolean> {
  const gone = await db.deleteFrom("workers").where("id", "=", id).where("user_id", "=", userId).returning("id").executeTakeFirst();
  if (!gone) return false;
  await db.updateTable("scheduled_runs").set({ state: "OPEN", worker_id: null, lease_until: null, last_modified_at: Date.now() }).where("worker_id", "=", id).where("state", "=", "LOCKED").execute();
  return true;
}

/** What each worker has locked, by worker. */
export async function lockedByWorker(db: Database, workerIds: readonly string[]): Promise<Map<string, string>> {
  if (workerIds.length === 0) return new Map();
  const rows = await db.selectFrom("scheduled_runs").select(["id", "worker_id"]).where("worker_id", "in", workerIds).where("state", "=", "LOCKED").execute();
  return new Map(rows.map(({ id, worker_id }) => [worker_id!, id]));
}
