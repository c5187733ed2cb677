import type { ExportQuery } from "@winnow/contract";

/** What a tag can be exported as. */
export interface ExportFormat {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Below `/v1/datasets/{datasetId}/tags/{tagId}/export/`. */
  readonly path: string;
  readonly extension: string;
  /** The answer holds addresses of images, so how long they work and who may use them can be chosen. */
  readonly addresses: boolean;
  readonly metadata: boolean;
  /** Predictions of a task come along. */
  readonly predictions?: boolean;
  readonly fixed: ExportQuery;
  /** Nothing to show before it is downloaded. */
  readonly archive?: boolean;
}

export const exportFormats: readonly ExportFormat[] = [
  { id: "names", title: "File names", text: "A text with a name a line.", path: "basic/filenames", extension: "txt", addresses: false, metadata: false, fixed: { format: "PLAIN" } },
  { id: "names-json", title: "File names (JSON)", text: "A list of names, or of names with all that is known of each sample.", path: "basic/filenames", extension: "json", addresses: false, metadata: true, fixed: { format: "JSON" } },
  { id: "addresses", title: "Names and addresses", text: "Each name with an address that the image can be read from.", path: "basic/filenamesAndReadUrls", extension: "json", addresses: false, metadata: false, fixed: { format: "JSON" } },
  { id: "label-studio", title: "Label Studio", text: "Tasks to import into a Label Studio project.", path: "LabelStudio/tasks", extension: "json", addresses: true, metadata: true, fixed: {} },
  { id: "labelbox", title: "Labelbox", text: "Data rows to import into Labelbox.", path: "LabelBox/datarows", extension: "json", addresses: true, metadata: false, fixed: {} },
  { id: "sama", title: "Sama", text: "Tasks to send to Sama.", path: "Sama/tasks", extension: "json", addresses: true, metadata: true, fixed: {} },
  { id: "coco", title: "COCO", text: "Images, predictions as annotations, categories: to train or label with.", path: "COCO", extension: "json", addresses: false, metadata: false, predictions: true, fixed: {} },
  { id: "zip", title: "Images (zip)", text: "All images of the tag in one archive, in their folders.", path: "zip", extension: "zip", addresses: false, metadata: false, fixed: {}, archive: true },
];

export interface ExportChoice {
  /** Days for which addresses work. */
  readonly days: number;
  /** Addresses that only signed-in users may use. */
  readonly closed: boolean;
  readonly metadata: boolean;
  /** Whose predictions are the annotations; undefined: of the only task there is. */
  readonly task?: string | undefined;
  /** Least score of a prediction that is exported. */
  readonly scoreMin: number;
}

/** Where an export is; `preview`: only its first rows. */
export function exportAddress(datasetId: string, tagId: string, format: ExportFormat, choice: ExportChoice, preview: boolean): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(format.fixed)) parameters.set(name, String(value));
  if (format.addresses) {
    parameters.set("expiresIn", String(Math.round(choice.days * 86_400)));
    if (choice.closed) parameters.set("accessControl", "default");
  }
  if (format.metadata && choice.metadata) parameters.set("includeMetaData", "true");
  if (format.predictions) {
    if (choice.task !== undefined) parameters.set("taskName", choice.task);
    if (choice.scoreMin > 0) parameters.set("scoreMin", String(choice.scoreMin));
  }
  if (preview) parameters.set("previewExample", "true");
  const search = parameters.toString();
  return `/v1/datasets/${datasetId}/tags/${tagId}/export/${format.path}${search === "" ? "" : `?${search}`}`;
}

/** Name of the file that a browser keeps an export under. */
export function exportFileName(tagName: string, { id, extension }: ExportFormat): string {
  const name = tagName.replaceAll(/[^a-zA-Z0-9._-]+/g, "-");
  return id === "names" || id === "zip" ? `${name}.${extension}` : `${name}-${id}.${extension}`;
}

/** A text of JSON with line breaks; anything else as it is. */
export function legible(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
