import { useQuery } from "@tanstack/react-query";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";

/** Names of all datasets that the user sees, by id; empty until they are there. */
export function useDatasetNames(): ReadonlyMap<string, string> {
  const datasets = useQuery({ queryKey: ["datasets", "names"], queryFn: async ({ signal }) => (await Promise.all([call(routes.datasets, { query: {}, signal }), call(routes.datasets, { query: { shared: true }, signal })])).flat() });
  return new Map((datasets.data ?? []).map(({ id, name }) => [id, name]));
}
