/** Runs and their progress. */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, post, put } from "../model.ts";
import { TagData } from "../tags.ts";
import { CreateEntityResponse, Creator, Id, PageOffset, PageSize, Timestamp } from "../values.ts";
import { DockerRunArtifactData } from "./run-files.ts";
import { OfSession } from "./session.ts";

export const DockerRunCreateRequest = Type.Object({
  dockerVersion: Type.String(),
  datasetId: Type.Optional(Nullable(Id)),
  message: Type.Optional(Nullable(Type.String())),
  scheduledId: Type.Optional(Nullable(Id)),
  configId: Type.Optional(Nullable(Id)),
  creator: Type.Optional(Nullable(Creator)),
});
export type DockerRunCreateRequest = Static<typeof DockerRunCreateRequest>;

export const DockerRunState = Enumeration(["STARTED", "INITIALIZING", "CHECKING_CORRUPTNESS", "TRAINING", "EMBEDDING", "PRETAGGING", "SAMPLING", "UPLOADING_DATASET", "GENERATING_REPORT", "UPLOADING_REPORT", "UPLOADED_REPORT", "COMPLETED", "FAILED", "ABORTED", "LOADING_DATASET", "LOADING_METADATA", "LOADING_PREDICTION", "INITIALIZING_OBJECT_CROPS", "COMPUTING_METADATA", "EMBEDDING_OBJECT_CROPS", "COMPUTING_ACTIVE_LEARNING_SCORES", "EMBEDDING_FULL_IMAGES", "SAVING_RESULTS", "UPLOADING_ARTIFACTS", "UPLOADED_ARTIFACTS", "CRASHED"]);
export type DockerRunState = Static<typeof DockerRunState>;

export const DockerRunDataLog = Type.Object({
  ts: Type.Optional(Timestamp),
  state: Type.Optional(DockerRunState),
  log: Type.Optional(Type.String()),
});
export type DockerRunDataLog = Static<typeof DockerRunDataLog>;

export const DockerRunData = Type.Object({
  id: Id,
  dockerVersion: Type.String(),
  datasetId: Type.Optional(Id),
  state: DockerRunState,
  createdAt: Timestamp,
  lastModifiedAt: Timestamp,
  message: Type.Optional(Type.String()),
  messages: Type.Optional(Type.Array(DockerRunDataLog)),
  reportAvailable: Type.Optional(Type.Boolean()),
  configId: Type.Optional(Id),
  scheduledId: Type.Optional(Id),
  artifacts: Type.Optional(Type.Array(DockerRunArtifactData)),
});
export type DockerRunData = Static<typeof DockerRunData>;

export const DockerRunUpdateRequest = Type.Object({
  state: DockerRunState,
  message: Type.Optional(Nullable(Type.String())),
  ts: Type.Optional(Nullable(Timestamp)),
});
export type DockerRunUpdateRequest = Static<typeof DockerRunUpdateRequest>;

/** How far a run is (an addition of ours); kept once per run. */
export const RunProgress = Type.Object({
  /** What is being done, such as `embedding`. */
  stage: Type.String({ minLength: 1, maxLength: 100 }),
  done: Type.Number({ minimum: 0 }),
  /** Null: not known yet. */
  total: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
  /** Per second, by name: `{ "images": 120.5 }`. */
  rates: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), Type.Number({ minimum: 0 }), { maxProperties: 50 })),
});
export type RunProgress = Static<typeof RunProgress>;

export const RunProgressData = Type.Object({
  /** Null: nothing has been told yet. */
  progress: Type.Union([RunProgress, Type.Null()]),
  /** When it was told. */
  updatedAt: Type.Union([Timestamp, Type.Null()]),
});
export type RunProgressData = Static<typeof RunProgressData>;

export const runs = domain({
  createDockerRun: post("/v1/docker/runs", {
    id: "create_docker_run",
    summary: "Begin a run",
    access: "user",
    query: OfSession,
    body: DockerRunCreateRequest,
    replies: { 201: CreateEntityResponse },
  }),
  getDockerRunById: get("/v1/docker/runs/{runId}", {
    id: "get_docker_run_by_id",
    summary: "One run",
    access: "user",
    boundTokens: true,
    replies: { 200: DockerRunData },
  }),
  getDockerRuns: get("/v1/docker/runs", {
    id: "get_docker_runs",
    summary: "The user's runs",
    access: "user",
    query: Type.Object({ pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset) }),
    replies: { 200: Type.Array(DockerRunData) },
  }),
  updateDockerRunById: put("/v1/docker/runs/{runId}", {
    id: "update_docker_run_by_id",
    summary: "Report the state of a run",
    access: "user",
    boundTokens: true,
    query: OfSession,
    body: DockerRunUpdateRequest,
    replies: { 204: Type.Null() },
  }),
  getDockerRunByScheduledId: get("/v1/docker/runs/schedule/{scheduledId}", {
    id: "get_docker_run_by_scheduled_id",
    summary: "The run of a scheduled run",
    access: "user",
    boundTokens: true,
    since: "1.2.25",
    replies: { 200: DockerRunData },
  }),
  getDockerRunTags: get("/v1/docker/runs/{runId}/tags", {
    id: "get_docker_run_tags",
    summary: "Tags that a run made",
    access: "user",
    boundTokens: true,
    since: "1.2.25",
    replies: { 200: Type.Array(TagData) },
  }),
  getDockerRunsQueryByDatasetId: get("/v1/docker/runs/query/datasetId/{datasetId}", {
    id: "get_docker_runs_query_by_dataset_id",
    summary: "Runs of a dataset",
    access: "viewer",
    since: "1.2.25",
    query: Type.Object({ pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset) }),
    replies: { 200: Type.Array(DockerRunData) },
  }),
  updateRunProgressById: put("/v1/docker/runs/{runId}/progress", {
    id: "update_run_progress_by_id",
    summary: "Tell how far a run is",
    access: "user",
    boundTokens: true,
    since: "winnow",
    query: OfSession,
    body: RunProgress,
    replies: { 204: Type.Null() },
  }),
  getRunProgressById: get("/v1/docker/runs/{runId}/progress", {
    id: "get_run_progress_by_id",
    summary: "How far a run is",
    access: "user",
    boundTokens: true,
    since: "winnow",
    replies: { 200: RunProgressData },
  }),
});
