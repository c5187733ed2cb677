// Which names are images and videos is the media room's knowledge; here stands what their files are served as.
import { IMAGE_EXTENSIONS, splitExtension, VIDEO_EXTENSIONS } from "@winnow/media/names";

export { isImageName, isVideoName, mediaKind, splitExtension } from "@winnow/media/names";

/** Endings of names that are taken as images and videos, in lower case, without the dot. */
export const imageExtensions = IMAGE_EXTENSIONS;
export const videoExtensions = VIDEO_EXTENSIONS;

const types: Readonly<Record<string, string>> = {
  jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", ppm: "image/x-portable-pixmap", pgm: "image/x-portable-graymap", bmp: "image/bmp", tif: "image/tiff", tiff: "image/tiff", webp: "image/webp", gif: "image/gif", svg: "image/svg+xml",
  mp4: "video/mp4", m4v: "video/mp4", mov: "video/quicktime", avi: "video/x-msvideo", mpg: "video/mpeg", mpeg: "video/mpeg", hevc: "video/hevc", webm: "video/webm",
  json: "application/json", txt: "text/plain; charset=utf-8", csv: "text/csv; charset=utf-8", html: "text/html; charset=utf-8", pdf: "application/pdf",
};

/** The Content-Type of a file, by its name. */
export function mediaType(path: string): string {
  return types[splitExtension(path).extension.toLowerCase()] ?? "application/octet-stream";
}
