/** Where the files that stand beside images and videos lie, relative to the root of a datasource. "/" separates. */

export const PREDICTIONS_FOLDER = ".lightly/predictions";
export const METADATA_FOLDER = ".lightly/metadata";
export const TASKS_FILE = `${PREDICTIONS_FOLDER}/tasks.json`;
export const METADATA_SCHEMA_FILE = `${METADATA_FOLDER}/schema.json`;

/** A path without the extension of its last part: `a.b/c.tar.gz` → `a.b/c.tar`. A name that begins with its only dot keeps it. */
export function withoutExtension(path: string): string {
  const dot = path.lastIndexOf(".");
  return dot > path.lastIndexOf("/") + 1 ? path.slice(0, dot) : path;
}

/** The extension of a path's last part, without the dot; empty where there is none. */
export function extensionOf(path: string): string {
  return path.slice(withoutExtension(path).length + 1);
}

/** The file that says something about an image, video or frame: `a/b.jpg` → `a/b.json`. */
export function sideFileOf(path: string): string {
  return `${withoutExtension(path)}.json`;
}

export function taskSchemaFileOf(taskName: string): string {
  return `${PREDICTIONS_FOLDER}/${taskName}/schema.json`;
}

/** Path of the predictions of an image or frame. */
export function predictionFileOf(taskName: string, path: string): string {
  return `${PREDICTIONS_FOLDER}/${taskName}/${sideFileOf(path)}`;
}

/** Path of the metadata of an image, video or frame. */
export function metadataFileOf(path: string): string {
  return `${METADATA_FOLDER}/${sideFileOf(path)}`;
}

/**
 * Name of a video's frame: `a/b.mp4`, frame 99 of 200 → `a/b-099-mp4.png`.
 * @param index of the frame, from 0
 * @param frameCount frames of the video; its digits are the width of the number
 * @throws RangeError when the index isn't below the count
 */
export function frameNameOf(videoPath: string, index: number, frameCount: number): string {
  if (!Number.isSafeInteger(index) || index < 0 || !(index < frameCount)) throw new RangeError(`the index of a frame must be from 0 to ${frameCount - 1}, got ${index}`);
  return `${withoutExtension(videoPath)}-${String(index).padStart(String(frameCount).length, "0")}-${extensionOf(videoPath)}.png`;
}

/** The video and index that the name of a frame speaks of; undefined for names of another form. */
export function frameOf(frameName: string): { readonly videoPath: string; readonly index: number } | undefined {
  const parts = /^(.+)-(\d{1,15})-([^/.-]+)\.png$/s.exec(frameName);
  return parts === null ? undefined : { videoPath: `${parts[1]}.${parts[3]}`, index: Number(parts[2]) };
}

/** Whether a path from outside stays below the folder that it is relative to. */
export function staysBelow(path: string): boolean {
  return path !== "" && !path.includes("\\") && !path.includes("\0") && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
