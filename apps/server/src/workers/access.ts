import type { User } from "../accounts/user.ts";
import { DomainError } from "../app/errors.ts";
import { requireRole, roleIn, type Role } from "../datasets/access.ts";
import { findDataset } from "../datasets/store.ts";
import type { Database } from "../db/database.ts";
import { isId } from "../db/ids.ts";
import type { RunTable, WorkerTable } from "../db/schema.ts";
import { findRun, findSchedule } from "./queue-store.ts";
import { findWorker, findWorkerOfSession } from "./worker-store.ts";

/** What a user may do with a dataset; undefined: not even see it. */
export async function roleInDataset(db: Database, user: User, datasetId: string): Promise<Role | undefined> {
  const dataset = await findDataset(db, datasetId);
  return dataset && roleIn(db, user, dataset);
}

/** A worker of the user. @throws DomainError DOCKER_WORKER_UNKNOWN */
export async function requireWorker(db: Database, user: User, workerId: string): Promise<WorkerTable> {
  const worker = isId(workerId) ? await findWorker(db, user.id, workerId) : undefined;
  if (!worker) throw new DomainError("DOCKER_WORKER_UNKNOWN", `You have no compute worker ${workerId.slice(0, 64)}. Register one first.`);
  return worker;
}

/** @throws DomainError WORKER_SESSION_REPLACED when a call carries a session that isn't the worker's newest */
export function requireCurrentSession(worker: WorkerTable, sessionId: string | undefined): void {
  if (sessionId !== undefined && worker.session_id !== sessionId) throw sessionReplaced(worker.name);
}

function sessionReplaced(name = "this name"): DomainError {
  return new DomainError("WORKER_SESSION_REPLACED", `Another process works as the compute worker ${JSON.stringify(name)} since, or the worker has been removed. This one must end.`);
}

/** A run on a dataset in which the user has a role; without a dataset, a run of the user. @throws DomainError DOCKER_RUN_UNKNOWN, FORBIDDEN */
export async function requireRun(db: Database, user: User, runId: string, needed: "viewer" | "editor" = "viewer"): Promise<RunTable> {
  const run = isId(runId) ? await findRun(db, runId) : undefined;
  const role = run && (run.dataset_id === null ? (run.user_id === user.id && user.bounds?.datasetIds === undefined ? "owner" : undefined) : await roleInDataset(db, user, run.dataset_id));
  if (!run || !role) throw new DomainError("DOCKER_RUN_UNKNOWN", `There is no run ${runId.slice(0, 64)}, or its dataset isn't shared with you.`);
  requireRole(user, role, needed);
  return run;
}

/**
 * A run on which a worker reports. With a session, it must be the newest one of the worker that has the run's lease.
 * @throws DomainError DOCKER_RUN_UNKNOWN, WORKER_SESSION_REPLACED; DOCKER_WORKER_SCHEDULE_UPDATE_FAILED when another worker has the run
 */
export async function requireRunOf(db: Database, user: User, runId: string, sessionId: string | undefined): Promise<RunTable> {
  const run = await requireRun(db, user, runId, "editor");
  if (sessionId === undefined) return run;
  const worker = await findWorkerOfSession(db, user.id, sessionId);
  if (!worker) throw sessionReplaced();
  const schedule = run.scheduled_id === null ? undefined : await findSchedule(db, run.scheduled_id);
  // What has ended says so by itself.
  if (schedule && run.ended_at === null && schedule.worker_id !== worker.id) throw new DomainError("DOCKER_WORKER_SCHEDULE_UPDATE_FAILED", "Another worker has taken over this run; it was silent for more than a minute here.");
  return run;
}
