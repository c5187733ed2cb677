import { type UseQueryResult, useQueries, useQuery } from "@tanstack/react-query";
import type { JobStatusData, JobsData } from "@winnow/contract";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";

export interface Jobs {
  readonly query: UseQueryResult<readonly JobsData[]>;
  /** The latest first, so many at most. */
  readonly latest: readonly JobsData[];
  /** More about those that run or have failed: others have no more to tell. */
  readonly statusOf: ReadonlyMap<string, JobStatusData>;
}

const askedMax = 40;

export function isUnderWay({ status }: Pick<JobsData, "status">): boolean {
  return status === "WAITING" || status === "RUNNING";
}

/** The user's jobs, looked at again and again while one is under way. */
export function useJobs(shownMax: number): Jobs {
  const query = useQuery({ queryKey: ["jobs"], queryFn: ({ signal }) => call(routes.jobs, { signal }), refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? 2000 : false) });
  const latest = (query.data ?? []).toSorted((a, b) => b.createdAt - a.createdAt).slice(0, shownMax);
  const asked = latest.filter((job) => isUnderWay(job) || job.status === "FAILED").slice(0, askedMax);
  const details = useQueries({ queries: asked.map((job) => ({ queryKey: ["jobs", job.jobId], queryFn: () => call(routes.job, { path: { jobId: job.jobId } }), refetchInterval: isUnderWay(job) ? 1000 : (false as const) })) });
  return { query, latest, statusOf: new Map(details.flatMap(({ data }) => (data ? [[data.id, data] as const] : []))) };
}
