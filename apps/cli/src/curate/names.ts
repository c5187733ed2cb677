import { createHash } from "node:crypto";
import { basename } from "node:path";

const LENGTH_MAX = 255;

/** What a dataset may be called. */
export function isDatasetName(name: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9 _-]+$/.test(name) && name.length >= 3 && name.length <= LENGTH_MAX;
}

/** A dataset's name from a folder's. */
export function datasetNameOf(folder: string): string {
  const name = basename(folder)
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[^a-zA-Z0-9 _-]+/g, "-")
    .replace(/^[^a-zA-Z0-9]+|[ _-]+$/g, "")
    .slice(0, 200);
  return name.length >= 3 ? name : `${name} images`.trimStart();
}

/** The first eight hex digits of a hash over a value: enough to tell the states of one dataset apart. */
export function shortHash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 8);
}

/** A folder's name for the state of a dataset: readable, and different also where file systems don't mind case. */
export function stateFolderOf(datasetName: string): string {
  return `${datasetName.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60)}-${shortHash(datasetName)}`;
}
