/** Jobs: long work in the background. */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, post } from "./model.ts";
import { Id, Timestamp } from "./values.ts";

export const GeneralJobResult = Type.Unknown();
export type GeneralJobResult = Static<typeof GeneralJobResult>;

export const JobResultType = Enumeration(["DATASET_PROCESSING", "IMAGEMETA", "EMBEDDING", "EMBEDDINGS2D", "SAMPLING"]);
export type JobResultType = Static<typeof JobResultType>;

export const JobState = Enumeration(["UNKNOWN", "WAITING", "RUNNING", "FAILED", "FINISHED"]);
export type JobState = Static<typeof JobState>;

export const JobStatusDataResult = Type.Object({
  type: JobResultType,
  data: Type.Optional(GeneralJobResult),
});
export type JobStatusDataResult = Static<typeof JobStatusDataResult>;

export const JobStatusUploadMethod = Enumeration(["USER_WEBAPP", "USER_PIP", "INTERNAL"]);
export type JobStatusUploadMethod = Static<typeof JobStatusUploadMethod>;

export const JobStatusMeta = Type.Object({
  total: Type.Integer(),
  processed: Type.Integer(),
  uploadMethod: Type.Optional(Nullable(JobStatusUploadMethod)),
  isRegistered: Type.Optional(Nullable(Type.Boolean())),
});
export type JobStatusMeta = Static<typeof JobStatusMeta>;

export const JobStatusData = Type.Object({
  id: Id,
  datasetId: Type.Optional(Id),
  status: JobState,
  meta: Type.Optional(JobStatusMeta),
  waitTimeTillNextPoll: Type.Integer(),
  createdAt: Timestamp,
  lastModifiedAt: Type.Optional(Timestamp),
  finishedAt: Type.Optional(Timestamp),
  error: Type.Optional(Type.String()),
  result: Type.Optional(JobStatusDataResult),
});
export type JobStatusData = Static<typeof JobStatusData>;

export const JobsData = Type.Object({
  id: Id,
  jobId: Type.String(),
  jobType: JobResultType,
  datasetId: Type.Optional(Id),
  status: JobState,
  finishedAt: Type.Optional(Timestamp),
  createdAt: Timestamp,
});
export type JobsData = Static<typeof JobsData>;

export const jobs = domain({
  getJobStatusById: get("/v1/jobs/{jobId}", {
    id: "get_job_status_by_id",
    summary: "How a job is doing",
    access: "user",
    boundTokens: true,
    replies: { 200: JobStatusData },
  }),
  getJobs: get("/v1/jobs", {
    id: "get_jobs",
    summary: "The user's jobs, newest first",
    access: "user",
    boundTokens: true,
    replies: { 200: Type.Array(JobsData) },
  }),
  cancelJobById: post("/v1/jobs/{jobId}/cancel", {
    id: "cancel_job_by_id",
    summary: "Cancel a job that is waiting or running",
    access: "user",
    boundTokens: true,
    since: "winnow",
    replies: { 204: Type.Null() },
  }),
});
