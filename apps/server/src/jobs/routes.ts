import type { JobResultType, JobState, JobStatusData, domains } from "@winnow/contract";
import type { User } from "../accounts/user.ts";
import type { Handlers } from "../app/call.ts";
import { DomainError } from "../app/errors.ts";
import type { JobTable } from "../db/schema.ts";
import { cancel, findJob, listJobs } from "./queue.ts";

export const jobs: Handlers<typeof domains.jobs> = {
  getJobStatusById: async ({ context, user, path }) => {
    const job = await findJob(context.db, user.id, path.jobId);
    if (!job || !isWithinBounds(user, job)) throw new DomainError("JOB_UNKNOWN", `There is no job ${path.jobId.slice(0, 64)}.`);
    return jobStatus(job);
  },
  getJobs: async ({ context, user }) =>
    (await listJobs(context.db, user.id)).filter((job) => isWithinBounds(user, job)).map((job) => ({
      id: job.id,
      jobId: job.id,
      jobType: typeOf(job),
      ...(job.dataset_id === null ? {} : { datasetId: job.dataset_id }),
      status: shownState(job),
      ...(job.finished_at === null ? {} : { finishedAt: Number(job.finished_at) }),
      createdAt: Number(job.created_at),
    })),
  cancelJobById: async ({ context, user, path }) => {
    const job = await findJob(context.db, user.id, path.jobId);
    if (job && !isWithinBounds(user, job)) throw new DomainError("JOB_UNKNOWN", `There is no job ${path.jobId.slice(0, 64)}.`);
    await cancel(context.db, user.id, path.jobId);
  },
};

/** Of a token that is bound to datasets: whether the job is about one of them. */
function isWithinBounds({ bounds }: User, { dataset_id }: JobTable): boolean {
  return bounds?.datasetIds === undefined || (dataset_id !== null && bounds.datasetIds.includes(dataset_id));
}

/** One that waits for its parts is at work. */
function shownState({ status, waits_for }: JobTable): JobState {
  return status === "WAITING" && waits_for > 0 ? "RUNNING" : (status as JobState);
}

/** The protocol has no name of its own for an analysis. */
function typeOf({ type }: JobTable): JobResultType {
  return type === "ANALYSIS" ? "DATASET_PROCESSING" : (type as JobResultType);
}

function jobStatus(job: JobTable): JobStatusData {
  return {
    id: job.id,
    ...(job.dataset_id === null ? {} : { datasetId: job.dataset_id }),
    status: shownState(job),
    meta: { total: job.total, processed: job.processed },
    waitTimeTillNextPoll: secondsTillNextPoll(Date.now() - Number(job.created_at)),
    createdAt: Number(job.created_at),
    lastModifiedAt: Number(job.last_modified_at),
    ...(job.finished_at === null ? {} : { finishedAt: Number(job.finished_at) }),
    // Of a finished job it is what there is to say about the result.
    ...(job.error === null ? {} : { error: job.error }),
    ...(job.result === null ? {} : { result: { type: typeOf(job), data: JSON.parse(job.result) as unknown } }),
  };
}

/** Whole seconds, never 0: a client that reads 0 asks without a pause. */
function secondsTillNextPoll(ageMs: number): number {
  return ageMs < 20_000 ? 1 : ageMs < 120_000 ? 2 : 5;
}
