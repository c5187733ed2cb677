/** What a run logs. */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, put } from "../model.ts";
import { DockerRunState } from "./runs.ts";
import { OfSession } from "./session.ts";

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

export const runLogs = domain({
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
  getDockerRunLogsById: get("/v1/docker/runs/{runId}/logs", {
    id: "get_docker_run_logs_by_id",
    summary: "The log of a run",
    access: "user",
    boundTokens: true,
    since: "1.2.25",
    query: Type.Object({ cursor: Type.Optional(Type.Integer({ minimum: 0 })) }),
    replies: { 200: DockerRunLogData },
  }),
});
