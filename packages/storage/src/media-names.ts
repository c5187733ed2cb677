/** Endings of names that are taken as images and videos, in lower case, without the dot. */
export const imageExtensions = ["jpg", "jpeg", "png", "ppm", "bmp", "pgm", "tif", "tiff", "webp"] as const;
export const videoExtensions = ["mp4", "mov", "avi", "mpg", "hevc", "m4v", "webm", "mpeg"] as const;

const images: ReadonlySet<string> = new Set(imageExtensions);
const videos: ReadonlySet<string> = new Set(videoExtensions);

/** What a name of a file makes it: an image, a video, or neither. Names with a leading dot are neither; case doesn't matter. */
export function mediaKind(path: string): "image" | "video" | undefined {
  if (path.slice(path.lastIndexOf("/") + 1).startsWith(".")) return undefined;
  const extension = splitExtension(path).extension.toLowerCase();
  if (images.has(extension)) return "image";
  return videos.has(extension) ? "video" : undefined;
}

export function isImageName(path: string): boolean {
  return mediaKind(path) === "image";
}

export function isVideoName(path: string): boolean {
  return mediaKind(path) === "video";
}

/** The path without its extension, and the extension without its dot: `a.b/c.tar.gz` is `a.b/c.tar` and `gz`; a leading dot starts no extension. */
export function splitExtension(path: string): { filename: string; extension: string } {
  const name = path.lastIndexOf("/") + 1;
  const dot = path.lastIndexOf(".");
  return dot > name ? { filename: path.slice(0, dot), extension: path.slice(dot + 1) } : { filename: path, extension: "" };
}

const types: Readonly<Record<string, string>> = {
  jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", ppm: "image/x-portable-pixmap", pgm: "image/x-portable-graymap", bmp: "image/bmp", tif: "image/tiff", tiff: "image/tiff", webp: "image/webp", gif: "image/gif", svg: "image/svg+xml",
  mp4: "video/mp4", m4v: "video/mp4", mov: "video/quicktime", avi: "video/x-msvideo", mpg: "video/mpeg", mpeg: "video/mpeg", hevc: "video/hevc", webm: "video/webm",
  json: "application/json", txt: "text/plain; charset=utf-8", csv: "text/csv; charset=utf-8", html: "text/html; charset=utf-8", pdf: "application/pdf",
};

/** The Content-Type of a file, by its name. */
export function mediaType(path: string): string {
  return types[splitExtension(path).extension.toLowerCase()] ?? "application/octet-stream";
}
