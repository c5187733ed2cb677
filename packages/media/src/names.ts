/**
 * The extensions (lower case, without the dot) of the image files that Winnow takes; everything else in a folder is
 * passed over. Case of the name does not matter. This file is the one place where they stand, and imports nothing: rooms
 * that only want names enter by `@winnow/media/names`.
 */
export const IMAGE_EXTENSIONS = Object.freeze(["jpg", "jpeg", "png", "ppm", "bmp", "pgm", "tif", "tiff", "webp"] as const);

/** The same of video files. */
export const VIDEO_EXTENSIONS = Object.freeze(["mp4", "mov", "avi", "mpg", "hevc", "m4v", "webm", "mpeg"] as const);

const images: ReadonlySet<string> = new Set(IMAGE_EXTENSIONS);
const videos: ReadonlySet<string> = new Set(VIDEO_EXTENSIONS);

/**
 * What the name of a file (or its path, separated by "/") makes it: an image, a video, or neither. Names with a leading dot
 * are neither.
 */
export function mediaKind(path: string): "image" | "video" | undefined {
  if (path.slice(path.lastIndexOf("/") + 1).startsWith(".")) return undefined;
  const extension = splitExtension(path).extension.toLowerCase();
  if (images.has(extension)) return "image";
  return videos.has(extension) ? "video" : undefined;
}

/** Whether a name is that of an image that Winnow takes: one of {@link IMAGE_EXTENSIONS}, and no leading dot. */
export function isImageName(path: string): boolean {
  return mediaKind(path) === "image";
}

/** Whether a name is that of a video that Winnow takes: one of {@link VIDEO_EXTENSIONS}, and no leading dot. */
export function isVideoName(path: string): boolean {
  return mediaKind(path) === "video";
}

/** The path without its extension, and the extension without its dot: `a.b/c.tar.gz` is `a.b/c.tar` and `gz`; a leading dot starts no extension. */
export function splitExtension(path: string): { filename: string; extension: string } {
  const name = path.lastIndexOf("/") + 1;
  const dot = path.lastIndexOf(".");
  return dot > name ? { filename: path.slice(0, dot), extension: path.slice(dot + 1) } : { filename: path, extension: "" };
}
