/** Files of a run: artifacts, reports, the plan. */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, post, put } from "../model.ts";
import { Id } from "../values.ts";
import { OfSession } from "./session.ts";

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

export const runFiles = domain({
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
  getDockerRunArtifactReadUrlById: get("/v1/docker/runs/{runId}/artifacts/{artifactId}/readurl", {
    id: "get_docker_run_artifact_read_url_by_id",
    summary: "A read address of an artifact",
    access: "user",
    boundTokens: true,
    since: "1.2.25",
    replies: { 200: Type.String() },
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
