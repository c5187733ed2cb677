import { useQuery } from "@tanstack/react-query";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";

/** The datasources of a dataset: none, one, or one to read and one to write. */
export function useDatasources(datasetId: string) {
  return useQuery({ queryKey: ["dataset", datasetId, "datasources"], queryFn: ({ signal }) => call(routes.datasources, { path: { datasetId }, signal }) });
}
