import { decodeCocoCounts } from "../masks/coco-counts.ts";
import { polygonRunLengths } from "../masks/polygons.ts";
import { MASK_PIXELS_MAX, transposeRunLengths } from "../masks/run-lengths.ts";
import { checkedCategories, type PredictionTask } from "../predictions/task-schema.ts";
import type { Singleton } from "../predictions/singletons.ts";
import { type JsonField, parseJson } from "../side-files/json-field.ts";
import { ConversionError } from "../side-files/side-file-error.ts";
import { ByImage, CONVERTED_CHARACTERS_MAX, type ConvertedPredictions, failingConversion } from "./converted.ts";

/** What of COCO's annotations becomes predictions. */
export type CocoTaskType = "OBJECT_DETECTION" | "INSTANCE_SEGMENTATION" | "KEYPOINT_DETECTION";

export interface CocoOptions {
  readonly taskName: string;
  /** `OBJECT_DETECTION` by default. */
  readonly type?: CocoTaskType;
  /** For messages. */
  readonly file: string;
  /** What a model found, in COCO's results format: a list of `{image_id, category_id, bbox | segmentation | keypoints, score}`. Then the annotations of the data set itself don't count. */
  readonly results?: { readonly text: string; readonly file: string };
}

interface CocoImage {
  readonly fileName: string;
  readonly width: number | undefined;
  readonly height: number | undefined;
}

const ENTRIES_MAX = 20_000_000;

/**
 * Converts a COCO data set, or a model's results on one. Annotations without score are certain (1); of keypoints those that
 * were not labelled have confidence 0, the others 1, and results keep theirs. Image names are paths from the root of the
 * datasource, as they stand in the file.
 * @param text of the data set: `images`, `categories`, `annotations`
 * @throws ConversionError naming file and field
 */
export function convertCoco(text: string, options: CocoOptions): ConvertedPredictions {
  const type = options.type ?? "OBJECT_DETECTION";
  const root = parseJson(text, failingConversion(options.file), CONVERTED_CHARACTERS_MAX);
  const task: PredictionTask = { name: options.taskName, type, categories: checkedCategories(root.get("categories")) };
  const known = new Set(task.categories.map(({ id }) => id));
  const byId = new Map<number, CocoImage>();
  const images = new ByImage();
  for (const image of root.get("images").list(ENTRIES_MAX)) {
    const id = image.get("id").integer();
    const fileName = image.get("file_name").text();
    if (byId.has(id)) image.get("id").refuse("an id that no other image has");
    if (images.has(fileName)) image.get("file_name").refuse("a name that no other image has");
    byId.set(id, { fileName, width: image.optional("width")?.integer(1), height: image.optional("height")?.integer(1) });
    images.add(fileName);
  }
  const entries = options.results === undefined ? root.get("annotations") : parseJson(options.results.text, failingConversion(options.results.file), CONVERTED_CHARACTERS_MAX);
  for (const entry of entries.list(ENTRIES_MAX)) {
    const imageId = entry.get("image_id");
    const image = byId.get(imageId.integer()) ?? imageId.refuse("the id of one of the images");
    const category = entry.get("category_id");
    const categoryId = category.integer();
    if (!known.has(categoryId)) category.refuse("the id of one of the categories");
    images.add(image.fileName, singletonOf(entry, type, categoryId, image, options.results !== undefined));
  }
  return { task, images: images.finish() };
}

function singletonOf(entry: JsonField, type: CocoTaskType, categoryId: number, image: CocoImage, isResult: boolean): Singleton {
  const base = { categoryId, score: (isResult ? entry.get("score") : entry.optional("score"))?.number(0, 1) ?? 1 };
  switch (type) {
    case "OBJECT_DETECTION": {
      const field = entry.get("bbox");
      const bbox = field.numbers({ lengthMax: 4 });
      if (bbox.length !== 4) field.refuse("a list of 4: x, y, width, height");
      return { type, ...base, bbox: bbox as unknown as [number, number, number, number] };
    }
    case "INSTANCE_SEGMENTATION":
      return { type, ...base, segmentation: runsOf(entry.get("segmentation"), image) };
    case "KEYPOINT_DETECTION": {
      const field = entry.get("keypoints");
      const values = field.numbers({ lengthMax: 30_000 });
      if (values.length === 0 || values.length % 3 !== 0) field.refuse("a list of x, y and confidence of each point");
      // Labels say 0 not labelled, 1 hidden, 2 visible; a model says how sure it is.
      return { type, ...base, keypoints: values.map((value, i) => (i % 3 === 2 ? Math.min(1, Math.max(0, value)) : value)) };
    }
  }
}

/** Polygons, or run lengths by columns, plain or compressed; ours go by rows. */
function runsOf(field: JsonField, image: CocoImage): number[] {
  try {
    if (Array.isArray(field.value)) {
      const { width, height } = image;
      if (width === undefined || height === undefined) return field.refuse(`run lengths with their size, or polygons of an image whose width and height are known (${image.fileName} has none)`);
      return polygonRunLengths(field.list().map((polygon) => polygon.numbers()), width, height);
    }
    const size = field.get("size");
    const [height, width, more] = size.numbers({ lengthMax: 2, minimum: 1, whole: true });
    if (height === undefined || width === undefined || more !== undefined || height * width > MASK_PIXELS_MAX) size.refuse("height and width of the mask");
    const counts = field.get("counts");
    const runs = typeof counts.value === "string" ? decodeCocoCounts(counts.text(100_000_000)) : counts.numbers({ lengthMax: 10_000_000, minimum: 0, whole: true });
    return transposeRunLengths(runs, width!, height!);
  } catch (error) {
    if (error instanceof ConversionError || !(error instanceof RangeError)) throw error;
    return field.refuse("a mask", error.message);
  }
}
