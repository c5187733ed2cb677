/** Runs that wait for a worker. */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, post, put } from "../model.ts";
import { CreateEntityResponse, Creator, Id, PageOffset, PageSize, Timestamp } from "../values.ts";
import { OfSession, sessionId } from "./session.ts";

export const DockerRunScheduledPriority = Enumeration(["LOW", "MID", "HIGH", "CRITICAL"]);
export type DockerRunScheduledPriority = Static<typeof DockerRunScheduledPriority>;

export const DockerRunScheduledCreateRequest = Type.Object({
  configId: Id,
  priority: DockerRunScheduledPriority,
  runsOn: Type.Optional(Nullable(Type.Array(Type.String()))),
  creator: Type.Optional(Nullable(Creator)),
});
export type DockerRunScheduledCreateRequest = Static<typeof DockerRunScheduledCreateRequest>;

export const DockerRunScheduledState = Enumeration(["OPEN", "LOCKED", "DONE", "CANCELED"]);
export type DockerRunScheduledState = Static<typeof DockerRunScheduledState>;

export const DockerRunScheduledData = Type.Object({
  id: Id,
  datasetId: Id,
  configId: Id,
  priority: DockerRunScheduledPriority,
  state: DockerRunScheduledState,
  createdAt: Timestamp,
  lastModifiedAt: Timestamp,
  owner: Type.Optional(Id),
  runsOn: Type.Array(Type.String()),
});
export type DockerRunScheduledData = Static<typeof DockerRunScheduledData>;

export const DockerRunScheduledUpdateRequest = Type.Object({
  state: DockerRunScheduledState,
  priority: Type.Optional(Nullable(DockerRunScheduledPriority)),
});
export type DockerRunScheduledUpdateRequest = Static<typeof DockerRunScheduledUpdateRequest>;

export const schedules = domain({
  cancelScheduledDockerRunStateById: put("/v1/datasets/{datasetId}/docker/worker/schedule/{scheduledId}", {
    id: "cancel_scheduled_docker_run_state_by_id",
    summary: "Cancel a scheduled run that no worker has taken yet",
    access: "editor",
    replies: { 204: Type.Null() },
  }),
  createDockerRunScheduledByDatasetId: post("/v1/datasets/{datasetId}/docker/worker/schedule", {
    id: "create_docker_run_scheduled_by_dataset_id",
    summary: "Schedule a run",
    access: "editor",
    body: DockerRunScheduledCreateRequest,
    replies: { 201: CreateEntityResponse },
  }),
  getDockerRunsScheduledByDatasetId: get("/v1/datasets/{datasetId}/docker/worker/schedule", {
    id: "get_docker_runs_scheduled_by_dataset_id",
    summary: "Scheduled runs of a dataset",
    access: "viewer",
    query: Type.Object({ pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset), state: Type.Optional(DockerRunScheduledState) }),
    replies: { 200: Type.Array(DockerRunScheduledData) },
  }),
  getDockerRunsScheduledByState: get("/v1/docker/worker/schedule", {
    id: "get_docker_runs_scheduled_by_state",
    summary: "The user's scheduled runs",
    access: "user",
    query: Type.Object({ state: Type.Optional(DockerRunScheduledState), pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset) }),
    replies: { 200: Type.Array(DockerRunScheduledData) },
  }),
  updateScheduledDockerRunStateById: put("/v1/datasets/{datasetId}/docker/worker/{workerId}/schedule/{scheduledId}", {
    id: "update_scheduled_docker_run_state_by_id",
    summary: "Lock, finish or release a scheduled run",
    access: "editor",
    query: OfSession,
    body: DockerRunScheduledUpdateRequest,
    replies: { 204: Type.Null() },
  }),
  getDockerRunsScheduledByWorkerId: get("/v1/docker/worker/{workerId}/schedule", {
    id: "get_docker_runs_scheduled_by_worker_id",
    summary: "Scheduled runs a worker may take or has taken",
    access: "user",
    since: "1.2.25",
    query: Type.Object({ state: Type.Optional(DockerRunScheduledState), sessionId }),
    replies: { 200: Type.Array(DockerRunScheduledData) },
  }),
});
