import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type ImageType, type SampleCreateRequest, domains } from "@winnow/contract";
import { type ImageExamination, examineImage } from "@winnow/media";
import { forEachConcurrently } from "../concurrency.ts";
import type { Progress } from "../connection.ts";
import type { CustomMetadata, MetadataRow } from "../custom-metadata.ts";
import { ApiError, ConnectionError, ValueError, WinnowWarning } from "../errors.ts";
import { patiently } from "../patience.ts";
import type { CallOptions, Upload } from "../transport.ts";
import type { UploadContext } from "./context.ts";
import { timeStamp } from "./time-stamp.ts";
import { type Names, type UploadFile, type UploadInput, filesOf } from "./upload-input.ts";

export type { UploadFile, UploadInput } from "./upload-input.ts";

export interface UploadOptions extends CallOptions {
  /** Images uploaded at a time; default 8. */
  readonly maxWorkers?: number;
  /** `thumbnails` (default): thumbnail and what is measured; `full`: the image file as well; `metadata`: no picture. */
  readonly mode?: "thumbnails" | "full" | "metadata";
  /** Custom metadata, stored with the images that it has rows for. */
  readonly customMetadata?: CustomMetadata;
  /** Called after each file; `total` is undefined for an iterable of unknown length. */
  readonly onProgress?: (progress: Progress) => void;
  /** For paths in a list: the folder that names are relative to. Default: the paths as they are given. */
  readonly root?: string;
  /** Number of files in an iterable that isn't a list, for the announcement to the server and for progress. */
  readonly total?: number;
  /**
   * `single` (default): one request per image, as any server of the protocol understands it. `bulk`: up to 100 images
   * per request where the server lists that operation (ours does), else as `single`.
   */
  readonly registration?: "single" | "bulk";
  /**
   * Send the pictures of images that the server knows by name but has no picture of, as an upload leaves them that was
   * killed between the two. Costs a request per image that is there already, and helps with servers that say when a
   * picture is missing (ours does). Default false: such images are skipped.
   */
  readonly repair?: boolean;
}

export interface FailedFile {
  readonly fileName: string;
  readonly reason: string;
}

export interface UploadSummary {
  /** Files in the input. */
  readonly total: number;
  /** Samples that are on the server now and weren't before, broken images counted. */
  readonly uploaded: number;
  /** Files whose names the server had already. */
  readonly skipped: number;
  /** Files whose names the server had without picture, and that have it now; only with `repair`. */
  readonly repaired: number;
  /** Files that are not, or not wholly, on the server; the first 10,000. */
  readonly failed: readonly FailedFile[];
  /** How many failed. */
  readonly failedCount: number;
  /** Images that can't be decoded: they are samples without picture; the first 10,000. */
  readonly corrupted: readonly FailedFile[];
  /** How many are corrupted. */
  readonly corruptedCount: number;
}

const FILE_NAME_LENGTH_MAX = 255;
const LISTED_MAX = 10_000;
const BULK_SIZE = 100;
/** After so many files in a row that found no server, it is taken to be gone for good. */
const LOST_MAX = 16;
const IMAGE_TYPES: Readonly<Record<string, ImageType>> = { full: "full", thumbnails: "thumbnail", metadata: "meta" };

type ReadyFile = Exclude<UploadFile, { readonly read: unknown }>;

/** What one file became before it is registered. */
interface Prepared {
  readonly file: ReadyFile;
  readonly image: ImageExamination;
  readonly body: SampleCreateRequest;
}

/** See `ImageMembers.uploadDataset`. */
export async function uploadDataset(context: UploadContext, input: UploadInput, options: UploadOptions): Promise<UploadSummary> {
  const { client, datasetId, signal, warn } = context;
  const { mode = "thumbnails", maxWorkers = 8, customMetadata, onProgress } = options;
  const imgType = IMAGE_TYPES[mode];
  if (imgType === undefined) throw new ValueError(`the mode must be thumbnails, full or metadata, not ${String(mode)}`);
  if (!(maxWorkers >= 1)) throw new ValueError(`maxWorkers must be at least 1, got ${maxWorkers}`);

  const tags = await client.getAllTags({ signal });
  const files = await filesOf(input, options.root, signal);
  const bulk = options.registration === "bulk" && (await context.offers(domains.samples.createSamplesByDatasetId));
  // Names alone where the server is ours: samples are a hundred times as long.
  const repair = options.repair === true && mode !== "metadata";
  const known = bulk && !repair ? undefined : await context.sampleIdsByFilename();
  const onServer: Names = known ?? new Set(await client.getFilenames({ signal }));
  const alreadyThere = onServer.size;
  const counted = await files.counted(onServer);
  const fileCount = counted?.files ?? options.total;
  const announced = alreadyThere + (counted?.unknown ?? options.total ?? 0);
  const quota = await quotaOf(context);
  if (announced > quota) throw tooMany(announced, quota);
  let rows: ReadonlyMap<string, MetadataRow | null> = new Map();
  if (customMetadata !== undefined) {
    client.verifyCustomMetadataFormat(customMetadata);
    rows = client.indexCustomMetadataByFilename(customMetadata);
  }
  const datasourceType = await datasourceTypeOf(context);
  await client.call(domains.datasets.registerDatasetUploadById, {
    path: { datasetId },
    body: { total: announced, processed: alreadyThere, isRegistered: true, uploadMethod: "USER_PIP" },
    signal,
  });

  const failed: FailedFile[] = [];
  const corrupted: FailedFile[] = [];
  const withComma: string[] = [];
  let [total, uploaded, skipped, repaired, failedCount, corruptedCount, commaCount, done, lost] = [0, 0, 0, 0, 0, 0, 0, 0, 0];

  const advance = () => onProgress?.({ done: ++done, total: fileCount });
  const fail = (fileName: string, error: unknown): void => {
    signal?.throwIfAborted();
    failedCount++;
    const reason = context.transport.clean(error instanceof Error ? error.message : String(error));
    if (failed.length < LISTED_MAX) failed.push({ fileName, reason });
    advance();
    lost = error instanceof ConnectionError ? lost + 1 : 0;
    if (lost >= LOST_MAX) throw error;
  };

  async function prepared(given: UploadFile): Promise<Prepared | undefined> {
    const { fileName } = given;
    if (fileName.length > FILE_NAME_LENGTH_MAX) {
      const reason = `the name has ${fileName.length} characters; at most ${FILE_NAME_LENGTH_MAX} are allowed`;
      warn(new WinnowWarning(`${fileName.slice(0, 60)}… is left out: ${reason}`));
      fail(fileName, reason);
      return undefined;
    }
    if (fileName.includes(",")) {
      commaCount++;
      if (withComma.length < 3) withComma.push(fileName);
    }
    try {
      const file = await made(given);
      const image = await examineImage("bytes" in file ? file.bytes : file.path, { thumbnail: mode !== "metadata" });
      const row = rows.get(fileName);
      const body: SampleCreateRequest = {
        fileName,
        ...(image.corrupted || mode === "metadata" ? {} : { thumbName: thumbNameOf(fileName) }),
        metaData: { ...image.metaData },
        exif: image.exif,
        ...(row === null || row === undefined ? {} : { customMetaData: row }),
      };
      return { file, image, body };
    } catch (error) {
      fail(fileName, error);
      return undefined;
    }
  }

  async function finish(sampleId: string, { file, image }: Prepared): Promise<void> {
    const { fileName } = file;
    try {
      if (!image.corrupted && mode !== "metadata") await sendPictures(context, mode, datasourceType, sampleId, file, image);
    } catch (error) {
      fail(fileName, error);
      return;
    }
    lost = 0;
    uploaded++;
    if (image.corrupted) {
      corruptedCount++;
      if (corrupted.length < LISTED_MAX) corrupted.push({ fileName, reason: image.reason ?? "the image can't be decoded" });
    }
    advance();
  }

  async function registerOne(file: UploadFile): Promise<void> {
    const one = await prepared(file);
    if (one === undefined) return;
    let sampleId: string;
    try {
      sampleId = await createSample(context, one.body);
    } catch (error) {
      fail(file.fileName, error);
      return;
    }
    await finish(sampleId, one);
  }

  async function registerTogether(group: readonly UploadFile[]): Promise<void> {
    const ready: Prepared[] = [];
    for (const file of group) {
      const one = await prepared(file);
      if (one !== undefined) ready.push(one);
    }
    if (ready.length === 0) return;
    let ids: readonly string[];
    try {
      // Safe to repeat: what a lost answer had stored is skipped, and its ids come back.
      const body = { samples: ready.map((one) => one.body), skipExisting: true };
      ({ ids } = await patiently(context.transport.patience, () => client.call(domains.samples.createSamplesByDatasetId, { path: { datasetId }, body, signal }), signal));
    } catch (error) {
      for (const { file } of ready) fail(file.fileName, error);
      return;
    }
    for (const [at, one] of ready.entries()) await finish(ids[at]!, one);
  }

  async function repairOne(sampleId: string, given: UploadFile): Promise<void> {
    try {
      const file = (await hasPicture(context, sampleId, mode)) ? undefined : await made(given);
      const image = file && (await examineImage("bytes" in file ? file.bytes : file.path, { thumbnail: true }));
      if (file === undefined || image === undefined || image.corrupted || mode === "metadata") {
        skipped++;
      } else {
        await sendPictures(context, mode, datasourceType, sampleId, file, image);
        repaired++;
      }
      lost = 0;
    } catch (error) {
      fail(given.fileName, error);
      return;
    }
    advance();
  }

  /** The files one by one; those that the server has are passed over, or given with their ids to be looked at. */
  async function* work(): AsyncGenerator<{ readonly file: UploadFile; readonly sampleId?: string }, void, undefined> {
    let added = 0;
    for await (const file of files.each()) {
      total++;
      if (!onServer.has(file.fileName)) {
        if (alreadyThere + ++added > quota) throw tooMany(alreadyThere + added, quota);
        yield { file };
      } else if (repair) {
        yield { file, sampleId: known!.get(file.fileName)! };
      } else {
        skipped++;
        advance();
      }
    }
  }

  await forEachConcurrently(
    grouped(work(), bulk ? BULK_SIZE : 1),
    maxWorkers,
    async (group) => {
      for (const { file, sampleId } of group) if (sampleId !== undefined) await repairOne(sampleId, file);
      const unknown = group.filter(({ sampleId }) => sampleId === undefined).map(({ file }) => file);
      if (bulk) await registerTogether(unknown);
      else for (const file of unknown) await registerOne(file);
    },
    signal,
  );

  if (commaCount > 0) {
    warn(new WinnowWarning(`${commaCount} file names have a comma (${withComma.map((name) => JSON.stringify(name)).join(", ")}…): embeddings can't be uploaded for them`));
  }
  if (failedCount > 0) {
    warn(new WinnowWarning(`${failedCount} of ${total} files were not uploaded, first ${JSON.stringify(failed[0]!.fileName)}: ${failed[0]!.reason}`));
  }

  // Nothing came, and the tags know of all that was there: an upload that is repeated makes no tag of nothing.
  if (bulk && uploaded === 0 && tags.length > 0 && tags.every(({ totSize }) => totSize >= alreadyThere)) {
    return { total, uploaded, skipped, repaired, failed, failedCount, corrupted, corruptedCount };
  }
  if (tags.length > 0 || !(await createInitialTag(context, imgType))) {
    await client.call(domains.tags.upsizeTagsByDatasetId, {
      path: { datasetId },
      body: { upsizeTagName: timeStamp(new Date()), upsizeTagCreator: "USER_PIP" },
      signal,
    });
  }
  return { total, uploaded, skipped, repaired, failed, failedCount, corrupted, corruptedCount };
}

/** False when there is one by now: another upload into the same dataset was faster. */
async function createInitialTag({ client, datasetId, signal }: UploadContext, imgType: ImageType): Promise<boolean> {
  try {
    await client.call(domains.tags.createInitialTagByDatasetId, { path: { datasetId }, body: { imgType, creator: "USER_PIP" }, signal });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.code === "TAG_INITIAL_EXISTS") return false;
    throw error;
  }
}

function tooMany(count: number, quota: number): ValueError {
  return new ValueError(`the dataset would have ${count} samples; the server takes at most ${quota} in one`);
}

/** Most samples in a dataset; servers without limit say so in ways of their own. */
async function quotaOf({ client, signal }: UploadContext): Promise<number> {
  const quota = Number.parseInt(String(await client.call(domains.quota.getQuotaMaximumDatasetSize, { signal })), 10);
  return Number.isNaN(quota) || quota < 0 ? Number.POSITIVE_INFINITY : quota;
}

/** Where pictures go; a dataset without datasource keeps them with the server. */
async function datasourceTypeOf({ client, signal }: UploadContext): Promise<string> {
  try {
    const datasource = (await client.getDatasource({ signal })) as { readonly type?: string } | null;
    return datasource?.type ?? "LIGHTLY";
  } catch (error) {
    if (error instanceof ApiError) return "LIGHTLY";
    throw error;
  }
}

/** Whether the server has a sample's picture; true where it doesn't tell. */
async function hasPicture({ client, transport, datasetId, signal }: UploadContext, sampleId: string, mode: string): Promise<boolean> {
  try {
    const query = { type: mode === "full" ? "full" : "thumbnail" };
    await patiently(transport.patience, () => client.call(domains.samples.getSampleImageReadUrlById, { path: { datasetId, sampleId }, query, signal, retry: false }), signal);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}

async function createSample({ client, transport, datasetId, signal }: UploadContext, body: SampleCreateRequest): Promise<string> {
  let attempt = 0;
  return patiently(transport.patience, async () => {
    attempt++;
    try {
      return (await client.call(domains.samples.createSampleByDatasetId, { path: { datasetId }, body, signal, retry: false })).id;
    } catch (error) {
      if (attempt === 1 || !(error instanceof ApiError) || error.retryable) throw error;
      // The answer to an earlier attempt may have been lost after the sample was made: then it is ours.
      const [sample] = await client.call(domains.samples.getSamplesByDatasetId, { path: { datasetId }, query: { fileName: body.fileName }, signal });
      if (sample?.fileName !== body.fileName) throw error;
      return sample.id;
    }
  }, signal);
}

async function sendPictures(context: UploadContext, mode: "thumbnails" | "full", datasourceType: string, sampleId: string, file: ReadyFile, image: ImageExamination): Promise<void> {
  const { client, transport, datasetId, signal } = context;
  const path = { datasetId, sampleId };
  const thumbnail = image.thumbnail!;
  if (mode === "thumbnails") {
    const url = await patiently(
      transport.patience,
      () => client.call(domains.samples.getSampleImageWriteUrlById, { path, query: { isThumbnail: true }, signal, retry: false }),
      signal,
    );
    await send(context, url, thumbnail, thumbnail.byteLength, datasourceType);
    return;
  }
  const urls = await patiently(transport.patience, () => client.call(domains.samples.getSampleImageWriteUrlsById, { path, signal, retry: false }), signal);
  await send(context, urls.thumb, thumbnail, thumbnail.byteLength, datasourceType);
  if ("bytes" in file) {
    await send(context, urls.full, file.bytes, file.bytes.byteLength, datasourceType);
  } else {
    const { size } = await stat(file.path);
    await send(context, urls.full, { size, stream: () => createReadStream(file.path) }, size, datasourceType);
  }
}

async function made(file: UploadFile): Promise<ReadyFile> {
  return "read" in file ? { fileName: file.fileName, bytes: await file.read() } : file;
}

async function send({ transport, signal }: UploadContext, url: string, file: Upload, size: number, datasourceType: string): Promise<void> {
  const headers =
    datasourceType === "AZURE"
      ? { "x-ms-blob-type": "BlockBlob", accept: "*/*", "x-ms-original-content-length": String(size), "accept-encoding": "*" }
      : undefined;
  await patiently(transport.patience, () => transport.upload(url, file, { headers, signal, retry: false }), signal);
}

/** The name up to its last dot, with `_thumb.webp`; the same for each name without a dot, as the protocol has it. */
function thumbNameOf(fileName: string): string {
  return `${fileName.slice(0, Math.max(0, fileName.lastIndexOf(".")))}_thumb.webp`;
}

async function* grouped<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<Item[], void, undefined> {
  let group: Item[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
