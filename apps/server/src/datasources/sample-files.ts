import type { Readable } from "node:stream";
import { SourceError, thumbnailPath } from "@winnow/storage";
import type { Context } from "../app/context.ts";
import type { SampleFile } from "../blobs/addresses.ts";
import { findDataset } from "../datasets/store.ts";
import type { DatasetTable, SampleTable } from "../db/schema.ts";
import { SourceAddresses } from "./addresses.ts";
import { platformFolder } from "./paths.ts";
import type { OpenedSource, SourceUse } from "./sources.ts";

/** What has to be known of a sample to find its files. */
export const placeColumns = ["id", "file_name", "thumb_name", "video_frame_data", "crop_data"] as const satisfies readonly (keyof SampleTable)[];
export type PlacedSample = Pick<SampleTable, (typeof placeColumns)[number]>;

interface Place {
  readonly datasetId: string;
  readonly use: SourceUse;
  readonly path: string;
  readonly opened: OpenedSource;
}

/**
 * Where the datasource has a sample's file; undefined when the dataset has no datasource. Images lie where their name
 * says; what a worker has cut out of videos and images lies in the platform's folders. Thumbnails are named by the
 * sample, or by the datasource's template; without a template the full image stands in.
 */
async function placeOf(context: Context, dataset: DatasetTable, sample: PlacedSample, file: SampleFile): Promise<Place | undefined> {
  const datasetId = await holderOf(context, dataset, sample);
  if (file === "thumbnail") {
    const output = await context.sources.find(datasetId, "LIGHTLY");
    const path = output && (sample.thumb_name ?? thumbnailPath(output.config.thumbSuffix, sample.file_name));
    if (output && path !== undefined) return { datasetId, use: "LIGHTLY", path, opened: output };
  }
  const folder = sample.crop_data !== null ? "crops/" : sample.video_frame_data !== null ? "frames/" : undefined;
  const use = folder === undefined ? "INPUT" : "LIGHTLY";
  const opened = await context.sources.find(datasetId, use);
  return opened && { datasetId, use, path: folder === undefined ? sample.file_name : `${platformFolder}${folder}${sample.file_name}`, opened };
}

/** Crops are written to the datasource of the dataset that they were cut from, as their own dataset has none. */
async function holderOf({ db, sources }: Context, dataset: DatasetTable, { crop_data }: PlacedSample): Promise<string> {
  if (crop_data === null || dataset.parent_dataset_id === null || (await sources.find(dataset.id, "LIGHTLY"))) return dataset.id;
  const parent = await findDataset(db, dataset.parent_dataset_id);
  // Whoever was allowed to cut crops from somebody else's dataset need not be allowed to read there for ever.
  return parent && parent.user_id === dataset.user_id ? parent.id : dataset.id;
}

/** An address of a sample's file in the datasource; undefined when the dataset has none. @throws SourceError */
export async function sampleAddress(context: Context, dataset: DatasetTable, sample: PlacedSample, file: SampleFile, baseUrl: string): Promise<string | undefined> {
  const place = await placeOf(context, dataset, sample, file);
  return place && new SourceAddresses(context, baseUrl, place.datasetId, place.use, place.opened).read(place.path);
}

/** How to read a sample's image from the datasource; undefined when it isn't there. @throws SourceError */
export async function sampleReader(context: Context, dataset: DatasetTable, sample: PlacedSample): Promise<(() => Promise<Readable>) | undefined> {
  const place = await placeOf(context, dataset, sample, "full");
  if (!place) return undefined;
  const { path, opened } = place;
  try {
    if (!(await opened.source.facts(path))) return undefined;
  } catch (error) {
    // A sample may have a name that no path can be.
    if (error instanceof SourceError && error.kind === "path") return undefined;
    throw error;
  }
  return () => opened.source.read(path);
}
