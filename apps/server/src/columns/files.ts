import { createHash } from "node:crypto";
import { datasetPrefix } from "../blobs/addresses.ts";
import type { DatasetTable } from "../db/schema.ts";

/** Another text after every change of the dataset's samples. */
export function versionOf({ n_samples, samples_version }: Pick<DatasetTable, "n_samples" | "samples_version">): string {
  return `${n_samples}-${samples_version}`;
}

export function columnsPrefix(datasetId: string): string {
  return `${datasetPrefix(datasetId)}/columns`;
}

export function manifestKey(datasetId: string): string {
  return `${columnsPrefix(datasetId)}/columns.json`;
}

/** Where the columns of one version are. */
export function versionPrefix(datasetId: string, version: string): string {
  return `${columnsPrefix(datasetId)}/${version}/`;
}

/** Names come from users' metadata, so the file goes by their hash. */
export function columnKey(datasetId: string, version: string, name: string): string {
  return `${versionPrefix(datasetId, version)}${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
}
