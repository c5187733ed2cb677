import type { ApiWorkflowClient } from "@winnow/client";
import { isDatasetName } from "../curate/names.ts";
import type { Io } from "../io.ts";
import { Problem, UsageError } from "../problems.ts";
import { probableName } from "@winnow/contract/nearest-name";

type Dataset = Awaited<ReturnType<ApiWorkflowClient["getDatasetById"]>>;
type Tag = Awaited<ReturnType<ApiWorkflowClient["getAllTags"]>>[number];

/** For commands that work on a dataset. */
export const datasetFlag = { value: "DATASET", summary: "the dataset, by name or id. Default: WINNOW_DATASET" } as const;

export const tagFlag = { value: "TAG", initial: "initial-tag", summary: "the tag, by name or id; the initial tag holds all samples" } as const;

/** The dataset that was named, made the client's own. @throws UsageError when none was; Problem when there is no such */
export async function useDataset(client: ApiWorkflowClient, wanted: string | undefined, { env, stop }: Pick<Io, "env" | "stop">): Promise<Dataset> {
  const name = wanted ?? (env["WINNOW_DATASET"]?.trim() || undefined);
  if (name === undefined) throw new UsageError("Say which dataset is meant, with --dataset or in WINNOW_DATASET. winnow datasets ls lists them.");
  const found = await findDataset(client, name, stop);
  if ("near" in found) throw new Problem(`There is no dataset ${JSON.stringify(name)}.${found.near === undefined ? "" : ` Do you mean ${JSON.stringify(found.near)}?`} winnow datasets ls lists them.`);
  await client.setDatasetId(found.id, { signal: stop });
  return found;
}

/** The dataset of that name or id, made when there is none of that name. */
export async function useOrMakeDataset(client: ApiWorkflowClient, name: string, signal: AbortSignal): Promise<{ readonly dataset: Dataset; readonly made: boolean }> {
  const found = await findDataset(client, name, signal);
  const made = "near" in found;
  if (made) {
    if (looksLikeId(name)) throw new Problem(`There is no dataset with the id ${name}. winnow datasets ls lists them.`);
    requireDatasetName(name);
    await client.createDataset(name, { signal });
  } else await client.setDatasetId(found.id, { signal });
  return { dataset: await client.getDatasetById(await client.datasetId, { signal }), made };
}

/** @throws UsageError */
export function requireDatasetName(name: string): void {
  if (!isDatasetName(name)) throw new UsageError(`A dataset's name must have at least 3 characters: letters, digits, blanks, _ and -, the first a letter or digit; ${JSON.stringify(name)} has not.`);
}

/** A tag of the client's dataset. @throws Problem when there is none of that name or id */
export async function findTag(client: ApiWorkflowClient, wanted: string, signal: AbortSignal): Promise<Tag> {
  const tags = await client.getAllTags({ signal });
  const found = tags.findLast(({ name }) => name === wanted) ?? tags.find(({ id }) => id === wanted);
  if (found !== undefined) return found;
  if (tags.length === 0) throw new Problem("The dataset has no tags yet: upload images first.");
  const near = probableName(wanted, tags.map(({ name }) => name));
  throw new Problem(`The dataset has no tag ${JSON.stringify(wanted)}.${near === undefined ? "" : ` Do you mean ${JSON.stringify(near)}?`} winnow tags ls lists them.`);
}

/** Names come first, own ones before shared ones: an id could be somebody's name. */
async function findDataset(client: ApiWorkflowClient, wanted: string, signal: AbortSignal): Promise<Dataset | { readonly near: string | undefined }> {
  const all = await client.getAllDatasets({ signal });
  return all.find(({ name }) => name === wanted) ?? all.find(({ id }) => id === wanted) ?? { near: probableName(wanted, all.map(({ name }) => name)) };
}

function looksLikeId(text: string): boolean {
  return /^[0-9a-f]{24}$/.test(text);
}
