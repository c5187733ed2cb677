import { useQueries, useQuery } from "@tanstack/react-query";
import type { ColumnData, ColumnsData } from "@winnow/contract";
import { bytes, call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { type Column, decodeColumn } from "./column.ts";

/** Which columns a dataset has; loaded again when the dataset changes. */
export function useColumns(datasetId: string) {
  return useQuery({ queryKey: ["dataset", datasetId, "columns"], queryFn: ({ signal }) => call(routes.columns, { path: { datasetId }, signal }) });
}

/** The values of some columns, by name; those still on their way are absent. Kept as long as the page lives: they are large, and don't change under one version. */
export function useColumnValues(datasetId: string, catalogue: ColumnsData | undefined, names: readonly string[]): ReadonlyMap<string, Column> {
  const known = new Map(catalogue?.columns.map((column) => [column.name, column]));
  const wanted = [...new Set(names)].flatMap((name) => known.get(name) ?? []);
  return useQueries({
    queries: wanted.map((column) => valuesQuery(datasetId, catalogue as ColumnsData, column)),
    combine: (results) => new Map(results.flatMap(({ data }, i) => (data ? [[(wanted[i] as ColumnData).name, data] as const] : []))),
  });
}

function valuesQuery(datasetId: string, { version, nSamples }: ColumnsData, { name, kind, version: own }: ColumnData) {
  return {
    queryKey: ["columnValues", datasetId, name, own ?? version, nSamples],
    queryFn: async ({ signal }: { signal: AbortSignal }) => decodeColumn(kind, await bytes(routes.columnValues, { path: { datasetId }, query: { name, version: own === undefined ? version : `${own}-${nSamples}` }, signal }), nSamples),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10 * 60_000,
    structuralSharing: false,
  };
}
