/** What workers of other makers ask for before they begin, and what they report. */
import { Type, type Static } from "typebox";
import { domain, get, post } from "../model.ts";
import { SamplingConfig, SamplingMethod } from "../selection.ts";
import { Timestamp } from "../values.ts";

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

export const workerAuthorization = domain({
  getDockerLicenseInformation: get("/v1/docker/licenseInformation", {
    id: "get_docker_license_information",
    summary: "Licence of the worker",
    access: "user",
    boundTokens: true,
    replies: { 200: DockerLicenseInformation },
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
  postDockerWorkerAuthorizationRequest: post("/v1/docker/workerAuthorization", {
    id: "post_docker_worker_authorization_request",
    summary: "Authorise a worker's task by its hash",
    access: "user",
    since: "1.2.25",
    body: DockerWorkerAuthorizationRequest,
    replies: { 200: Type.String() },
  }),
});
