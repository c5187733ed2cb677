import { readRunConfiguration, type DockerRunScheduledCreateRequest, type DockerRunScheduledData, type DockerRunScheduledPriority, type DockerRunScheduledState, type DockerRunScheduledUpdateRequest } from "@winnow/contract";
import type { User } from "../accounts/user.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import type { RelevantFilesReader } from "../datasources/relevant-files.ts";
import type { Database } from "../db/database.ts";
import { isId, newId } from "../db/ids.ts";
import type { RunConfigurationTable, ScheduledRunTable, WorkerTable } from "../db/schema.ts";
import { inTurn } from "../db/turns.ts";
import { requireCurrentSession, requireWorker } from "./access.ts";
import { requireConfiguration, writtenConfiguration } from "./configurations.ts";
import { pageOf, type Page } from "./page.ts";
import * as store from "./queue-store.ts";
import { checkedLabels, labelsOf } from "./registry.ts";
import { endRun } from "./runs.ts";
import { updateWorker } from "./worker-store.ts";

const priorities: readonly DockerRunScheduledPriority[] = ["LOW", "MID", "HIGH", "CRITICAL"];
/** What one worker is told of: it takes the first. */
const offeredMax = 100;

async function schedulesData(db: Database, rows: readonly ScheduledRunTable[]): Promise<DockerRunScheduledData[]> {
  const labels = await store.labelsOfSchedules(db, rows.map(({ id }) => id));
  return rows.map((row) => ({
    id: row.id,
    datasetId: row.dataset_id,
    configId: row.config_id,
    priority: priorities[row.priority]!,
    state: store.stateNow(row) as DockerRunScheduledState,
    createdAt: Number(row.created_at),
    lastModifiedAt: Number(row.last_modified_at),
    owner: row.user_id,
    runsOn: labels.get(row.id)!,
  }));
}

/**
 * Puts a run into the queue. The datasource may still come; what the configuration names in it is looked at now.
 * @throws DomainError DOCKER_WORKER_CONFIG_UNKNOWN, DATASET_DATASOURCE_RELEVANT_FILENAMES_INVALID; BAD_REQUEST for objects of crops
 */
export async function scheduleRun(context: Context, user: User, { row }: DatasetAccess, relevantFiles: RelevantFilesReader, request: DockerRunScheduledCreateRequest): Promise<{ id: string }> {
  const { db } = context;
  const labels = checkedLabels("runsOn", request.runsOn ?? []);
  const configuration = await requireConfiguration(db, user, request.configId);
  await checkAgainstDataset(context, row.id, row.type, relevantFiles, configuration);
  const now = Date.now();
  const id = newId(now);
  await inTurn(db, `configuration ${configuration.id}`, (transaction) =>
    store.insertSchedule(
      transaction,
      { id, dataset_id: row.id, user_id: user.id, config_id: configuration.id, priority: priorities.indexOf(request.priority), state: "OPEN", worker_id: null, lease_until: null, creator: request.creator ?? "UNKNOWN", created_at: now, last_modified_at: now },
      labels,
    ),
  );
  return { id };
}

async function checkAgainstDataset(context: Context, datasetId: string, type: string, relevantFiles: RelevantFilesReader, configuration: RunConfigurationTable): Promise<void> {
  const { docker } = readRunConfiguration(writtenConfiguration(configuration));
  if (docker.objectLevel.taskName !== null && type === "Crops") throw new DomainError("BAD_REQUEST", "This dataset holds crops already, so there are no objects to select in it (object_level.task_name). Schedule the run on the dataset of the whole images.");
  if (docker.relevantFilenamesFile !== null) await relevantFiles.read(context, datasetId, docker.relevantFilenamesFile, true);
}

export async function listSchedulesOfDataset({ db }: Context, { row }: DatasetAccess, { state, ...page }: Page & { readonly state?: DockerRunScheduledState }): Promise<DockerRunScheduledData[]> {
  return schedulesData(db, await store.listSchedulesOfDataset(db, row.id, { state, ...pageOf(page) }));
}

export async function listSchedulesOfUser({ db }: Context, user: User, { state, ...page }: Page & { readonly state?: DockerRunScheduledState }): Promise<DockerRunScheduledData[]> {
  return schedulesData(db, await store.listSchedulesOfUser(db, user, { state, ...pageOf(page) }));
}

function takerOf(user: User, worker: WorkerTable): store.TakerFacts {
  return { workerId: worker.id, user, labels: labelsOf(worker), now: Date.now() };
}

/** What a worker may take, best first. A worker that asks for work is there. */
export async function listSchedulesOfWorker({ db }: Context, user: User, workerId: string, { state, sessionId }: { readonly state?: DockerRunScheduledState; readonly sessionId?: string }): Promise<DockerRunScheduledData[]> {
  const worker = await requireWorker(db, user, workerId);
  requireCurrentSession(worker, sessionId);
  if (sessionId !== undefined) await updateWorker(db, worker.id, { last_seen_at: Date.now() });
  return schedulesData(db, await store.listSchedulesOfWorker(db, takerOf(user, worker), state, offeredMax));
}

/** @throws DomainError DOCKER_WORKER_SCHEDULE_UNKNOWN */
async function requireSchedule(db: Database, datasetId: string, scheduledId: string): Promise<ScheduledRunTable> {
  const row = isId(scheduledId) ? await store.findSchedule(db, scheduledId) : undefined;
  if (!row || row.dataset_id !== datasetId) throw new DomainError("DOCKER_WORKER_SCHEDULE_UNKNOWN", `There is no scheduled run ${scheduledId.slice(0, 64)} on this dataset.`);
  return row;
}

function refused(why: string): DomainError {
  return new DomainError("DOCKER_WORKER_SCHEDULE_UPDATE_FAILED", why);
}

/** Cancels a run that no worker has taken. @throws DomainError DOCKER_WORKER_SCHEDULE_UPDATE_FAILED once it is not OPEN any more */
export async function cancelSchedule(context: Context, { row: dataset }: DatasetAccess, scheduledId: string): Promise<void> {
  await inTurn(context.db, `schedule ${scheduledId}`, async (transaction) => {
    const row = await requireSchedule(transaction, dataset.id, scheduledId);
    if (row.state === "CANCELED") return;
    if (!(await store.cancelOpenSchedule(transaction, row.id))) {
      throw refused(row.state === "LOCKED" ? "A worker has taken the run already, so it can't be cancelled any more. Abort the run instead." : "The run is done, there is nothing to cancel.");
    }
    // A worker may have begun it and given it back.
    const run = await store.findRunOfSchedule(transaction, row.id);
    if (run && run.ended_at === null) await endRun(transaction, run, "ABORTED", "The scheduled run was cancelled.");
  });
}

/**
 * What a worker does with a scheduled run: LOCKED takes it or renews the lease, DONE ends it, OPEN gives it back.
 * Doing again what has been done is no error: an answer may have been lost.
 * @throws DomainError DOCKER_WORKER_SCHEDULE_UPDATE_FAILED, DOCKER_RUN_ENDED, WORKER_SESSION_REPLACED
 */
export async function updateSchedule(context: Context, user: User, { row: dataset }: DatasetAccess, path: { workerId: string; scheduledId: string }, sessionId: string | undefined, request: DockerRunScheduledUpdateRequest): Promise<void> {
  const { db } = context;
  const worker = await requireWorker(db, user, path.workerId);
  requireCurrentSession(worker, sessionId);
  const row = await requireSchedule(db, dataset.id, path.scheduledId);
  const priority = request.priority === undefined || request.priority === null ? undefined : priorities.indexOf(request.priority);
  const now = Date.now();
  if (request.state === "LOCKED") {
    const got = await store.lockSchedule(db, row.id, takerOf(user, worker), priority);
    if (!got) throw await whyNotLocked(db, row.id, worker);
    await updateWorker(db, worker.id, { last_seen_at: now });
    return;
  }
  const more = priority === undefined ? {} : { priority };
  if (request.state === "OPEN") {
    if (row.state === "OPEN") return void (priority !== undefined && (await store.moveSchedule(db, row.id, { state: "OPEN" }, more)));
    if (!(await store.moveSchedule(db, row.id, { state: "LOCKED", workerId: worker.id }, { state: "OPEN", worker_id: null, lease_until: null, ...more }))) throw await whyNotHeld(db, row.id, worker);
  } else if (request.state === "DONE") {
    if (!(await store.moveSchedule(db, row.id, { state: "LOCKED", workerId: worker.id }, { state: "DONE", lease_until: null, ...more }))) {
      const latest = await store.findSchedule(db, row.id);
      if (latest?.state === "DONE" && latest.worker_id === worker.id) return;
      throw await whyNotHeld(db, row.id, worker);
    }
  } else await cancelSchedule(context, { row: dataset, role: "editor" }, row.id);
}

async function whyNotLocked(db: Database, scheduledId: string, worker: WorkerTable): Promise<DomainError> {
  const run = await store.findRunOfSchedule(db, scheduledId);
  if (run && run.ended_at !== null) return new DomainError("DOCKER_RUN_ENDED", `The run has ended (${run.state}) and takes nothing more.`);
  const row = await store.findSchedule(db, scheduledId);
  if (!row) return refused("The scheduled run has been deleted.");
  if (row.state === "DONE" || row.state === "CANCELED") return refused(`The run can't be taken: it is ${row.state}.`);
  const missing = (await store.labelsOfSchedules(db, [row.id])).get(row.id)!.filter((label) => !labelsOf(worker).includes(label));
  if (missing.length > 0) return refused(`The run is for workers with the label ${missing.join(", ")}; "${worker.name}" doesn't have it.`);
  if (row.state === "LOCKED") return refused("Another worker has locked the run.");
  return refused("The run was scheduled by somebody else on a dataset of somebody else; their own workers do it.");
}

async function whyNotHeld(db: Database, scheduledId: string, worker: WorkerTable): Promise<DomainError> {
  const row = await store.findSchedule(db, scheduledId);
  if (!row) return refused("The scheduled run has been deleted.");
  if (row.state === "LOCKED") return refused("Another worker has locked the run.");
  return refused(`The run is ${row.state}, and not locked by "${worker.name}".`);
}
