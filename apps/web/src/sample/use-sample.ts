import { useQuery } from "@tanstack/react-query";
import type { PredictionSingleton } from "@winnow/contract";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";

/** Everything about a sample, and the address of its file. */
export function useSample(datasetId: string, ordinal: number) {
  const card = useQuery({ queryKey: ["dataset", datasetId, "card", ordinal], queryFn: async ({ signal }) => (await call(routes.cards, { path: { datasetId }, body: { ordinals: [ordinal] }, signal }))[0] ?? null });
  const sampleId = card.data?.id;
  const enabled = sampleId !== undefined;
  const path = { datasetId, sampleId: sampleId ?? "" };
  const sample = useQuery({ queryKey: ["dataset", datasetId, "sample", sampleId], queryFn: ({ signal }) => call(routes.sample, { path, signal }), enabled });
  // Signed addresses work for a day; a failing one is asked for anew by opening the sample again.
  const address = useQuery({ queryKey: ["sampleUrl", datasetId, sampleId], queryFn: ({ signal }) => call(routes.sampleUrl, { path, query: { type: "full" }, signal }), enabled, staleTime: 3_600_000, retry: false });
  const predictions = usePredictions(datasetId, sampleId);
  return { card, sample, address, predictions };
}

export interface Prediction {
  readonly singleton: PredictionSingleton;
  readonly name: string;
}

/** What was predicted last of a sample, with the names of its classes. */
function usePredictions(datasetId: string, sampleId: string | undefined) {
  const versions = useQuery({ queryKey: ["dataset", datasetId, "predictionVersions"], queryFn: ({ signal }) => call(routes.predictionVersions, { path: { datasetId }, signal }) });
  const timestamp = versions.data?.[0]?.predictionUUIDTimestamp;
  return useQuery({
    queryKey: ["dataset", datasetId, "predictions", timestamp, sampleId],
    queryFn: async ({ signal }): Promise<Prediction[]> => {
      const query = { predictionUUIDTimestamp: timestamp! };
      const [tasks, singletons] = await Promise.all([call(routes.predictionTasks, { path: { datasetId }, query, signal }), call(routes.predictions, { path: { datasetId, sampleId: sampleId! }, query, signal })]);
      const names = new Map(tasks.map(({ name, categories }) => [name, new Map(categories.map(({ id, name: category }) => [id, category]))]));
      return singletons.map((singleton) => ({ singleton, name: names.get(singleton.taskName)?.get(singleton.categoryId) ?? `category ${singleton.categoryId}` }));
    },
    enabled: timestamp !== undefined && sampleId !== undefined,
    retry: false,
  });
}
