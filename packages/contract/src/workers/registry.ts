/** Compute workers: their registry and the processes that stand for them. */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, post, put, remove } from "../model.ts";
import { CreateEntityResponse, Creator, Id, Timestamp } from "../values.ts";
import { OfSession } from "./session.ts";

export const DockerWorkerName = Type.String({ minLength: 3, maxLength: 255, pattern: "^[a-zA-Z0-9][a-zA-Z0-9 _-]+$" });
export type DockerWorkerName = Static<typeof DockerWorkerName>;

export const DockerWorkerType = Enumeration(["FULL"]);
export type DockerWorkerType = Static<typeof DockerWorkerType>;

export const CreateDockerWorkerRegistryEntryRequest = Type.Object({
  name: DockerWorkerName,
  workerType: DockerWorkerType,
  labels: Type.Optional(Nullable(Type.Array(Type.String()))),
  creator: Type.Optional(Nullable(Creator)),
  dockerVersion: Type.Optional(Nullable(Type.String())),
});
export type CreateDockerWorkerRegistryEntryRequest = Static<typeof CreateDockerWorkerRegistryEntryRequest>;

export const DockerWorkerState = Enumeration(["OFFLINE", "IDLE", "BUSY", "CRASHED"]);
export type DockerWorkerState = Static<typeof DockerWorkerState>;

export const DockerWorkerRegistryEntryData = Type.Object({
  id: Id,
  name: DockerWorkerName,
  workerType: DockerWorkerType,
  state: DockerWorkerState,
  createdAt: Timestamp,
  lastModifiedAt: Timestamp,
  labels: Type.Array(Type.String()),
});
export type DockerWorkerRegistryEntryData = Static<typeof DockerWorkerRegistryEntryData>;

export const UpdateDockerWorkerRegistryEntryRequest = Type.Object({
  state: DockerWorkerState,
});
export type UpdateDockerWorkerRegistryEntryRequest = Static<typeof UpdateDockerWorkerRegistryEntryRequest>;

/** Begins a session of a worker (an addition of ours): from then on only calls with its `sessionId` count as the worker's. */
export const WorkerSessionCreateRequest = Type.Object({
  /** Release of the worker's program. */
  version: Type.Optional(Type.String({ maxLength: 100 })),
  /** Name of the machine, for people. */
  host: Type.Optional(Type.String({ maxLength: 255 })),
});
export type WorkerSessionCreateRequest = Static<typeof WorkerSessionCreateRequest>;

export const WorkerSessionData = Type.Object({
  sessionId: Id,
});
export type WorkerSessionData = Static<typeof WorkerSessionData>;

/** A worker with what people ask about it (an addition of ours). */
export const WorkerStatus = Type.Object({
  id: Id,
  name: DockerWorkerName,
  state: DockerWorkerState,
  labels: Type.Array(Type.String()),
  /** Release of the program that ran last under this name. */
  version: Type.Union([Type.String(), Type.Null()]),
  host: Type.Union([Type.String(), Type.Null()]),
  /** When it was last heard of. */
  lastSeenAt: Type.Union([Timestamp, Type.Null()]),
  /** The scheduled run that it has locked. */
  scheduledId: Type.Union([Id, Type.Null()]),
});
export type WorkerStatus = Static<typeof WorkerStatus>;

export const workerRegistry = domain({
  deleteDockerWorkerRegistryEntryById: remove("/v1/docker/worker/{workerId}", {
    id: "delete_docker_worker_registry_entry_by_id",
    summary: "Remove a worker",
    access: "user",
    replies: { 204: Type.Null() },
  }),
  getDockerWorkerRegistryEntries: get("/v1/docker/worker", {
    id: "get_docker_worker_registry_entries",
    summary: "The user's workers",
    access: "user",
    replies: { 200: Type.Array(DockerWorkerRegistryEntryData) },
  }),
  getDockerWorkerRegistryEntryById: get("/v1/docker/worker/{workerId}", {
    id: "get_docker_worker_registry_entry_by_id",
    summary: "One worker",
    access: "user",
    replies: { 200: DockerWorkerRegistryEntryData },
  }),
  registerDockerWorker: post("/v1/docker/worker", {
    id: "register_docker_worker",
    summary: "Register a worker",
    access: "user",
    body: CreateDockerWorkerRegistryEntryRequest,
    replies: { 201: CreateEntityResponse },
  }),
  updateDockerWorkerRegistryEntryById: put("/v1/docker/worker/{workerId}", {
    id: "update_docker_worker_registry_entry_by_id",
    summary: "Report the state of a worker",
    access: "user",
    query: OfSession,
    body: UpdateDockerWorkerRegistryEntryRequest,
    replies: { 204: Type.Null() },
  }),
  createWorkerSession: post("/v1/docker/worker/{workerId}/sessions", {
    id: "create_worker_session",
    summary: "Begin a session of a worker, in the place of the one before",
    access: "user",
    since: "winnow",
    body: WorkerSessionCreateRequest,
    replies: { 201: WorkerSessionData },
  }),
  getWorkerStatuses: get("/v1/docker/workers/status", {
    id: "get_worker_statuses",
    summary: "The user's workers: what they are, do, and when they were last heard of",
    access: "user",
    since: "winnow",
    replies: { 200: Type.Array(WorkerStatus) },
  }),
});
