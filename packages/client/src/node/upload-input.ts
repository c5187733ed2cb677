import { basename, isAbsolute, normalize, relative, resolve, sep } from "node:path";
import { stat } from "node:fs/promises";
import { listImages } from "@winnow/media";
import { ValueError } from "../errors.ts";

/** An image to upload, under the name that it gets on the server: a file, its bytes, or how to make them when its turn comes. */
export type UploadFile = { readonly fileName: string } & ({ readonly path: string } | { readonly bytes: Uint8Array } | { readonly read: () => Promise<Uint8Array> });

/**
 * A folder (as path), or files: paths, or a name with a path or bytes each. Files may be a list or any iterable, which
 * is gone through once.
 */
export type UploadInput = string | Iterable<string | UploadFile> | AsyncIterable<string | UploadFile>;

/** File names that are known already. */
export type Names = Pick<ReadonlySet<string>, "has" | "size">;

/** An input that can be gone through, and counted if that is possible without reading it up. */
export interface Files {
  readonly each: () => AsyncIterable<UploadFile>;
  /** Number of files, and of those whose names are not in the set; undefined for an iterable that isn't a list. */
  readonly counted: (known: Names) => Promise<{ readonly files: number; readonly unknown: number } | undefined>;
}

/** @throws ValueError for what is no input, a folder that doesn't exist, a path outside of `root` */
export async function filesOf(input: UploadInput, root: string | undefined, signal: AbortSignal | undefined): Promise<Files> {
  const counting = (each: () => AsyncIterable<UploadFile>) => async (known: Names) => {
    let files = 0;
    let unknown = 0;
    for await (const { fileName } of each()) {
      files++;
      if (!known.has(fileName)) unknown++;
    }
    return { files, unknown };
  };
  if (typeof input === "string") {
    const folder = await stat(input).catch(() => undefined);
    if (folder === undefined || !folder.isDirectory()) throw new ValueError(`${input} is not a folder`);
    const each = () => listImages(input, signal === undefined ? {} : { signal });
    return { each, counted: counting(each) };
  }
  if (typeof input !== "object" || input === null || !(Symbol.iterator in input || Symbol.asyncIterator in input)) {
    throw new ValueError(`the input must be the path of a folder, a list of files or an iterable of files, not ${typeof input}`);
  }
  async function* each(): AsyncGenerator<UploadFile, void, undefined> {
    for await (const item of input as Iterable<string | UploadFile> | AsyncIterable<string | UploadFile>) yield typeof item === "string" ? { fileName: nameOf(item, root), path: item } : item;
  }
  return { each, counted: Array.isArray(input) ? counting(each) : () => Promise.resolve(undefined) };
}

/**
 * Name of a file that was given by its path alone: relative to the root; without root the path itself, or for one that
 * leads elsewhere its last part.
 */
function nameOf(path: string, root: string | undefined): string {
  const inner = root === undefined ? normalize(path) : relative(resolve(root), resolve(path));
  if (inner === ".." || inner.startsWith(`..${sep}`) || isAbsolute(inner)) {
    if (root !== undefined) throw new ValueError(`the file ${path} is not inside of ${root}`);
    return basename(inner);
  }
  return inner.split(sep).join("/");
}
