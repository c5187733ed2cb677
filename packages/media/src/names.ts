/**
 * The extensions (lower case, without the dot) of the image files that Winnow takes; everything else in a folder is
 * passed over. Case of the name does not matter.
 */
export const IMAGE_EXTENSIONS: readonly string[] = Object.freeze([
  "jpg",
  "jpeg",
  "png",
  "ppm",
  "bmp",
  "pgm",
  "tif",
  "tiff",
  "webp",
]);

/**
 * Whether a file name (or path, separated by "/") is the name of an image that Winnow takes: one of
 * {@link IMAGE_EXTENSIONS}, and a last part that doesn't begin with a dot.
 */
export function isImageName(name: string): boolean {
  const last = name.slice(name.lastIndexOf("/") + 1);
  const dot = last.lastIndexOf(".");
  return dot > 0 && !last.startsWith(".") && IMAGE_EXTENSIONS.includes(last.slice(dot + 1).toLowerCase());
}
