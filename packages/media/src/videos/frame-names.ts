import { mediaKind, splitExtension } from "../names.ts";

/**
 * Names the frames of a video: the video's path without extension, the frame's index padded to the digits of the frame
 * count, the video's extension. Frame 99 of 200 of `a/b.mp4` is `a/b-099-mp4.png`.
 * @param index from 0, below `frameCount`.
 * @param frameCount how many frames the video has; all names of one video must be made with the same.
 * @param extension of the picture, `png` by default.
 * @throws RangeError when the index isn't one of the video's frames.
 */
export function frameName(video: string, index: number, frameCount: number, extension = "png"): string {
  if (!Number.isInteger(index) || !Number.isInteger(frameCount) || index < 0 || index >= frameCount) {
    throw new RangeError(`a video of ${frameCount} frames has no frame ${index}`);
  }
  const { filename, extension: container } = splitExtension(video);
  return `${filename}-${String(index).padStart(String(frameCount).length, "0")}-${container}.${extension}`;
}

/** What a frame's name tells. */
export interface FrameNameParts {
  /** Path of the video, with the extension spelt as it stands in the frame's name. */
  readonly video: string;
  readonly index: number;
  /** How many digits the index was padded to. */
  readonly digits: number;
  /** Extension of the frame's own file: `png`, or `json` of what goes with it. */
  readonly extension: string;
}

const PATTERN = /^(.+)-(\d{1,9})-([A-Za-z0-9]+)\.([A-Za-z0-9]+)$/s;

/**
 * Takes the name of a frame apart; undefined for a name that no video's frame can have. An image may be called like a
 * frame: whether there is such a video only the datasource knows.
 */
export function parseFrameName(name: string): FrameNameParts | undefined {
  const found = PATTERN.exec(name);
  if (found === null) return undefined;
  const [, stem, digits, container, extension] = found as unknown as [string, string, string, string, string];
  const video = `${stem}.${container}`;
  if (mediaKind(video) !== "video") return undefined;
  return { video, index: Number(digits), digits: digits.length, extension };
}
