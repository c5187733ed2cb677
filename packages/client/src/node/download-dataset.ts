import { constants, copyFile, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createHash } from "node:crypto";
import { domains } from "@winnow/contract";
import { forEachConcurrently } from "../concurrency.ts";
import type { Progress } from "../connection.ts";
import { ConnectionError, ValueError, WinnowWarning } from "../errors.ts";
import { patiently } from "../patience.ts";
import { ordinalsOf } from "../tags.ts";
import type { CallOptions } from "../transport.ts";
import type { ImagesContext } from "./context.ts";
import { SafeFolder, safeParts } from "./safe-path.ts";

export interface DownloadOptions extends CallOptions {
  /** The tag whose images are wanted; default `initial-tag`, which holds all. */
  readonly tagName?: string;
  /** Leave out what is in the tag's parent; default false. */
  readonly excludeParentTag?: boolean;
  /** A folder that holds the images: they are copied from there, and the server is asked for names only. */
  readonly inputDir?: string;
  /** Images downloaded at a time; default 8. */
  readonly maxWorkers?: number;
  /** Called after each file. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface DownloadSummary {
  /** Samples in the tag. */
  readonly total: number;
  readonly downloaded: number;
  /** Files that were there already. */
  readonly skipped: number;
  /** Files that are not in the folder, and why; the first 10,000. */
  readonly failed: readonly { readonly fileName: string; readonly reason: string }[];
  readonly failedCount: number;
}

const LISTED_MAX = 10_000;
const LOST_MAX = 16;

/** See `ImageMembers.downloadDataset`. */
export async function downloadDataset(context: ImagesContext, outputDir: string, options: DownloadOptions): Promise<DownloadSummary> {
  const { client, transport, datasetId, signal, warn } = context;
  const { tagName = "initial-tag", excludeParentTag = false, inputDir, maxWorkers = 8, onProgress } = options;
  if (!(maxWorkers >= 1)) throw new ValueError(`maxWorkers must be at least 1, got ${maxWorkers}`);
  const dataset = await client.getDatasetById(datasetId, { signal });
  if (inputDir === undefined && dataset.imgType !== "full") throw new ValueError(`the dataset ${datasetId} has no images to download: it was uploaded ${dataset.imgType === undefined ? "without them" : `as ${dataset.imgType}`}`);
  const tag = (await client.getAllTags({ signal })).find(({ name }) => name === tagName);
  if (tag === undefined) throw new ValueError(`the dataset ${datasetId} has no tag ${tagName}`);
  const ids = await client.call(domains.mappings.getSampleMappingsByDatasetId, { path: { datasetId }, query: { field: "_id" }, signal });
  const names = await client.getFilenames({ signal });
  const chosen = excludeParentTag ? new Set(await client.getFilenamesInTag(tag, { filenamesOnServer: names, excludeParentTag, signal })) : undefined;
  const ordinals = ordinalsOf(tag.bitMaskData, Math.min(ids.length, names.length)).filter((ordinal) => chosen?.has(names[ordinal]!) ?? true);

  await mkdir(outputDir, { recursive: true });
  const folder = new SafeFolder(outputDir);
  const failed: { fileName: string; reason: string }[] = [];
  let [downloaded, skipped, failedCount, done, lost] = [0, 0, 0, 0, 0];

  async function fetchFile(sampleId: string, path: string): Promise<void> {
    const beside = partPath(path);
    await patiently(transport.patience, async () => {
      const url = await client.call(domains.samples.getSampleImageReadUrlById, { path: { datasetId, sampleId }, query: { type: "full" }, signal, retry: false });
      const { body, size } = await transport.download(url, { signal, retry: false });
      // Never through a link that someone put in its place.
      await rm(beside, { force: true });
      const file = await open(beside, "wx");
      let held = 0;
      try {
        for await (const chunk of body) {
          await file.writeFile(chunk);
          held += chunk.byteLength;
        }
        if (size !== undefined && held !== size) throw new ConnectionError(`the image ended after ${held} of ${size} bytes`, { method: "GET", path: new URL(url).pathname });
        await file.sync();
      } finally {
        await file.close();
      }
    }, signal);
    await rename(beside, path);
  }

  async function takeFile(from: string, path: string): Promise<void> {
    const beside = partPath(path);
    await rm(beside, { force: true });
    try {
      await copyFile(from, beside, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new ValueError(`there is no such file in ${inputDir}`, { cause: error });
      throw error;
    }
    await rename(beside, path);
  }

  await forEachConcurrently(
    ordinals,
    maxWorkers,
    async (ordinal) => {
      const fileName = names[ordinal]!;
      let beside: string | undefined;
      try {
        const path = await folder.path(fileName);
        const there = await lstat(path).catch(() => undefined);
        if (there?.isSymbolicLink()) throw new ValueError(`there is a symbolic link at ${path}; it was left as it is`);
        if (there?.isDirectory()) throw new ValueError(`there is a folder at ${path}`);
        if (there !== undefined) {
          skipped++;
        } else {
          beside = partPath(path);
          if (inputDir === undefined) await fetchFile(ids[ordinal]!, path);
          else await takeFile(join(inputDir, ...safeParts(fileName)), path);
          downloaded++;
        }
        lost = 0;
      } catch (error) {
        if (beside !== undefined) await rm(beside, { force: true }).catch(() => undefined);
        signal?.throwIfAborted();
        failedCount++;
        const reason = transport.clean(error instanceof Error ? error.message : String(error));
        if (failed.length < LISTED_MAX) failed.push({ fileName, reason });
        lost = error instanceof ConnectionError ? lost + 1 : 0;
        if (lost >= LOST_MAX) throw error;
      }
      onProgress?.({ done: ++done, total: ordinals.length });
    },
    signal,
  );
  if (failedCount > 0) warn(new WinnowWarning(`${failedCount} of ${ordinals.length} files were not ${inputDir === undefined ? "downloaded" : "copied"}, first ${JSON.stringify(failed[0]!.fileName)}: ${failed[0]!.reason}`));
  return { total: ordinals.length, downloaded, skipped, failed, failedCount };
}

/** A name of fixed length beside the file: one with an ending added could be longer than the system allows. */
function partPath(path: string): string {
  return join(dirname(path), `.${createHash("sha256").update(basename(path)).digest("hex").slice(0, 24)}.part`);
}
