import { useQuery } from "@tanstack/react-query";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";

/** The dataset of a page; loaded again when something about it changes. */
export function useDataset(datasetId: string) {
  return useQuery({ queryKey: ["dataset", datasetId, "facts"], queryFn: ({ signal }) => call(routes.dataset, { path: { datasetId }, signal }) });
}
