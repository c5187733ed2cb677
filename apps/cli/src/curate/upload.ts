import { createReadStream, createWriteStream } from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ApiWorkflowClient, domains } from "@winnow/client";
import { Problem } from "../problems.ts";
import type { CollectionState } from "./collection-state.ts";
import { concurrently } from "./concurrently.ts";
import type { Vectors } from "./embed.ts";
import type { Plan, PlannedSample } from "./plan.ts";
import { type Progress, counted } from "../terminal/progress.ts";

const REGISTER_TOGETHER = 500;
const SEND_TOGETHER = 8;

/** A dataset of the user, as far as it is worked with here. */
export interface Target {
  readonly client: ApiWorkflowClient;
  readonly datasetId: string;
  /** Names of the samples that it has, by ordinal. */
  readonly registered: readonly string[];
}

/** Finds the dataset, or makes it. */
export async function openDataset(client: ApiWorkflowClient, name: string, state: CollectionState, signal: AbortSignal): Promise<Target> {
  // Own datasets only: one of the same name that somebody shared is not to be filled up.
  const found = (await client.getDatasets({ signal })).find((dataset) => dataset.name === name);
  const datasetId = found?.id ?? (await client.call(domains.datasets.createDataset, { body: { name, type: "Images" }, signal })).id;
  await client.setDatasetId(datasetId, { signal });
  if (state.datasetId !== datasetId) state.record({ event: "dataset", id: datasetId });
  return { client, datasetId, registered: found === undefined ? [] : await client.getFilenames({ signal }) };
}

/**
 * Brings new and changed images to the server: thumbnail, original and measurements. Samples are registered in order, so
 * that the same folder gives the same ordinals on every machine, and before pictures are sent, so that an interrupted
 * run leaves samples whose pictures are still to come; the journal tells which.
 * @returns names of files that changed or went away meanwhile
 */
export async function sendImages({ client, datasetId, registered }: Target, plan: Plan, folder: string, state: CollectionState, progress: Progress, signal: AbortSignal): Promise<string[]> {
  const waiting = plan.samples.filter(({ fileName, hash }) => !state.isSent(fileName, hash));
  // What is deleted, or broken now, stays on the server as it is.
  const deleted = new Set(plan.deleted);
  const sendable = waiting.filter(({ fileName, hash }) => state.files.get(fileName)?.hash === hash && !deleted.has(fileName));
  if (sendable.length === 0) {
    await coverByTags(client, datasetId, plan.samples.length, signal);
    return [];
  }
  const stage = progress.stage("Uploading to the dataset");
  const fresh = plan.samples.slice(registered.length);
  for (let from = 0; from < fresh.length; from += REGISTER_TOGETHER) {
    const chunk = fresh.slice(from, from + REGISTER_TOGETHER);
    state.record({ event: "registering", samples: chunk.map(({ fileName, hash }) => [fileName, hash]) });
    const samples = chunk.map(({ fileName }) => ({ fileName, ...measured(fileName, state) }));
    await client.call(domains.samples.createSamplesByDatasetId, { path: { datasetId }, body: { samples, skipExisting: true }, signal });
  }
  const names = await client.getFilenames({ signal });
  requireOwn(names, plan.samples);
  const ids = await client.call(domains.mappings.getSampleMappingsByDatasetId, { path: { datasetId }, query: { field: "_id" }, signal });
  const idOf = new Map(names.map((name, ordinal) => [name, ids[ordinal]!]));
  const before = new Set(registered);
  const changed: string[] = [];
  let done = 0;
  await concurrently(
    sendable,
    SEND_TOGETHER,
    async ({ fileName, hash }) => {
      const sent = await sendImage({ client, datasetId, sampleId: idOf.get(fileName)!, update: before.has(fileName) ? measured(fileName, state) : undefined }, join(folder, fileName), hash, signal);
      if (sent) state.record({ event: "sent", fileName, hash });
      else changed.push(fileName);
      stage.update(++done, sendable.length);
    },
    signal,
  );
  await coverByTags(client, datasetId, names.length, signal);
  stage.done(`${counted(sendable.length - changed.length, "image")} with thumbnails`, sendable.length);
  return changed;
}

/** @throws Problem when the dataset has samples that come from elsewhere */
export function requireOwn(names: readonly string[], samples: readonly PlannedSample[]): void {
  const at = names.findIndex((name, ordinal) => samples[ordinal]?.fileName !== name);
  if (at !== -1 || names.length !== samples.length) {
    throw new Problem(`The dataset has samples that were put there otherwise${at === -1 ? "" : ` (${names[at]})`}. Choose another dataset (--name with winnow start, --dataset with winnow curate).`);
  }
}

function measured(fileName: string, state: CollectionState) {
  const { metaData, exif } = state.files.get(fileName)!;
  const stem = fileName.slice(0, Math.max(0, fileName.lastIndexOf(".")));
  return { thumbName: `${stem.slice(0, 240)}_thumb.webp`, metaData: { ...metaData }, exif: { ...exif } };
}

/** @returns false when the file's bytes aren't those that were checked */
async function sendImage(
  { client, datasetId, sampleId, update }: { client: ApiWorkflowClient; datasetId: string; sampleId: string; update: ReturnType<typeof measured> | undefined },
  path: string,
  hash: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { contentHash, thumbnail } = await import("@winnow/media");
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "EACCES") return undefined;
    throw error;
  });
  if (bytes === undefined || (await contentHash(bytes)) !== hash) return false;
  const small = await thumbnail(bytes);
  const urls = await client.call(domains.samples.getSampleImageWriteUrlsById, { path: { datasetId, sampleId }, signal });
  if (update !== undefined) await client.call(domains.samples.updateSampleById, { path: { datasetId, sampleId }, body: update, signal });
  await client.uploadFileWithSignedUrl(small, urls.thumb, { signal });
  await client.uploadFileWithSignedUrl(bytes, urls.full, { signal });
  return true;
}

/** Sees to it that every sample is in a tag without parent: the initial one, or one for those that came later. */
async function coverByTags(client: ApiWorkflowClient, datasetId: string, samples: number, signal: AbortSignal): Promise<void> {
  const tags = await client.getAllTags({ signal });
  const size = tags[0]?.totSize ?? 0;
  if (tags.length === 0) await client.call(domains.tags.createInitialTagByDatasetId, { path: { datasetId }, body: { imgType: "full", creator: "USER_PIP" }, signal });
  else if (size < samples) await client.call(domains.tags.upsizeTagsByDatasetId, { path: { datasetId }, body: { upsizeTagName: `added ${size + 1} to ${samples}`, upsizeTagCreator: "USER_PIP" }, signal });
}

/** An embedding on the server, and whether it has been projected to two dimensions. */
export interface StoredVectors {
  readonly id: string;
  readonly projected: boolean;
}

export async function findVectors({ client, datasetId }: Target, name: string, signal: AbortSignal): Promise<StoredVectors | undefined> {
  const there = (await client.call(domains.embeddings.getEmbeddingsByDatasetId, { path: { datasetId }, signal })).find((embedding) => embedding.name === name);
  return there && { id: there.id, projected: there.is2d === true };
}

/** Uploads the vectors of all samples under a name that says what they are. */
export async function sendVectors({ client, datasetId }: Target, name: string, samples: readonly PlannedSample[], vectors: Vectors, scratch: string, progress: Progress, signal: AbortSignal): Promise<StoredVectors> {
  const { writeEmbeddingsCsv } = await import("@winnow/formats");
  const stage = progress.stage("Uploading the vectors");
  const { data, columns } = await vectors.matrix(samples);
  const rows = samples.map(({ fileName }, i) => ({ fileName, values: data.subarray(i * columns, (i + 1) * columns) }));
  // A file, since its length must be known before it is sent. `uploadEmbeddings` would start projections at once, which
  // the selection would then have to wait for.
  const file = join(scratch, "embeddings.csv");
  await pipeline(Readable.from(writeEmbeddingsCsv(rows, { width: columns })), createWriteStream(file), { signal });
  const { size } = await stat(file);
  const { signedWriteUrl, embeddingId } = await client.call(domains.embeddings.getEmbeddingsCsvWriteUrlById, { path: { datasetId }, query: { name }, signal });
  await client.uploadFileWithSignedUrl({ size, stream: () => createReadStream(file, { highWaterMark: 1 << 20 }) }, signedWriteUrl, { signal });
  await rm(file, { force: true });
  stage.done(counted(samples.length, "vector"));
  return { id: embeddingId, projected: false };
}
