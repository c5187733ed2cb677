import { createReadStream, createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { ApiError, type ApiWorkflowClient, domains } from "@winnow/client";
import type { SampleCreateRequest } from "@winnow/contract";
import { csvRecords, embeddingsColumns, firstField, splitRecord, writeEmbeddingsCsv } from "@winnow/formats";
import { examineImage } from "@winnow/media";
import { thumbnailPath } from "@winnow/storage";
import { type SourceFiles, WriteRefused } from "../files/source-files.ts";
import { type RunContext, RunFailure } from "../run/context.ts";
import type { PlannedUpload } from "../run/plan-file.ts";
import type { Item } from "../stages/item.ts";
import { downloadEmbedding } from "../stages/pool.ts";
import { thumbnailFor } from "./thumbnail-for.ts";

export interface UploadOptions {
  readonly context: RunContext;
  readonly files: SourceFiles;
  /** Gives the bytes of an item's picture; frames and crops are cut out anew. */
  readonly pictures: (items: readonly Item[]) => AsyncGenerator<{ readonly item: Item; readonly bytes: Uint8Array } | { readonly item: Item; readonly problem: string }, void, undefined>;
  readonly metadata: (items: readonly Item[]) => Promise<ReadonlyMap<string, Record<string, unknown>>>;
  /** Dataset that the picks go to. */
  readonly datasetId: string;
  /** Sample ids of what crops were cut out of. */
  readonly parentIds?: ReadonlyMap<string, string>;
  readonly predictionVersion: number | null;
  readonly tagName: string;
  readonly dimensions: number;
  /** A row per pick, then one per completed sample. */
  readonly vectors: Float32Array;
  readonly onNotice: (notice: string) => void;
}

/** Pictures that are made small and written side by side. */
const AT_A_TIME = 4;
/** Samples registered in one request. */
const SAMPLES_AT_ONCE = 200;

/**
 * Adds what the plan says to the dataset. All of it can be done again: names decide what is there, files have fixed places.
 * @returns how many samples are in the dataset by it
 */
export async function uploadPicks(options: UploadOptions, upload: PlannedUpload): Promise<number> {
  const { context, datasetId } = options;
  const { client, signal } = context;
  const thumbnails = new Thumbnails(options, await thumbSuffixOf(context));
  const began = performance.now();
  let uploaded = 0;
  let waiting: { readonly item: Item; readonly sample: SampleCreateRequest }[] = [];
  const register = async () => {
    if (waiting.length === 0) return;
    const metadata = await options.metadata(waiting.map(({ item }) => item));
    const samples = waiting.map(({ item, sample }) => {
      const custom = metadata.get(item.crop?.parent ?? item.fileName);
      return custom === undefined ? sample : { ...sample, customMetaData: custom };
    });
    await client.call(domains.samples.createSamplesByDatasetId, { path: { datasetId }, body: { samples, skipExisting: true }, signal });
    uploaded += samples.length;
    waiting = [];
    context.progress("uploading", uploaded, upload.picks.length, { uploaded: (1000 * uploaded) / Math.max(1, performance.now() - began) });
  };
  for await (const one of inOrder(options.pictures(upload.picks), AT_A_TIME, async (picture) => ({ item: picture.item, sample: await sampleOf(picture, thumbnails, options) }))) {
    signal.throwIfAborted();
    waiting.push(one);
    if (waiting.length >= SAMPLES_AT_ONCE) await register();
  }
  await register();
  // Without anything new the dataset keeps the tags and embeddings that it has.
  if (upload.picks.length === 0) return 0;
  await tagPicks(client, datasetId, options.tagName, context);
  await uploadEmbedding(options, upload);
  return uploaded;
}

async function sampleOf(
  picture: { readonly item: Item; readonly bytes: Uint8Array } | { readonly item: Item; readonly problem: string },
  thumbnails: Thumbnails,
  { files, parentIds, predictionVersion, onNotice }: UploadOptions,
): Promise<SampleCreateRequest> {
  const { item } = picture;
  const { fileName, frame, crop } = item;
  const base: SampleCreateRequest = {
    fileName,
    ...(frame === undefined ? {} : { videoFrameData: { sourceVideo: frame.video, sourceVideoFrameIndex: frame.index, sourceVideoFrameTimestamp: frame.pts } }),
    ...(crop === undefined || parentIds?.get(crop.parent) === undefined
      ? {}
      : {
          cropData: {
            parentId: parentIds.get(crop.parent)!,
            predictionUUIDTimestamp: predictionVersion ?? 0,
            predictionIndex: crop.index,
            predictionTaskName: crop.task,
            predictionTaskCategoryId: crop.categoryId,
            predictionTaskScore: crop.score,
          },
        }),
  };
  if ("problem" in picture) {
    onNotice(`${fileName} was selected, but could not be read again: ${picture.problem}.`);
    return base;
  }
  const { bytes } = picture;
  const { exif, metaData, corrupted } = await examineImage(bytes);
  const folder = crop === undefined ? (frame === undefined ? undefined : ".lightly/frames/") : ".lightly/crops/";
  if (folder !== undefined) await required(fileName, () => files.write(`${folder}${fileName}`, bytes));
  const thumbName = corrupted ? undefined : await thumbnails.write(fileName, bytes);
  return { ...base, ...(thumbName === undefined ? {} : { thumbName }), ...(Object.keys(exif).length === 0 ? {} : { exif }), metaData: { ...metaData } };
}

/** Results in the order of what they are made from, some of them under way at a time. */
async function* inOrder<From, To>(source: AsyncIterable<From>, atATime: number, make: (from: From) => Promise<To>): AsyncGenerator<To, void, undefined> {
  const underWay: Promise<To>[] = [];
  for await (const one of source) {
    const made = make(one);
    made.catch(() => undefined); // awaited in its turn
    underWay.push(made);
    if (underWay.length >= atATime) yield await underWay.shift()!;
  }
  for (const made of underWay) yield await made;
}

/** A frame or crop is nowhere else, so that a datasource which takes no files can't be used for them. */
async function required(fileName: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof WriteRefused) throw new RunFailure(`${fileName} can't be stored, because the datasource takes no files: ${error.message}. Give it the right to write, or connect a second datasource with the purpose LIGHTLY, and schedule the run again.`);
    throw error;
  }
}

/** Writes thumbnails where the datasource's template says, until it refuses one: then full images stand in for all. */
class Thumbnails {
  readonly #options: UploadOptions;
  #template: string | null;

  constructor(options: UploadOptions, template: string | null) {
    this.#options = options;
    this.#template = template;
  }

  /** @returns the thumbnail's path, if there is one */
  async write(fileName: string, image: Uint8Array): Promise<string | undefined> {
    const path = thumbnailPath(this.#template, fileName);
    if (path === undefined) return undefined;
    try {
      await this.#options.files.write(path, await thumbnailFor(path, image));
    } catch (error) {
      if (!(error instanceof WriteRefused)) throw error;
      this.#options.onNotice(`The datasource takes no thumbnails (${error.message}): full images are shown instead.`);
      this.#template = null;
      return undefined;
    }
    return path.length <= 255 ? path : undefined;
  }
}

/** The template of the datasource that the platform writes to. */
async function thumbSuffixOf({ client, datasetId, signal }: RunContext): Promise<string | null> {
  const sources = await client.call(domains.datasources.getDatasourcesByDatasetId, { path: { datasetId }, signal });
  const output = sources.find(({ purpose }) => purpose === "LIGHTLY") ?? sources.find(({ purpose }) => purpose === "INPUT_OUTPUT");
  // Nothing said: the protocol's template. Nowhere to write to: none.
  return output === undefined ? null : output.thumbSuffix === undefined ? ".lightly/thumbnails/[filename]_thumb.[extension]" : output.thumbSuffix;
}

/** The initial tag of a dataset that has none; else a tag of what is in no tag of its own yet. */
async function tagPicks(client: ApiWorkflowClient, datasetId: string, tagName: string, { runId, signal }: RunContext): Promise<void> {
  const tags = await client.call(domains.tags.getTagsByDatasetId, { path: { datasetId }, signal });
  try {
    if (!tags.some(({ name }) => name === "initial-tag")) {
      await client.call(domains.tags.createInitialTagByDatasetId, { path: { datasetId }, body: { imgType: "full", creator: "USER_PIP", runId }, signal });
    } else if (!tags.some(({ name, runId: maker }) => name === tagName || maker === runId)) {
      await client.call(domains.tags.upsizeTagsByDatasetId, { path: { datasetId }, body: { upsizeTagName: tagName, upsizeTagCreator: "USER_PIP", runId }, signal });
    }
  } catch (error) {
    // An answer that got lost: the tag is there.
    if (!(error instanceof ApiError) || (error.code !== "TAG_INITIAL_EXISTS" && error.code !== "TAG_NAME_EXISTS")) throw error;
  }
}

/** Continues the dataset's embedding with the vectors of the plan, and asks for its maps. */
async function uploadEmbedding(options: UploadOptions, upload: PlannedUpload): Promise<void> {
  const { context, datasetId } = options;
  const { client, signal, folder } = context;
  const names = await client.call(domains.mappings.getSampleMappingsByDatasetId, { path: { datasetId }, query: { field: "fileName" }, signal });
  if (names.length === 0) return;
  const there = await client.call(domains.embeddings.getEmbeddingsByDatasetId, { path: { datasetId }, signal });
  let id = there.find(({ name }) => name === upload.embedding.name)?.id;
  if (id === undefined) {
    const path = join(folder, "embedding.csv");
    await writeMerged(options, path, names, upload);
    for (let attempt = 1; ; attempt++) {
      const { signedWriteUrl, embeddingId } = await client.call(domains.embeddings.getEmbeddingsCsvWriteUrlById, { path: { datasetId }, query: { name: upload.embedding.name }, signal });
      try {
        const { size } = await stat(path);
        await client.uploadFileWithSignedUrl({ stream: () => createReadStream(path), size }, signedWriteUrl, { signal });
        id = embeddingId;
        break;
      } catch (error) {
        signal.throwIfAborted();
        if (attempt >= 8 || (error instanceof ApiError && error.status < 500)) throw error;
        await wait(500 * 2 ** attempt, undefined, { signal });
      }
    }
    await rm(path, { force: true });
  }
  for (const dimensionalityReductionMethod of ["PCA", "TSNE", "UMAP"] as const) {
    await client.call(domains.embeddings.trigger2dEmbeddingsJob, { path: { datasetId, embeddingId: id }, body: { dimensionalityReductionMethod }, signal });
  }
}

/** The rows that the dataset's embedding has, and behind them those of the plan. Samples that came from elsewhere meanwhile get zeros. */
async function writeMerged({ context, datasetId, dimensions, vectors }: UploadOptions, path: string, names: readonly string[], { picks, completed, embedding }: PlannedUpload): Promise<void> {
  const before = join(context.folder, "embedding-before.csv");
  if (embedding.before !== null) await downloadEmbedding(context, datasetId, embedding.before, before);
  const left = new Set(names);
  const planned = [...picks.map(({ fileName }) => fileName), ...completed];
  async function* rows(): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.from(`${embeddingsColumns(dimensions).join(",")}\n`);
    if (embedding.before !== null) yield* rowsBefore(before, dimensions, left);
    yield* withoutHeader(
      writeEmbeddingsCsv(
        (function* () {
          for (const [i, fileName] of planned.entries()) if (left.delete(fileName)) yield { fileName, values: vectors.subarray(i * dimensions, (i + 1) * dimensions) };
          const nothing = new Float32Array(dimensions);
          for (const fileName of left) yield { fileName, values: nothing };
        })(),
        { width: dimensions },
      ),
    );
  }
  await pipeline(Readable.from(rows()), createWriteStream(path));
  await rm(before, { force: true });
}

/** Rows of the embedding before, each taken off the names that are left; lines as they are where columns are the usual ones. */
async function* rowsBefore(path: string, dimensions: number, left: Set<string>): AsyncGenerator<Uint8Array, void, undefined> {
  const usual = embeddingsColumns(dimensions);
  let taken: number[] | undefined;
  let first = true;
  for await (const block of csvRecords(createReadStream(path))) {
    const lines: Uint8Array[] = [];
    for (let i = 0; i < block.count; i++) {
      if (first) {
        const columns = splitRecord(block, i);
        if (columns.join() !== usual.join()) taken = usual.map((column) => columns.indexOf(column));
        first = false;
        continue;
      }
      if (block.end[i]! === block.start[i]! || !left.delete(firstField(block, i))) continue;
      if (taken === undefined) lines.push(block.bytes.subarray(block.start[i]!, block.end[i]!));
      else {
        const fields = splitRecord(block, i);
        lines.push(Buffer.from(taken.map((at) => fields[at] ?? "0").map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",")));
      }
      lines.push(Buffer.from("\n"));
    }
    yield Buffer.concat(lines);
  }
}

async function* withoutHeader(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let first = true;
  for await (const chunk of chunks) {
    if (first) yield chunk.subarray(chunk.indexOf(10) + 1);
    else yield chunk;
    first = false;
  }
}
