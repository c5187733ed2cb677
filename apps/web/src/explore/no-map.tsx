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
  const job = jobs.data?.find(({ datasetId: id, jobType }) => id === datasetId && jobType === "EMBEDDINGS2D");
  const running = job !== undefined && (job.status === "RUNNING" || job.status === "WAITING");
  const details = useQuery({ queryKey: ["jobs", job?.jobId], queryFn: () => call(routes.job, { path: { jobId: job!.jobId } }), enabled: running, refetchInterval: 700 });
  useEffect(() => {
    if (job?.status === "FINISHED") void queries.invalidateQueries({ queryKey: ["dataset", datasetId, "columns"] });
  }, [job?.status, datasetId, queries]);
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
      <NothingHere order={2} title="The map is being made" text="Everything else works meanwhile.">
        <Progress w={220} value={total > 0 ? (100 * processed) / total : 100} striped={total === 0} animated={total === 0} aria-label="The map is being made" />
      </NothingHere>
    );
  }
  if (embeddings.data && !embedding) return <NothingHere order={2} title="No map yet" text="A map shows samples by what they look like, which takes an embedding: a list of numbers for each sample. A run of a compute worker makes one, winnow start does, and clients can upload their own." />;
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
