import type { CreateDockerWorkerRegistryEntryRequest, DockerWorkerRegistryEntryData, DockerWorkerState, WorkerSessionCreateRequest, WorkerStatus } from "@winnow/contract";
import type { User } from "../accounts/user.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { requireStorable } from "../app/storable.ts";
import { newId } from "../db/ids.ts";
import type { WorkerTable } from "../db/schema.ts";
import { inTurn } from "../db/turns.ts";
import { requireCurrentSession, requireWorker } from "./access.ts";
import * as store from "./worker-store.ts";

/** A worker that says nothing for so long is shown as OFFLINE; it speaks every ten seconds. */
const silentMsMax = 60_000;
const labelsMax = 100;

export function stateOf({ state, last_seen_at }: WorkerTable, now = Date.now()): DockerWorkerState {
  const heard = last_seen_at !== null && now - Number(last_seen_at) <= silentMsMax;
  return heard || state === "CRASHED" ? (state as DockerWorkerState) : "OFFLINE";
}

function workerData(row: WorkerTable): DockerWorkerRegistryEntryData {
  return {
    id: row.id,
    name: row.name,
    workerType: "FULL",
    state: stateOf(row),
    createdAt: Number(row.created_at),
    lastModifiedAt: Number(row.last_modified_at),
    labels: labelsOf(row),
  };
}

export function labelsOf({ labels }: WorkerTable): string[] {
  return JSON.parse(labels) as string[];
}

/** Labels without repeats, in their order. @throws DomainError BAD_REQUEST */
export function checkedLabels(field: string, labels: readonly string[]): string[] {
  labels.forEach((label, i) => {
    if (label.trim() === "" || label.length > 100) throw new DomainError("BAD_REQUEST", `"${field}[${i}]" must be a label of 1 to 100 characters, got ${JSON.stringify(label.slice(0, 120))}.`);
    requireStorable(`${field}[${i}]`, label);
  });
  const all = [...new Set(labels)];
  if (all.length > labelsMax) throw new DomainError("BAD_REQUEST", `"${field}" must have at most ${labelsMax} labels, got ${all.length}.`);
  return all;
}

/** Registers a worker, or finds it: the same name of the same user is the same worker. Labels that are given replace the old ones. */
export async function registerWorker({ db }: Context, user: User, { name, workerType, labels, dockerVersion }: CreateDockerWorkerRegistryEntryRequest): Promise<{ id: string }> {
  const now = Date.now();
  const given: Partial<WorkerTable> = {
    ...(labels && { labels: JSON.stringify(checkedLabels("labels", labels)) }),
    ...(dockerVersion && { version: dockerVersion.slice(0, 100) }),
  };
  if (given.version) requireStorable("dockerVersion", given.version);
  const row: WorkerTable = { id: newId(now), user_id: user.id, name, type: workerType, labels: "[]", state: "OFFLINE", session_id: null, version: null, host: null, last_seen_at: null, created_at: now, last_modified_at: now, ...given };
  return { id: await store.upsertWorker(db, row, given) };
}

export async function listWorkers({ db }: Context, user: User): Promise<DockerWorkerRegistryEntryData[]> {
  return (await store.listWorkers(db, user.id)).map(workerData);
}

export async function workerById({ db }: Context, user: User, workerId: string): Promise<DockerWorkerRegistryEntryData> {
  return workerData(await requireWorker(db, user, workerId));
}

export async function workerStatuses({ db }: Context, user: User): Promise<WorkerStatus[]> {
  const rows = await store.listWorkers(db, user.id);
  const locked = await store.lockedByWorker(db, rows.map(({ id }) => id));
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    state: stateOf(row),
    labels: labelsOf(row),
    version: row.version,
    host: row.host,
    lastSeenAt: row.last_seen_at === null ? null : Number(row.last_seen_at),
    scheduledId: locked.get(row.id) ?? null,
  }));
}

/** @throws DomainError DOCKER_WORKER_UNKNOWN */
export async function deleteWorker({ db }: Context, user: User, workerId: string): Promise<void> {
  await inTurn(db, `worker ${workerId}`, async (transaction) => {
    const worker = await requireWorker(transaction, user, workerId);
    await store.deleteWorker(transaction, user.id, worker.id);
  });
}

/** What a worker says of itself, and with it that it is there. */
export async function reportWorkerState({ db }: Context, user: User, workerId: string, state: DockerWorkerState, sessionId: string | undefined): Promise<void> {
  const worker = await requireWorker(db, user, workerId);
  requireCurrentSession(worker, sessionId);
  const now = Date.now();
  await store.updateWorker(db, worker.id, { state, last_seen_at: now, ...(state !== worker.state && { last_modified_at: now }) });
}

/** Begins a session in the place of the one before, whose process hears of it at its next call. */
export async function beginSession({ db }: Context, user: User, workerId: string, { version, host }: WorkerSessionCreateRequest): Promise<{ sessionId: string }> {
  const worker = await requireWorker(db, user, workerId);
  if (version !== undefined) requireStorable("version", version);
  if (host !== undefined) requireStorable("host", host);
  const now = Date.now();
  const sessionId = newId(now);
  await store.updateWorker(db, worker.id, { session_id: sessionId, state: "IDLE", version: version ?? worker.version, host: host ?? worker.host, last_seen_at: now, last_modified_at: now });
  return { sessionId };
}
