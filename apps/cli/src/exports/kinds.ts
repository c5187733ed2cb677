/** What a tag can be exported as. One more: one line here, one entry in `write.ts`. */
export const EXPORT_KINDS = {
  names: "file names, a line each",
  urls: "file names with the address of each image, as CSV",
  "label-studio": "tasks for Label Studio, as JSON",
  labelbox: "data rows for Labelbox, as JSON",
  coco: "a COCO data set: images, predictions of --task as annotations, categories",
  sama: "tasks for Sama, as JSON",
  zip: "the images themselves, in one archive",
  predictions: "predictions of models, one image a line as JSON",
  embeddings: "vectors, as CSV",
} as const;

export type ExportKind = keyof typeof EXPORT_KINDS;

/** Kinds that aren't text. */
export const BINARY: ReadonlySet<ExportKind> = new Set(["zip"]);
