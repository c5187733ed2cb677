import { createHash } from "node:crypto";
import { basename } from "node:path";

const LENGTH_MAX = 255;

/** Why a file can't be a sample because of its name, if so. */
export function unusableName(fileName: string): string | undefined {
  if (fileName.includes(",")) return "its name has a comma, which embeddings files can't hold; rename it to have it taken";
  if (fileName.length > LENGTH_MAX) return `its path has ${fileName.length} characters; at most ${LENGTH_MAX} are allowed`;
  if (Array.from(fileName).some((character) => character < " ")) return "its name has a control character; rename it to have it taken";
  // Node reads names that aren't UTF-8 with this character in the place of what it can't read.
  if (/\p{Surrogate}|\ufffd/u.test(fileName)) return "its name isn't valid UTF-8; rename it to have it taken";
  return undefined;
}

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
