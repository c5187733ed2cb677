import { useQuery } from "@tanstack/react-query";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";

/** The tags of a dataset; loaded again when something about it changes. */
export function useTags(datasetId: string) {
  return useQuery({ queryKey: ["dataset", datasetId, "tags"], queryFn: ({ signal }) => call(routes.tags, { path: { datasetId }, signal }) });
}
