import type { Dirent, Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { isImageName } from "./names.ts";

/** An image file found in a folder. */
export interface ListedImage {
  /** Path relative to the folder, its parts separated by "/" on every system. */
  readonly fileName: string;
  /** Path to open the file by. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Last modification, milliseconds since the epoch. */
  readonly modifiedMs: number;
}

/** How many files are looked at together; keeps the file system busy without opening the whole folder at once. */
const TOGETHER = 64;

/**
 * The images of a folder and its sub-folders, by file name (see {@link isImageName}: content isn't looked at), ordered by
 * path in byte order. Names that begin with a dot are passed over, files and folders alike; symbolic links are followed,
 * save those that lead back into a folder on the way to them; links to nothing and what isn't a file are passed over.
 * One folder's names are in memory at a time, with those of the folders above it.
 *
 * @throws Error naming the folder when it doesn't exist or can't be read; the signal's reason when aborted.
 */
export async function* listImages(folder: string, options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<ListedImage, void, undefined> {
  const found = await stat(folder).catch((cause: unknown) => {
    throw new Error(`the folder ${folder} can't be read: ${reason(cause)}`, { cause });
  });
  if (!found.isDirectory()) throw new Error(`${folder} is not a folder`);
  yield* walk(folder, "", new Set([await realpath(folder)]), options.signal);
}

interface Entry {
  readonly name: string;
  /** What it is ordered by: a folder counts as its path with "/" behind, which makes the order that of whole paths. */
  readonly key: Buffer;
  readonly directory: boolean;
  readonly stats: Stats | undefined;
}

async function* walk(folder: string, prefix: string, above: ReadonlySet<string>, signal: AbortSignal | undefined): AsyncGenerator<ListedImage, void, undefined> {
  signal?.throwIfAborted();
  const listed = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new Error(`the folder ${folder} can't be read: ${reason(cause)}`, { cause });
  });
  const entries: Entry[] = [];
  for (const item of listed) {
    if (item.name.startsWith(".")) continue;
    const entry = await classify(folder, item);
    if (entry !== undefined) entries.push(entry);
  }
  entries.sort((a, b) => Buffer.compare(a.key, b.key));
  for (let i = 0; i < entries.length; ) {
    signal?.throwIfAborted();
    const entry = entries[i]!;
    if (entry.directory) {
      const path = join(folder, entry.name);
      const real = await realpath(path);
      if (!above.has(real)) yield* walk(path, `${prefix}${entry.name}/`, new Set([...above, real]), signal);
      i++;
      continue;
    }
    let end = i;
    while (end < entries.length && end - i < TOGETHER && !entries[end]!.directory) end++;
    const files = entries.slice(i, end);
    const stats = await Promise.all(files.map((file) => file.stats ?? stat(join(folder, file.name)).catch(() => undefined)));
    for (const [at, file] of files.entries()) {
      const known = stats[at];
      if (known === undefined || !known.isFile()) continue; // gone since it was listed
      yield { fileName: prefix + file.name, path: join(folder, file.name), sizeBytes: known.size, modifiedMs: known.mtimeMs };
    }
    i = end;
  }
}

async function classify(folder: string, item: Dirent): Promise<Entry | undefined> {
  let directory = item.isDirectory();
  let stats: Stats | undefined;
  if (!directory && !item.isFile()) {
    // A link, or a file system that doesn't tell.
    stats = await stat(join(folder, item.name)).catch(() => undefined);
    if (stats === undefined) return undefined;
    directory = stats.isDirectory();
    if (!directory && !stats.isFile()) return undefined;
  }
  if (!directory && !isImageName(item.name)) return undefined;
  return { name: item.name, key: Buffer.from(directory ? `${item.name}/` : item.name), directory, stats };
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "there is no such folder";
  if (code === "EACCES" || code === "EPERM") return "permission is denied";
  return error instanceof Error ? error.message : String(error);
}
