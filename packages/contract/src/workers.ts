/** Compute workers, their configurations and runs. */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, post, put, remove } from "./model.ts";
import { SamplingConfig, SamplingMethod } from "./selection.ts";
import { TagData } from "./tags.ts";
import { CreateEntityResponse, Creator, Id, PageOffset, PageSize, Timestamp } from "./values.ts";

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

export const DockerTaskDescription = Type.Object({
  embeddingsFilename: Type.String(),
  embeddingsHash: Type.String(),
  method: SamplingMethod,
  existingSelectionColumnName: Type.String(),
  activeLearningScoresColumnName: Type.String(),
  maskedOutColumnName: Type.String(),
  samplingConfig: SamplingConfig,
  nData: Type.Number({ minimum: 0 }),
});
export type DockerTaskDescription = Static<typeof DockerTaskDescription>;

export const DockerAuthorizationRequest = Type.Object({
  timestamp: Timestamp,
  taskDescription: DockerTaskDescription,
});
export type DockerAuthorizationRequest = Static<typeof DockerAuthorizationRequest>;

export const DockerAuthorizationResponse = Type.Object({
  bodyString: Type.String(),
  bodyHmac: Type.String(),
});
export type DockerAuthorizationResponse = Static<typeof DockerAuthorizationResponse>;

export const DockerLicenseInformation = Type.Object({
  licenseType: Type.String(),
  licenseExpirationDate: Timestamp,
  licenseIsValid: Type.Boolean(),
});
export type DockerLicenseInformation = Static<typeof DockerLicenseInformation>;

export const DockerRunArtifactStorageLocation = Enumeration(["LIGHTLY", "DATASOURCE"]);
export type DockerRunArtifactStorageLocation = Static<typeof DockerRunArtifactStorageLocation>;

export const DockerRunArtifactType = Enumeration(["LOG", "MEMLOG", "CHECKPOINT", "REPORT_PDF", "REPORT_JSON", "REPORT_V2_JSON", "CORRUPTNESS_CHECK_INFORMATION", "SEQUENCE_INFORMATION", "RELEVANT_FILENAMES"]);
export type DockerRunArtifactType = Static<typeof DockerRunArtifactType>;

export const DockerRunArtifactCreateRequest = Type.Object({
  fileName: Type.String(),
  type: DockerRunArtifactType,
  storageLocation: Type.Optional(Nullable(DockerRunArtifactStorageLocation)),
});
export type DockerRunArtifactCreateRequest = Static<typeof DockerRunArtifactCreateRequest>;

export const DockerRunArtifactCreatedData = Type.Object({
  signedWriteUrl: Type.String(),
  artifactId: Type.String(),
});
export type DockerRunArtifactCreatedData = Static<typeof DockerRunArtifactCreatedData>;

export const DockerRunArtifactData = Type.Object({
  id: Id,
  type: DockerRunArtifactType,
  fileName: Type.String(),
  storageLocation: Type.Optional(DockerRunArtifactStorageLocation),
  createdAt: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type DockerRunArtifactData = Static<typeof DockerRunArtifactData>;

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

export const DockerRunLogDockerLoad = Type.Object({
  cpu: Type.Optional(Nullable(Type.Number({ minimum: 0, maximum: 100 }))),
  mem: Type.Optional(Nullable(Type.Number({ minimum: 0, maximum: 100 }))),
});
export type DockerRunLogDockerLoad = Static<typeof DockerRunLogDockerLoad>;

export const DockerRunLogLevel = Enumeration(["VERBOSE", "NOTSET", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]);
export type DockerRunLogLevel = Static<typeof DockerRunLogLevel>;

export const DockerRunLogCreateEntryData = Type.Object({
  ts: Type.Integer({ minimum: 0 }),
  level: DockerRunLogLevel,
  group: Type.String(),
  origin: Type.Optional(Nullable(Type.String())),
  msg: Type.String(),
  state: Type.Optional(Nullable(DockerRunState)),
  load: Type.Optional(Nullable(DockerRunLogDockerLoad)),
});
export type DockerRunLogCreateEntryData = Static<typeof DockerRunLogCreateEntryData>;

export const DockerRunLogEntryData = Type.Object({
  ts: Type.Integer({ minimum: 0 }),
  level: DockerRunLogLevel,
  group: Type.Optional(Type.String()),
  origin: Type.Optional(Type.String()),
  msg: Type.String(),
  state: DockerRunState,
  load: Type.Optional(DockerRunLogDockerLoad),
});
export type DockerRunLogEntryData = Static<typeof DockerRunLogEntryData>;

export const DockerRunLogData = Type.Object({
  cursor: Type.Optional(Type.Integer({ minimum: 0 })),
  logs: Type.Array(DockerRunLogEntryData),
});
export type DockerRunLogData = Static<typeof DockerRunLogData>;

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

export const DockerRunUpdateRequest = Type.Object({
  state: DockerRunState,
  message: Type.Optional(Nullable(Type.String())),
  ts: Type.Optional(Nullable(Timestamp)),
});
export type DockerRunUpdateRequest = Static<typeof DockerRunUpdateRequest>;

export const DockerUserStats = Type.Object({
  runId: Type.String(),
  action: Type.String(),
  data: Type.Unknown(),
  timestamp: Timestamp,
  pipVersion: Type.String(),
  dockerVersion: Type.String(),
});
export type DockerUserStats = Static<typeof DockerUserStats>;

export const DockerWorkerAuthorizationRequest = Type.Object({
  hashedTaskDescription: Type.String(),
});
export type DockerWorkerAuthorizationRequest = Static<typeof DockerWorkerAuthorizationRequest>;

export const DockerWorkerConfig = Type.Object({
  workerType: DockerWorkerType,
  docker: Type.Optional(Nullable(Type.Record(Type.String(), Type.Unknown()))),
  lightly: Type.Optional(Nullable(Type.Record(Type.String(), Type.Unknown()))),
  selection: Type.Optional(Nullable(Type.Record(Type.String(), Type.Unknown()))),
});
export type DockerWorkerConfig = Static<typeof DockerWorkerConfig>;

export const DockerWorkerConfigCreateRequest = Type.Object({
  config: DockerWorkerConfig,
  creator: Type.Optional(Nullable(Creator)),
});
export type DockerWorkerConfigCreateRequest = Static<typeof DockerWorkerConfigCreateRequest>;

export const DockerWorkerConfigData = Type.Object({
  id: Id,
  config: DockerWorkerConfig,
  createdAt: Type.Optional(Timestamp),
});
export type DockerWorkerConfigData = Static<typeof DockerWorkerConfigData>;

export const DockerWorkerConfigV2CreateRequest = Type.Object({
  config: DockerWorkerConfig,
  creator: Type.Optional(Nullable(Creator)),
});
export type DockerWorkerConfigV2CreateRequest = Static<typeof DockerWorkerConfigV2CreateRequest>;

export const DockerWorkerConfigV2Data = Type.Object({
  id: Id,
  config: DockerWorkerConfig,
  configOrig: Type.Optional(DockerWorkerConfig),
  createdAt: Type.Optional(Timestamp),
});
export type DockerWorkerConfigV2Data = Static<typeof DockerWorkerConfigV2Data>;

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

/** A configuration with what JSON parsers lose (an addition of ours). */
export const WrittenRunConfiguration = Type.Object({
  id: Id,
  config: DockerWorkerConfig,
  /** Paths below `config`, as written, of whole numbers written as decimals: `docker.stopping_condition.n_samples` for 1.0. */
  decimals: Type.Array(Type.String()),
});
export type WrittenRunConfiguration = Static<typeof WrittenRunConfiguration>;

/** What is wrong with a configuration, and what to know about it (an addition of ours). */
export const RunConfigurationReview = Type.Object({
  problems: Type.Array(Type.Object({ path: Type.String(), message: Type.String() })),
  notices: Type.Array(Type.String()),
});
export type RunConfigurationReview = Static<typeof RunConfigurationReview>;

/** Ours: which process of the worker calls. Calls of a replaced one are answered 409 `WORKER_SESSION_REPLACED`. */
const sessionId = Type.Optional(Id);
const OfSession = Type.Object({ sessionId });

export const workers = domain({
  cancelScheduledDockerRunStateById: put("/v1/datasets/{datasetId}/docker/worker/schedule/{scheduledId}", {
    id: "cancel_scheduled_docker_run_state_by_id",
    summary: "Cancel a scheduled run that no worker has taken yet",
    access: "editor",
    replies: { 204: Type.Null() },
  }),
  createDockerRun: post("/v1/docker/runs", {
    id: "create_docker_run",
    summary: "Begin a run",
    access: "user",
    query: OfSession,
    body: DockerRunCreateRequest,
    replies: { 201: CreateEntityResponse },
  }),
  createDockerRunScheduledByDatasetId: post("/v1/datasets/{datasetId}/docker/worker/schedule", {
    id: "create_docker_run_scheduled_by_dataset_id",
    summary: "Schedule a run",
    access: "editor",
    body: DockerRunScheduledCreateRequest,
    replies: { 201: CreateEntityResponse },
  }),
  createDockerWorkerConfig: post("/v1/docker/worker/config", {
    id: "create_docker_worker_config",
    summary: "Create a run configuration",
    access: "user",
    boundTokens: true,
    body: DockerWorkerConfigCreateRequest,
    keepsDecimals: true,
    replies: { 201: CreateEntityResponse },
  }),
  deleteDockerWorkerRegistryEntryById: remove("/v1/docker/worker/{workerId}", {
    id: "delete_docker_worker_registry_entry_by_id",
    summary: "Remove a worker",
    access: "user",
    replies: { 204: Type.Null() },
  }),
  getDockerLicenseInformation: get("/v1/docker/licenseInformation", {
    id: "get_docker_license_information",
    summary: "Licence of the worker",
    access: "user",
    boundTokens: true,
    replies: { 200: DockerLicenseInformation },
  }),
  getDockerRunById: get("/v1/docker/runs/{runId}", {
    id: "get_docker_run_by_id",
    summary: "One run",
    access: "user",
    boundTokens: true,
    replies: { 200: DockerRunData },
  }),
  getDockerRunReportReadUrlById: get("/v1/docker/runs/{runId}/readReportUrl", {
    id: "get_docker_run_report_read_url_by_id",
    summary: "A read address of a run's report",
    access: "user",
    boundTokens: true,
    replies: { 200: Type.String() },
  }),
  getDockerRunReportWriteUrlById: get("/v1/docker/runs/{runId}/writeReportUrl", {
    id: "get_docker_run_report_write_url_by_id",
    summary: "A write address for a run's report",
    access: "user",
    writes: true,
    boundTokens: true,
    replies: { 200: Type.String() },
  }),
  getDockerRuns: get("/v1/docker/runs", {
    id: "get_docker_runs",
    summary: "The user's runs",
    access: "user",
    query: Type.Object({ pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset) }),
    replies: { 200: Type.Array(DockerRunData) },
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
  getDockerWorkerConfigById: get("/v1/docker/worker/config/{configId}", {
    id: "get_docker_worker_config_by_id",
    summary: "One run configuration",
    access: "user",
    replies: { 200: DockerWorkerConfigData },
  }),
  getDockerWorkerConfigs: get("/v1/docker/worker/config", {
    id: "get_docker_worker_configs",
    summary: "The user's run configurations",
    access: "user",
    replies: { 200: Type.Array(DockerWorkerConfigData) },
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
  postDockerAuthorizationRequest: post("/v1/docker/authorization", {
    id: "post_docker_authorization_request",
    summary: "Authorise a task of a worker",
    access: "user",
    body: DockerAuthorizationRequest,
    replies: { 200: DockerAuthorizationResponse },
  }),
  postDockerUsageStats: post("/v1/docker", {
    id: "post_docker_usage_stats",
    summary: "Usage statistics of a worker",
    access: "user",
    body: DockerUserStats,
    replies: { 204: Type.Null() },
  }),
  registerDockerWorker: post("/v1/docker/worker", {
    id: "register_docker_worker",
    summary: "Register a worker",
    access: "user",
    body: CreateDockerWorkerRegistryEntryRequest,
    replies: { 201: CreateEntityResponse },
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
  updateDockerWorkerConfigById: put("/v1/docker/worker/config/{configId}", {
    id: "update_docker_worker_config_by_id",
    summary: "Change a run configuration",
    access: "user",
    body: DockerWorkerConfigCreateRequest,
    keepsDecimals: true,
    replies: { 204: Type.Null() },
  }),
  updateDockerWorkerRegistryEntryById: put("/v1/docker/worker/{workerId}", {
    id: "update_docker_worker_registry_entry_by_id",
    summary: "Report the state of a worker",
    access: "user",
    query: OfSession,
    body: UpdateDockerWorkerRegistryEntryRequest,
    replies: { 204: Type.Null() },
  }),
  updateScheduledDockerRunStateById: put("/v1/datasets/{datasetId}/docker/worker/{workerId}/schedule/{scheduledId}", {
    id: "update_scheduled_docker_run_state_by_id",
    summary: "Lock, finish or release a scheduled run",
    access: "editor",
    query: OfSession,
    body: DockerRunScheduledUpdateRequest,
    replies: { 204: Type.Null() },
  }),
  confirmDockerRunArtifactCreation: put("/v1/docker/runs/{runId}/artifacts/{artifactId}/confirmUpload", {
    id: "confirm_docker_run_artifact_creation",
    summary: "Say that an artifact has been uploaded",
    access: "user",
    boundTokens: true,
    since: "1.2.25",
    replies: { 204: Type.Null() },
  }),
  createDockerRunArtifact: post("/v1/docker/runs/{runId}/artifacts", {
    id: "create_docker_run_artifact",
    summary: "Announce an artifact of a run",
    access: "user",
    boundTokens: true,
    since: "1.2.25",
    body: DockerRunArtifactCreateRequest,
    replies: { 201: DockerRunArtifactCreatedData },
  }),
  createDockerRunLogById: put("/v1/docker/runs/{runId}/logs", {
    id: "create_docker_run_log_by_id",
    summary: "Append to the log of a run",
    access: "user",
    boundTokens: true,
    since: "1.2.25",
    query: OfSession,
    body: Type.Array(DockerRunLogCreateEntryData),
    replies: { 204: Type.Null() },
  }),
  createDockerWorkerConfigV2: post("/v1/docker/worker/config/v2", {
    id: "create_docker_worker_config_v2",
    summary: "Create a typed run configuration",
    access: "user",
    boundTokens: true,
    since: "1.2.25",
    body: DockerWorkerConfigV2CreateRequest,
    keepsDecimals: true,
    replies: { 201: CreateEntityResponse },
  }),
  getDockerRunArtifactReadUrlById: get("/v1/docker/runs/{runId}/artifacts/{artifactId}/readurl", {
    id: "get_docker_run_artifact_read_url_by_id",
    summary: "A read address of an artifact",
    access: "user",
    boundTokens: true,
    since: "1.2.25",
    replies: { 200: Type.String() },
  }),
  getDockerRunByScheduledId: get("/v1/docker/runs/schedule/{scheduledId}", {
    id: "get_docker_run_by_scheduled_id",
    summary: "The run of a scheduled run",
    access: "user",
    boundTokens: true,
    since: "1.2.25",
    replies: { 200: DockerRunData },
  }),
  getDockerRunLogsById: get("/v1/docker/runs/{runId}/logs", {
    id: "get_docker_run_logs_by_id",
    summary: "The log of a run",
    access: "user",
    boundTokens: true,
    since: "1.2.25",
    query: Type.Object({ cursor: Type.Optional(Type.Integer({ minimum: 0 })) }),
    replies: { 200: DockerRunLogData },
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
  getDockerRunsScheduledByWorkerId: get("/v1/docker/worker/{workerId}/schedule", {
    id: "get_docker_runs_scheduled_by_worker_id",
    summary: "Scheduled runs a worker may take or has taken",
    access: "user",
    since: "1.2.25",
    query: Type.Object({ state: Type.Optional(DockerRunScheduledState), sessionId }),
    replies: { 200: Type.Array(DockerRunScheduledData) },
  }),
  getDockerWorkerConfigV2ById: get("/v1/docker/worker/config/v2/{configId}", {
    id: "get_docker_worker_config_v2_by_id",
    summary: "One typed run configuration",
    access: "user",
    since: "1.2.25",
    replies: { 200: DockerWorkerConfigV2Data },
  }),
  postDockerWorkerAuthorizationRequest: post("/v1/docker/workerAuthorization", {
    id: "post_docker_worker_authorization_request",
    summary: "Authorise a worker's task by its hash",
    access: "user",
    since: "1.2.25",
    body: DockerWorkerAuthorizationRequest,
    replies: { 200: Type.String() },
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
  getWrittenRunConfigurationById: get("/v1/docker/worker/config/{configId}/written", {
    id: "get_written_run_configuration_by_id",
    summary: "One run configuration, and which of its whole numbers were written as decimals",
    access: "user",
    since: "winnow",
    replies: { 200: WrittenRunConfiguration },
  }),
  reviewRunConfiguration: post("/v1/docker/worker/config/review", {
    id: "review_run_configuration",
    summary: "Check a run configuration without storing it",
    access: "user",
    writes: false,
    boundTokens: true,
    since: "winnow",
    body: DockerWorkerConfigCreateRequest,
    keepsDecimals: true,
    replies: { 200: RunConfigurationReview },
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
  getRunReportPageWriteUrlById: get("/v1/docker/runs/{runId}/reportPageWriteUrl", {
    id: "get_run_report_page_write_url_by_id",
    summary: "A write address for a run's report as a page (HTML)",
    access: "user",
    writes: true,
    boundTokens: true,
    since: "winnow",
    query: OfSession,
    replies: { 200: Type.String() },
  }),
  getRunReportPageReadUrlById: get("/v1/docker/runs/{runId}/reportPageReadUrl", {
    id: "get_run_report_page_read_url_by_id",
    summary: "A read address of a run's report as a page, which a browser opens and which runs nothing",
    access: "user",
    boundTokens: true,
    since: "winnow",
    replies: { 200: Type.String() },
  }),
  getRunPlanWriteUrlById: get("/v1/docker/runs/{runId}/planWriteUrl", {
    id: "get_run_plan_write_url_by_id",
    summary: "A write address for a run's plan: what it is going to upload",
    access: "user",
    writes: true,
    boundTokens: true,
    since: "winnow",
    query: OfSession,
    replies: { 200: Type.String() },
  }),
  getRunPlanReadUrlById: get("/v1/docker/runs/{runId}/planReadUrl", {
    id: "get_run_plan_read_url_by_id",
    summary: "A read address of a run's plan",
    access: "user",
    boundTokens: true,
    since: "winnow",
    replies: { 200: Type.String() },
  }),
});
