import { createHash } from "node:crypto";
import { datasetPrefix } from "../blobs/addresses.ts";
import type { DatasetTable } from "../db/schema.ts";

/** Another text after every change of the dataset's samples. */
export function versionOf({ n_samples, last_modified_at }: Pick<DatasetTable, "n_samples" | "last_modified_at">): string {
  return `${n_samples}-${Number(last_modified_at).toString(36)}`;
}

export function columnsPrefix(datasetId: string): string {
  return `${datasetPrefix(datasetId)}/columns`;
}

export function manifestKey(datasetId: string): string {
  return `${columnsPrefix(datasetId)}/columns.json`;
}

/** Names come from users' metadata, so the file goes by their hash. */
export function columnKey(datasetId: string, version: string, name: string): string {
  return `${columnsPrefix(datasetId)}/${version}/${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
}
