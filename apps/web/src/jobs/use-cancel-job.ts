import { useQueryClient } from "@tanstack/react-query";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { failed, said } from "../states/said.ts";

/** Ends a job, and says whether that worked. */
export function useCancelJob(): (jobId: string) => Promise<void> {
  const queries = useQueryClient();
  return async (jobId) => {
    try {
      await call(routes.cancelJob, { path: { jobId } });
      said("The job was cancelled.");
      await queries.invalidateQueries({ queryKey: ["jobs"] });
    } catch (error) {
      failed("The job goes on", error);
    }
  };
}
