import type { SampleUpdateRequest, SampleWriteUrls } from "@winnow/contract";
import type { Context } from "../app/context.ts";
import { StreamedJson, jsonArray } from "../app/answers.ts";
import { DomainError } from "../app/errors.ts";
import { sampleKey, signedReadUrl, signedWriteUrl, type SampleFile } from "../blobs/addresses.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { sampleAddress } from "../datasources/sample-files.ts";
import { isId } from "../db/ids.ts";
import type { SampleTable } from "../db/schema.ts";
import { inDataset } from "../db/turns.ts";
import { checkSample, customMetaDataSizeMax } from "./registrar.ts";
import { sampleJson } from "./sample-json.ts";
import * as store from "./store.ts";

/** @throws DomainError SAMPLE_UNKNOWN */
export async function requireSample({ db }: Context, { row }: DatasetAccess, sampleId: string): Promise<SampleTable> {
  const sample = isId(sampleId) ? await store.findSample(db, row.id, sampleId) : undefined;
  if (!sample) throw new DomainError("SAMPLE_UNKNOWN", `There is no sample ${sampleId.slice(0, 64)} in the dataset "${row.name}".`);
  return sample;
}

export interface SampleFilter {
  readonly fileName?: string;
  readonly pageSize?: number;
  readonly pageOffset?: number;
}

/** Samples in the dataset's order as a JSON array, streamed. */
export function listSamples({ db }: Context, { row }: DatasetAccess, filter: SampleFilter, toJson: (row: SampleTable) => string): StreamedJson {
  const from = filter.pageOffset ?? 0;
  const to = filter.pageSize === undefined ? row.n_samples : Math.min(row.n_samples, from + filter.pageSize);
  async function* pages(): AsyncIterable<SampleTable[]> {
    if (filter.fileName === undefined) yield* store.readSamples(db, row.id, store.sampleColumns, { fromOrdinal: from, toOrdinal: to, pageSize: 2_000 });
    else {
      const found = await store.findSampleByName(db, row.id, filter.fileName);
      yield found ? [found] : [];
    }
  }
  return new StreamedJson(jsonArray(pages(), toJson));
}

/** The form that a mode of `GET samples` or `GET samples/partial` gives a sample. */
export function jsonOfMode(mode: string): (row: SampleTable) => string {
  switch (mode) {
    case "full":
      return sampleJson;
    case "partial":
      return (row) => `{"id":"${row.id}","type":"${row.type}","fileName":${JSON.stringify(row.file_name)}}`;
    case "ids":
      return (row) => `{"id":"${row.id}"}`;
    case "fileNames":
      return (row) => `{"id":"${row.id}","fileName":${JSON.stringify(row.file_name)}}`;
    default:
      throw new DomainError("BAD_REQUEST", `"mode" must be full or partial, got ${JSON.stringify(mode)}.`);
  }
}

export async function updateSample(context: Context, dataset: DatasetAccess, sampleId: string, request: SampleUpdateRequest): Promise<void> {
  checkSample(request);
  await inDataset(context.db, dataset.row.id, async (transaction) => {
    const sample = await requireSample({ ...context, db: transaction as unknown as Context["db"] }, dataset, sampleId);
    const changes: Partial<SampleTable> = {};
    if (request.fileName && request.fileName !== sample.file_name) {
      if (await store.findSampleByName(transaction, dataset.row.id, request.fileName)) {
        throw new DomainError("BAD_REQUEST", `The dataset already has a sample named "${request.fileName}". File names are unique in a dataset.`, { status: 409 });
      }
      changes.file_name = request.fileName;
    }
    if (request.thumbName) changes.thumb_name = request.thumbName;
    if (request.exif) changes.exif = JSON.stringify(request.exif);
    let grown = 0;
    if (request.metaData) {
      changes.meta_data = JSON.stringify(request.metaData);
      changes.size_in_bytes = request.metaData.sizeInBytes ?? 0;
      grown = changes.size_in_bytes - Number(sample.size_in_bytes);
    }
    if (request.customMetaData) {
      changes.custom_meta_data = JSON.stringify(request.customMetaData);
      if (changes.custom_meta_data.length > customMetaDataSizeMax) {
        throw new DomainError("CUSTOM_METADATA_AT_MAX_SIZE", `"customMetaData" has ${changes.custom_meta_data.length} characters as JSON; at most ${customMetaDataSizeMax} are kept.`);
      }
    }
    await store.updateSample(transaction, sampleId, changes);
    await store.growDataset(transaction, dataset.row.id, 0, grown);
  });
}

/**
 * A signed address of the image or its thumbnail. Without a type: the full image, or the thumbnail where there is no full one.
 * What was not uploaded is in the dataset's datasource, when it has one.
 * @throws DomainError NOT_FOUND when no such file was uploaded, and there is no datasource
 */
export async function readUrl(context: Context, dataset: DatasetAccess, sampleId: string, type: string | undefined, baseUrl: string): Promise<string> {
  if (type !== undefined && type !== "full" && type !== "thumbnail") throw new DomainError("BAD_REQUEST", `"type" must be full or thumbnail, got ${JSON.stringify(type)}.`);
  const sample = await requireSample(context, dataset, sampleId);
  const wanted: SampleFile[] = type === undefined ? ["full", "thumbnail"] : [type];
  for (const file of wanted) {
    const key = sampleKey(dataset.row.id, sampleId, file);
    if (await context.blobs.facts(key)) return signedReadUrl(context, baseUrl, key);
    const address = await sampleAddress(context, dataset.row, sample, file, baseUrl);
    if (address !== undefined) return address;
  }
  throw new DomainError("NOT_FOUND", `No ${type === "thumbnail" ? "thumbnail" : "image"} of "${sample.file_name}" has been uploaded.`);
}

export async function writeUrl(context: Context, dataset: DatasetAccess, sampleId: string, file: SampleFile, baseUrl: string): Promise<string> {
  await requireSample(context, dataset, sampleId);
  return signedWriteUrl(context, baseUrl, sampleKey(dataset.row.id, sampleId, file));
}

export async function writeUrls(context: Context, dataset: DatasetAccess, sampleId: string, baseUrl: string): Promise<SampleWriteUrls> {
  return { full: await writeUrl(context, dataset, sampleId, "full", baseUrl), thumb: await writeUrl(context, dataset, sampleId, "thumbnail", baseUrl) };
}
