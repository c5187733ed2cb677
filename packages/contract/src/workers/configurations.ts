/** Configurations of runs. */
import { Type, type Static } from "typebox";
import { Nullable, domain, get, post, put } from "../model.ts";
import { CreateEntityResponse, Creator, Id, Timestamp } from "../values.ts";
import { DockerWorkerType } from "./registry.ts";

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

export const runConfigurations = domain({
  createDockerWorkerConfig: post("/v1/docker/worker/config", {
    id: "create_docker_worker_config",
    summary: "Create a run configuration",
    access: "user",
    boundTokens: true,
    body: DockerWorkerConfigCreateRequest,
    keepsDecimals: true,
    replies: { 201: CreateEntityResponse },
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
  updateDockerWorkerConfigById: put("/v1/docker/worker/config/{configId}", {
    id: "update_docker_worker_config_by_id",
    summary: "Change a run configuration",
    access: "user",
    body: DockerWorkerConfigCreateRequest,
    keepsDecimals: true,
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
  getDockerWorkerConfigV2ById: get("/v1/docker/worker/config/v2/{configId}", {
    id: "get_docker_worker_config_v2_by_id",
    summary: "One typed run configuration",
    access: "user",
    since: "1.2.25",
    replies: { 200: DockerWorkerConfigV2Data },
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
});
