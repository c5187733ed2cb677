import { Button, Group, Progress, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { NothingHere } from "../states/nothing-here.tsx";
import { failed } from "../states/said.ts";
import { newest } from "./one-click-views.tsx";

const methods = ["UMAP", "PCA", "TSNE"] as const;

/** Where the map would be: how to get one. */
export function NoMap({ datasetId }: { readonly datasetId: string }) {
  const queries = useQueryClient();
  const embeddings = useQuery({ queryKey: ["dataset", datasetId, "embeddings"], queryFn: ({ signal }) => call(routes.embeddings, { path: { datasetId }, signal }) });
  const embedding = newest(embeddings.data);
  const [asked, setAsked] = useState(false);
  const jobs = useQuery({ queryKey: ["jobs"], queryFn: ({ signal }) => call(routes.jobs, { signal }), refetchInterval: asked ? 1000 : false });
  const ofKind = (wanted: string) => jobs.data?.find(({ datasetId: id, jobType }) => id === datasetId && jobType === wanted);
  const embedJob = ofKind("EMBEDDING");
  const mapJob = ofKind("EMBEDDINGS2D");
  const embedDetails = useQuery({ queryKey: ["jobs", embedJob?.jobId], queryFn: () => call(routes.job, { path: { jobId: embedJob!.jobId } }), enabled: embedJob?.status === "FAILED" });
  const isRunning = (one: typeof mapJob) => one?.status === "RUNNING" || one?.status === "WAITING";
  const embeddingNow = isRunning(embedJob);
  const job = embeddingNow ? embedJob : mapJob;
  const running = isRunning(job);
  const details = useQuery({ queryKey: ["jobs", job?.jobId], queryFn: () => call(routes.job, { path: { jobId: job!.jobId } }), enabled: running, refetchInterval: 700 });
  useEffect(() => {
    if (mapJob?.status === "FINISHED") void queries.invalidateQueries({ queryKey: ["dataset", datasetId, "columns"] });
    if (embedJob?.status === "FINISHED") void queries.invalidateQueries({ queryKey: ["dataset", datasetId, "embeddings"] });
  }, [mapJob?.status, embedJob?.status, datasetId, queries]);
  const make = async (dimensionalityReductionMethod: (typeof methods)[number]) => {
    setAsked(true);
    try {
      await call(routes.project, { path: { datasetId, embeddingId: embedding!.id }, body: { dimensionalityReductionMethod } });
      await queries.invalidateQueries({ queryKey: ["jobs"] });
    } catch (error) {
      failed("The map could not be started", error);
    }
  };
  if (running) {
    const { processed = 0, total = 0 } = details.data?.meta ?? {};
    return (
      <NothingHere order={2} title={embeddingNow ? "The images are being embedded" : "The map is being made"} text="Everything else works meanwhile.">
        <Progress w={220} value={total > 0 ? (100 * processed) / total : 100} striped={total === 0} animated={total === 0} aria-label={embeddingNow ? "The images are being embedded" : "The map is being made"} />
      </NothingHere>
    );
  }
  const embed = async () => {
    setAsked(true);
    try {
      await call(routes.embed, { path: { datasetId } });
      await queries.invalidateQueries({ queryKey: ["jobs"] });
    } catch (error) {
      failed("Embedding could not be started", error);
    }
  };
  if (embeddings.data && !embedding)
    return (
      <NothingHere order={2} title="Not embedded yet" text="A map, “more like this”, near-duplicates, outliers and selections by diversity rest on an embedding: a list of numbers that says what an image looks like. The server can make one of uploaded images with its built-in encoder, some ten images a second for each core; your own embeddings can be uploaded with a client.">
        <Button onClick={() => void embed()}>Embed the images</Button>
        {embedding === undefined && embedJob?.status === "FAILED" && (
          <Text size="sm" c="red" role="alert">
            {embedDetails.data?.error ?? "The last attempt failed."}
          </Text>
        )}
      </NothingHere>
    );
  if (!embedding) return null;
  return (
    <NothingHere order={2} title="No map yet" text="A map puts samples that look alike next to each other. UMAP keeps neighbourhoods, PCA is the quickest, t-SNE pulls clusters apart.">
      <Group justify="center">
        {methods.map((method) => (
          <Button key={method} variant={method === "UMAP" ? "filled" : "default"} onClick={() => void make(method)}>
            {method === "TSNE" ? "t-SNE" : method}
          </Button>
        ))}
      </Group>
      {job?.status === "FAILED" && (
        <Text size="sm" c="red" role="alert">
          The last one failed. The list of jobs says more.
        </Text>
      )}
    </NothingHere>
  );
}
