import type { ListedImage } from "@winnow/media";
import type { Listing } from "../files/list-images.ts";
import type { CollectionState, FileFacts } from "./collection-state.ts";
import { concurrently } from "./concurrently.ts";
import { type Progress, counted } from "../terminal/progress.ts";

/** Decoding has threads of its own; a few ahead keep them busy. */
const TOGETHER = 6;

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
