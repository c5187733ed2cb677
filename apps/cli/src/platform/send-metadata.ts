import { type ApiWorkflowClient, type CustomMetadata, domains } from "@winnow/client";
import { type Progress, counted } from "../terminal/progress.ts";
import type { ReadMetadata } from "./metadata-file.ts";

/** Stores custom metadata with the samples of the client's dataset. */
export async function sendMetadata(client: ApiWorkflowClient, metadata: CustomMetadata, progress: Progress, signal: AbortSignal): Promise<number> {
  const stage = progress.stage("Storing metadata");
  let stored = 0;
  await client.uploadCustomMetadata(metadata, {
    onProgress: ({ done, total }) => {
      stored = done;
      stage.update(done, total, "rows");
    },
    signal,
  });
  stage.done(counted(stored, "row"));
  return stored;
}

/** Tells the web app which metadata there is, unless somebody has told it already. @returns whether it was told now */
export async function describeMetadata(client: ApiWorkflowClient, entries: NonNullable<ReadMetadata["entries"]>, signal: AbortSignal): Promise<boolean> {
  if (entries.length === 0) return false;
  const known = await client.call(domains.metadata.getMetaDataConfigurations, { path: { datasetId: await client.datasetId }, signal });
  const there = new Set(known.flatMap(({ configs }) => configs.map(({ path }) => path)));
  if (entries.every(({ path }) => there.has(path))) return false;
  await client.createCustomMetadataConfig("Imported", entries, { signal });
  return true;
}
