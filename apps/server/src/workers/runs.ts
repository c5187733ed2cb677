import type { DockerRunCreateRequest, DockerRunData, DockerRunState, DockerRunUpdateRequest, RunProgress, RunProgressData, TagData } from "@winnow/contract";
import type { User } from "../accounts/user.ts";
import { jsonArray, StreamedJson } from "../app/answers.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { requireStorable } from "../app/storable.ts";
import { requireDataset, requireRole, type DatasetAccess } from "../datasets/access.ts";
import { findDataset } from "../datasets/store.ts";
import type { Database } from "../db/database.ts";
import { isId, newId } from "../db/ids.ts";
import type { RunArtifactTable, RunMessageTable, RunTable, ScheduledRunTable } from "../db/schema.ts";
import { inTurn } from "../db/turns.ts";
import { tagData } from "../tags/service.ts";
import { listTagsOfRun } from "../tags/store.ts";
import { announce } from "../webhooks/announcement.ts";
import { roleInDataset, requireRun, requireRunOf } from "./access.ts";
import { artifactData, artifactsOfRuns } from "./artifact-store.ts";
import { pageOf, type Page } from "./page.ts";
import * as store from "./queue-store.ts";
import { findWorkerOfSession, updateWorker } from "./worker-store.ts";

const ends: ReadonlySet<string> = new Set<DockerRunState>(["COMPLETED", "FAILED", "ABORTED", "CRASHED"]);
const messageCharactersMax = 20_000;
const rowsAtOnce = 200;

function runData(row: RunTable, messages: readonly RunMessageTable[], artifacts: readonly RunArtifactTable[]): DockerRunData {
  return {
    id: row.id,
    dockerVersion: row.version,
    ...(row.dataset_id === null ? {} : { datasetId: row.dataset_id }),
    state: row.state as DockerRunState,
    createdAt: Number(row.created_at),
    lastModifiedAt: Number(row.last_modified_at),
    ...(row.message === null ? {} : { message: row.message }),
    messages: messages.map(({ ts, state, log }) => ({ ts: Number(ts), state: state as DockerRunState, ...(log === null ? {} : { log }) })),
    reportAvailable: row.report_available === 1,
    ...(row.config_id === null ? {} : { configId: row.config_id }),
    ...(row.scheduled_id === null ? {} : { scheduledId: row.scheduled_id }),
    artifacts: artifacts.map(artifactData),
  };
}

async function runsData(db: Database, rows: readonly RunTable[]): Promise<DockerRunData[]> {
  const ids = rows.map(({ id }) => id);
  const [messages, artifacts] = [await store.messagesOfRuns(db, ids), await artifactsOfRuns(db, ids)];
  return rows.map((row) => runData(row, messages.get(row.id)!, artifacts.get(row.id) ?? []));
}

/** @throws DomainError DOCKER_RUN_UNKNOWN */
export async function runById({ db }: Context, user: User, runId: string): Promise<DockerRunData> {
  return (await runsData(db, [await requireRun(db, user, runId)]))[0]!;
}

/** @throws DomainError DOCKER_RUN_UNKNOWN also when no worker has begun it yet */
export async function runOfSchedule({ db }: Context, user: User, scheduledId: string): Promise<DockerRunData> {
  const row = isId(scheduledId) ? await store.findRunOfSchedule(db, scheduledId) : undefined;
  if (!row) throw new DomainError("DOCKER_RUN_UNKNOWN", `There is no run of the scheduled run ${scheduledId.slice(0, 64)} yet.`);
  return runById({ db } as Context, user, row.id);
}

/** Rows are read some at a time, so that a list of any length takes little memory. */
function streamed(db: Database, find: () => Promise<readonly string[]>): StreamedJson {
  async function* pages() {
    const ids = await find();
    for (let at = 0; at < ids.length; at += rowsAtOnce) yield await runsData(db, await store.findRuns(db, ids.slice(at, at + rowsAtOnce)));
  }
  return new StreamedJson(jsonArray(pages()));
}

export function listRunsOfUser({ db }: Context, user: User, page: Page): StreamedJson {
  return streamed(db, () => store.listRunIdsOfUser(db, user, pageOf(page)));
}

export function listRunsOfDataset({ db }: Context, { row }: DatasetAccess, page: Page): StreamedJson {
  return streamed(db, () => store.listRunIdsOfDataset(db, row.id, pageOf(page)));
}

/** Tags that a run has made. */
export async function tagsOfRun({ db }: Context, user: User, runId: string): Promise<TagData[]> {
  const run = await requireRun(db, user, runId);
  const dataset = run.dataset_id === null ? undefined : await findDataset(db, run.dataset_id);
  return dataset ? (await listTagsOfRun(db, dataset.id, run.id)).map((tag) => tagData(tag, dataset)) : [];
}

/**
 * Begins a run. With a scheduled one: the run of that schedule, be it new or begun by a worker before.
 * @throws DomainError DOCKER_WORKER_SCHEDULE_UNKNOWN; DOCKER_RUN_ENDED; DOCKER_WORKER_SCHEDULE_UPDATE_FAILED when it isn't this worker's
 */
export async function beginRun(context: Context, user: User, request: DockerRunCreateRequest, sessionId: string | undefined): Promise<{ id: string }> {
  const text = checkedText("message", request.message);
  requireStorable("dockerVersion", request.dockerVersion);
  const run = await inTurn(context.db, `schedule ${request.scheduledId ?? newId()}`, async (db) => {
    const worker = sessionId === undefined ? undefined : await findWorkerOfSession(db, user.id, sessionId);
    if (sessionId !== undefined && !worker) throw new DomainError("WORKER_SESSION_REPLACED", "Another process works under this worker's name since. This one must end.");
    let schedule: ScheduledRunTable | undefined;
    if (request.scheduledId) {
      schedule = await store.findSchedule(db, request.scheduledId);
      const role = schedule && (await roleInDataset(db, user, schedule.dataset_id));
      if (!schedule || !role) throw new DomainError("DOCKER_WORKER_SCHEDULE_UNKNOWN", `There is no scheduled run ${request.scheduledId}.`);
      requireRole(user, role, "editor");
      if (request.datasetId && request.datasetId !== schedule.dataset_id) throw new DomainError("BAD_REQUEST", `"datasetId" must be the dataset of the scheduled run, ${schedule.dataset_id}, got ${request.datasetId}.`);
      if (worker && schedule.worker_id !== worker.id && schedule.state !== "DONE") throw new DomainError("DOCKER_WORKER_SCHEDULE_UPDATE_FAILED", "Lock the scheduled run first: it is not locked by this worker.");
      if (schedule.state === "CANCELED") throw new DomainError("DOCKER_WORKER_SCHEDULE_UPDATE_FAILED", "The scheduled run has been cancelled.");
    } else if (request.datasetId) await requireDataset(db, user, request.datasetId, "editor");
    const now = Date.now();
    const id = newId(now);
    const made = await store.insertRun(db, {
      id,
      user_id: schedule?.user_id ?? user.id,
      dataset_id: schedule?.dataset_id ?? request.datasetId ?? null,
      scheduled_id: schedule?.id ?? null,
      config_id: schedule?.config_id ?? request.configId ?? null,
      version: request.dockerVersion.slice(0, 100),
      state: "STARTED",
      message: text,
      report_available: 0,
      progress: null,
      progress_at: null,
      created_at: now,
      last_modified_at: now,
      ended_at: null,
    });
    if (made.id === id) await store.appendMessage(db, { run_id: id, ts: now, state: "STARTED", log: text });
    else if (made.ended_at !== null) throw ended(made.state);
    return made;
  });
  return { id: run.id };
}

function ended(state: string): DomainError {
  return new DomainError("DOCKER_RUN_ENDED", `The run has ended (${state}) and takes nothing more.`);
}

function checkedText(field: string, text: string | null | undefined): string | null {
  if (text === undefined || text === null) return null;
  requireStorable(field, text);
  return text.length > messageCharactersMax ? `${text.slice(0, messageCharactersMax - 1)}…` : text;
}

/** Ends a run, and with it its schedule. */
export async function endRun(db: Database, run: RunTable, state: DockerRunState, message: string | null, ts = Date.now()): Promise<boolean> {
  const now = Date.now();
  if (!(await store.updateRunningRun(db, run.id, { state, ...(message !== null && { message }), last_modified_at: now, ended_at: now }))) return false;
  await store.appendMessage(db, { run_id: run.id, ts, state, log: message });
  if (run.scheduled_id !== null) await store.finishSchedule(db, run.scheduled_id);
  if (run.dataset_id !== null) await announce(db, "run.finished", run.dataset_id, { runId: run.id, state, ...(message !== null && { message: message.slice(0, 1000) }) });
  return true;
}

/**
 * A state and a message of a run. Ending it ends its schedule too; ABORTED from anybody who may change the dataset stops it.
 * The same end once more is no error: its answer may have been lost.
 * @throws DomainError DOCKER_RUN_ENDED; DOCKER_WORKER_SCHEDULE_UPDATE_FAILED, WORKER_SESSION_REPLACED for a worker that has lost the run
 */
export async function updateRun(context: Context, user: User, runId: string, request: DockerRunUpdateRequest, sessionId: string | undefined): Promise<void> {
  const message = checkedText("message", request.message);
  await inTurn(context.db, store.turnOfRun(runId), async (db) => {
    const found = await requireRunOf(db, user, runId, sessionId);
    const last = await store.lastMessage(db, found.id);
    const isSame = last !== undefined && last.state === request.state && last.log === message;
    // A time that a worker has given makes a report one that is known again; an end there is only one of.
    if (isSame && (found.ended_at !== null || (request.ts !== undefined && request.ts !== null && Number(last.ts) === request.ts))) return;
    if (found.ended_at !== null) throw ended(found.state);
    const ts = request.ts ?? Date.now();
    if (ends.has(request.state)) {
      if (!(await endRun(db, found, request.state, message, ts))) throw ended(found.state);
      return;
    }
    const now = Date.now();
    if (!(await store.updateRunningRun(db, found.id, { state: request.state, ...(message !== null && { message }), last_modified_at: now }))) throw ended(found.state);
    await store.appendMessage(db, { run_id: found.id, ts, state: request.state, log: message });
  });
  if (sessionId !== undefined) await seen(context.db, user, sessionId);
}

async function seen(db: Database, user: User, sessionId: string): Promise<void> {
  const worker = await findWorkerOfSession(db, user.id, sessionId);
  if (worker) await updateWorker(db, worker.id, { last_seen_at: Date.now() });
}

/** How far a run is; it takes the place of what was told before. @throws DomainError DOCKER_RUN_ENDED and as {@link updateRun} */
export async function updateProgress(context: Context, user: User, runId: string, progress: RunProgress, sessionId: string | undefined): Promise<void> {
  const { stage, done, total, rates } = progress;
  requireStorable("stage", stage);
  const run = await requireRunOf(context.db, user, runId, sessionId);
  const text = JSON.stringify({ stage, done, total, ...(rates && { rates }) });
  requireStorable("rates", text);
  if (!(await store.updateRunningRun(context.db, run.id, { progress: text, progress_at: Date.now() }))) throw ended(run.state);
}

export async function progressOfRun({ db }: Context, user: User, runId: string): Promise<RunProgressData> {
  const { progress, progress_at } = await requireRun(db, user, runId);
  return { progress: progress === null ? null : (JSON.parse(progress) as RunProgress), updatedAt: progress_at === null ? null : Number(progress_at) };
}
