import type { SampleCreateRequest, SampleUpdateRequest } from "@winnow/contract";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { requireCountable, requireStorable } from "../app/storable.ts";
import { unknownDataset } from "../datasets/access.ts";
import { findDataset } from "../datasets/store.ts";
import { newId } from "../db/ids.ts";
import type { SampleTable } from "../db/schema.ts";
import { inDataset } from "../db/turns.ts";
import * as store from "./store.ts";

/** Characters of a sample's custom metadata as JSON. */
export const customMetaDataSizeMax = 1024 * 1024;

interface Waiting {
  readonly datasetId: string;
  readonly request: SampleCreateRequest;
  readonly resolve: (id: string) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Registers samples. Requests that arrive together share one transaction: one write to the disk
 * acknowledges them all, which is what makes many small requests fast.
 */
export class Registrar {
  #waiting: Waiting[] = [];
  #flushing = false;

  constructor(readonly context: Context) {}

  /**
   * Registers one sample. The same request sent again (a client that lost the answer) gives the same id.
   * @throws DomainError when another sample has the name, or the dataset is full
   */
  register(datasetId: string, request: SampleCreateRequest): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ datasetId, request, resolve, reject });
      if (!this.#flushing) {
        this.#flushing = true;
        setImmediate(() => void this.#flush());
      }
    });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const [datasetId, group] of byDataset(batch)) {
        try {
          const outcomes = await registerSamples(this.context, datasetId, group.map((one) => one.request), "each");
          group.forEach((one, i) => {
            const outcome = outcomes.results[i];
            if (outcome instanceof Error) one.reject(outcome);
            else one.resolve(outcome as string);
          });
        } catch (error) {
          for (const one of group) one.reject(error);
        }
      }
    }
    this.#flushing = false;
  }
}

/**
 * Registers samples in one transaction, in the order given. Ordinals are given out inside of it, dense from 0.
 * @param clash what a taken name does: `each`: an error for that sample alone; `all`: refuses everything; `skip`: the id of the one there is
 * @returns per sample its id or the error, and how many are new
 */
export async function registerSamples(
  { db, configuration }: Context,
  datasetId: string,
  requests: readonly SampleCreateRequest[],
  clash: "each" | "all" | "skip",
): Promise<{ results: (string | DomainError)[]; created: number }> {
  return inDataset(db, datasetId, async (transaction) => {
    const dataset = await findDataset(transaction, datasetId);
    if (!dataset) throw unknownDataset(datasetId);
    const known = await store.findIdsByName(transaction, datasetId, [...new Set(requests.map((request) => request.fileName))]);
    const now = Date.now();
    const rows: SampleTable[] = [];
    const rowByName = new Map<string, SampleTable>();
    const results: (string | DomainError)[] = [];
    let sizeInBytes = 0;
    for (const request of requests) {
      const row = sampleRow(datasetId, request, dataset.n_samples + rows.length, now);
      if (row instanceof DomainError) {
        if (clash !== "each") throw row;
        results.push(row);
        continue;
      }
      const existing = known.get(request.fileName);
      if (existing !== undefined) {
        const there = clash === "skip" ? undefined : (rowByName.get(request.fileName) ?? (await store.findSample(transaction, datasetId, existing)));
        if (clash === "skip" || (there && clash === "each" && isSame(there, row))) results.push(existing);
        else {
          const error = new DomainError("SAMPLE_CREATE_REQUEST_INVALID_FORMAT", `The dataset already has a sample named "${request.fileName}" (${existing}). File names are unique in a dataset.`, { status: 409 });
          if (clash === "all") throw error;
          results.push(error);
        }
        continue;
      }
      if (row.ordinal >= configuration.datasetSizeMax) {
        const error = new DomainError("DATASET_AT_MAX_CAPACITY", `The dataset is full: it may have at most ${configuration.datasetSizeMax} samples.`);
        if (clash !== "each") throw error;
        results.push(error);
        continue;
      }
      known.set(request.fileName, row.id);
      rowByName.set(request.fileName, row);
      rows.push(row);
      sizeInBytes += row.size_in_bytes;
      results.push(row.id);
    }
    if (rows.length > 0) {
      await store.insertSamples(transaction, rows);
      await store.growDataset(transaction, datasetId, rows.length, sizeInBytes);
    }
    return { results, created: rows.length };
  });
}

function byDataset(batch: readonly Waiting[]): Map<string, Waiting[]> {
  const groups = new Map<string, Waiting[]>();
  for (const one of batch) {
    const group = groups.get(one.datasetId);
    if (group) group.push(one);
    else groups.set(one.datasetId, [one]);
  }
  return groups;
}

const compared = ["type", "thumb_name", "exif", "meta_data", "custom_meta_data", "video_frame_data", "crop_data"] as const;

function isSame(a: SampleTable, b: SampleTable): boolean {
  return compared.every((column) => a[column] === b[column]);
}

/** What a schema can't say. @throws DomainError BAD_REQUEST naming the field */
export function checkSample({ fileName, thumbName, metaData }: SampleUpdateRequest): void {
  if (fileName) requireStorable("fileName", fileName);
  if (thumbName) requireStorable("thumbName", thumbName);
  if (metaData?.sizeInBytes) requireCountable("metaData.sizeInBytes", metaData.sizeInBytes);
}

function sampleRow(datasetId: string, request: SampleCreateRequest, ordinal: number, now: number): SampleTable | DomainError {
  try {
    checkSample(request);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  const custom = json(request.customMetaData);
  if (custom !== null && custom.length > customMetaDataSizeMax) {
    return new DomainError("CUSTOM_METADATA_AT_MAX_SIZE", `"customMetaData" of "${request.fileName}" has ${custom.length} characters as JSON; at most ${customMetaDataSizeMax} are kept.`);
  }
  return {
    dataset_id: datasetId,
    ordinal,
    id: newId(now),
    file_name: request.fileName,
    type: request.cropData ? "CROP" : request.videoFrameData ? "VIDEO_FRAME" : "IMAGE",
    thumb_name: request.thumbName ?? null,
    exif: json(request.exif),
    meta_data: json(request.metaData),
    custom_meta_data: custom,
    video_frame_data: json(request.videoFrameData),
    crop_data: json(request.cropData),
    size_in_bytes: request.metaData?.sizeInBytes ?? 0,
    created_at: now,
    last_modified_at: now,
  };
}

function json(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}
