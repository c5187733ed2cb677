import { realpathSync, statSync } from "node:fs";
import { sep } from "node:path";
import type { ListedImage } from "@winnow/media";
import { Problem } from "../problems.ts";
import type { CollectionState, FileFacts } from "./collection-state.ts";
import { concurrently } from "./concurrently.ts";
import { type Progress, counted } from "../terminal/progress.ts";

/** Decoding has threads of its own; a few ahead keep them busy. */
const TOGETHER = 6;

/** Images of a folder, and those whose names rule them out. */
export interface Listing {
  /** In byte order of path. */
  readonly images: readonly ListedImage[];
  readonly unusable: readonly { readonly fileName: string; readonly reason: string }[];
}

/** @throws Problem unless it is a folder that can be read */
export function requireFolder(path: string): string {
  let found;
  try {
    found = statSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new Problem(`There is no folder ${path}. Give the path of a folder with images.`, { cause: error });
    throw error;
  }
  if (!found.isDirectory()) throw new Problem(`${path} is not a folder. Give the folder that holds the images.`);
  return realpathSync(path);
}

/**
 * Looks through a folder and its sub-folders.
 * @param dataFolder passed over when it lies inside: what the platform stores is not the user's collection
 * @throws Problem when there is no image
 */
export async function lookThrough(folder: string, dataFolder: string, progress: Progress, signal: AbortSignal): Promise<Listing> {
  const { IMAGE_EXTENSIONS, listImages, unusableName } = await import("@winnow/media");
  const stage = progress.stage("Looking through the folder");
  const images: ListedImage[] = [];
  const unusable: { fileName: string; reason: string }[] = [];
  const passedOver = dataFolder.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? dataFolder + sep : undefined;
  for await (const image of listImages(folder, { signal })) {
    if (passedOver !== undefined && image.path.startsWith(passedOver)) continue;
    const reason = unusableName(image.fileName);
    if (reason === undefined) images.push(image);
    else unusable.push({ fileName: image.fileName, reason });
    stage.update(images.length, undefined);
  }
  stage.done(counted(images.length + unusable.length, "image"));
  if (images.length === 0 && unusable.length === 0) {
    throw new Problem(`There are no images in ${folder} or below. Winnow takes files that end in ${IMAGE_EXTENSIONS.map((one) => `.${one}`).join(", ")}.`);
  }
  return { images, unusable };
}

/** What is known of a file, if that is still true of it as it is now. */
export function knownFacts({ fileName, sizeBytes, modifiedMs }: ListedImage, state: CollectionState): FileFacts | undefined {
  const facts = state.files.get(fileName);
  return facts !== undefined && facts.sizeBytes === sizeBytes && facts.modifiedMs === modifiedMs ? facts : undefined;
}

/**
 * Reads every image that isn't known yet: whether it can be decoded, its hash and its measurements.
 * @returns files that can't be opened, which are tried again next time
 */
export async function checkImages(images: readonly ListedImage[], state: CollectionState, progress: Progress, signal: AbortSignal): Promise<Listing["unusable"]> {
  const unknown = images.filter((image) => knownFacts(image, state) === undefined);
  if (unknown.length === 0) return [];
  const { examineImage } = await import("@winnow/media");
  const stage = progress.stage("Checking and measuring");
  const unreadable: { fileName: string; reason: string }[] = [];
  let done = 0;
  await concurrently(
    unknown,
    TOGETHER,
    async ({ fileName, path, sizeBytes, modifiedMs }) => {
      try {
        const { corrupted, reason, hash, metaData, exif } = await examineImage(path);
        const facts = corrupted ? { broken: reason ?? "it can't be decoded" } : { metaData: { ...metaData }, exif };
        state.record({ event: "file", fileName, sizeBytes, modifiedMs, hash, ...facts });
      } catch (error) {
        unreadable.push({ fileName, reason: reasonOf(error) });
      }
      stage.update(++done, unknown.length);
    },
    signal,
  );
  const broken = unknown.filter(({ fileName }) => state.files.get(fileName)?.broken !== undefined).length + unreadable.length;
  stage.done(`${counted(unknown.length, unknown.length === images.length ? "image" : "new or changed image")}, ${broken === 0 ? "none" : broken} broken`, unknown.length);
  return unreadable.sort((a, b) => Buffer.compare(Buffer.from(a.fileName), Buffer.from(b.fileName)));
}

/** What is wrong with one file. Anything else (a failing disk, too many open files) ends the run. */
function reasonOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
      return "it was removed meanwhile";
    case "EACCES":
    case "EPERM":
      return "permission to read it is denied";
    case "EISDIR":
      return "it is a folder";
    default:
      throw error;
  }
}
