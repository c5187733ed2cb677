/** Types that a browser may show. Everything else is sent as bytes to be saved: an uploaded page or drawing must not run. */
const typeByExtension = new Map(Object.entries({
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  gif: "image/gif",
  bmp: "image/bmp",
  tif: "image/tiff",
  tiff: "image/tiff",
  ppm: "image/x-portable-pixmap",
  pgm: "image/x-portable-graymap",
  mp4: "video/mp4",
  m4v: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
  avi: "video/x-msvideo",
  mpg: "video/mpeg",
  mpeg: "video/mpeg",
  csv: "text/csv; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  log: "text/plain; charset=utf-8",
  json: "application/json; charset=utf-8",
  pdf: "application/pdf",
}));

export function contentType(fileName: string): string {
  const [, extension] = /\.([^./]*)$/.exec(fileName) ?? [];
  return typeByExtension.get((extension ?? "").toLowerCase()) ?? "application/octet-stream";
}
