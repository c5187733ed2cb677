import { ApiError, domains } from "@winnow/client";
import { type RunContext, RunFailure } from "../run/context.ts";

/** What the dataset of crops is called: as the user wants it, else as the dataset of the images with `-crops` behind it. */
export function cropDatasetNameOf(datasetName: string, wanted: string | null): string {
  return wanted ?? `${datasetName.slice(0, 74)}-crops`;
}

/** Finds the dataset of crops that an earlier run has made. @throws RunFailure when the name belongs to something else */
export async function findCropDataset({ client, datasetId, signal }: RunContext, name: string): Promise<string | undefined> {
  const children = await client.call(domains.datasets.getChildrenOfDatasetId, { path: { datasetId }, signal });
  const child = children.find((one) => one.name === name);
  if (child !== undefined) return child.id;
  const found = (await client.call(domains.datasets.getDatasets, { query: {}, signal })).find((one) => one.name === name);
  if (found !== undefined) throw new RunFailure(`The crops would go to the dataset ${name}, but that is no dataset of crops of this one. Give another name in object_level.crop_dataset_name.`);
  return undefined;
}

/** Finds it, or makes it. */
export async function ensureCropDataset(context: RunContext, name: string): Promise<string> {
  const found = await findCropDataset(context, name);
  if (found !== undefined) return found;
  const { client, datasetId, signal } = context;
  try {
    return (await client.call(domains.datasets.createDataset, { body: { name, type: "Crops", parentDatasetId: datasetId }, signal })).id;
  } catch (error) {
    // An answer that got lost.
    if (!(error instanceof ApiError) || error.code !== "DATASET_NAME_EXISTS") throw error;
    return (await findCropDataset(context, name))!;
  }
}
