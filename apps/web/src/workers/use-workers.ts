import { useQuery } from "@tanstack/react-query";
import type { WorkerStatus } from "@winnow/contract";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";

/** The user's workers. Asked for again now and then: silence is no event. */
export function useWorkers() {
  return useQuery({ queryKey: ["docker", "workers"], queryFn: ({ signal }) => call(routes.workers, { signal }), refetchInterval: 15_000 });
}

/** How many workers could take a run. */
export function onlineCount(workers: readonly WorkerStatus[] | undefined): number | undefined {
  return workers?.filter(({ state }) => state === "IDLE" || state === "BUSY").length;
}
