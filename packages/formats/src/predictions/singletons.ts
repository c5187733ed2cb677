/** What a model says of one image: singletons, one for each object or class. */
import type { JsonField } from "../side-files/json-field.ts";
import type { PredictionTask } from "./task-schema.ts";

interface Base {
  readonly categoryId: number;
  /** 0…1. */
  readonly score: number;
  /** One for each category, in ascending order of their ids; they sum to 1. */
  readonly probabilities?: readonly number[];
}

export interface ClassificationSingleton extends Base {
  readonly type: "CLASSIFICATION";
}

export interface DetectionSingleton extends Base {
  readonly type: "OBJECT_DETECTION";
  /** x, y of the upper left corner, width, height, in pixels. */
  readonly bbox: readonly [number, number, number, number];
}

export interface SegmentationSingleton extends Base {
  readonly type: "SEMANTIC_SEGMENTATION" | "INSTANCE_SEGMENTATION";
  /** Of the whole image, row by row, beginning with the zeros. */
  readonly segmentation: readonly number[];
}

export interface KeypointSingleton extends Base {
  readonly type: "KEYPOINT_DETECTION";
  /** x, y in pixels and confidence 0…1 of each point, one after another. */
  readonly keypoints: readonly number[];
}

export type Singleton = ClassificationSingleton | DetectionSingleton | SegmentationSingleton | KeypointSingleton;

const SINGLETONS_MAX = 100_000;
const RUNS_MAX = 10_000_000;
/** Sum of run lengths: pixels of the largest image that anything here decodes. */
const PIXELS_MAX = 2 ** 31;
const KEYPOINT_VALUES_MAX = 30_000;
/** How far the sum of probabilities may be from 1. */
const SUM_TOLERANCE = 1e-3;

/** Checks the singletons of an image against the schema of their task. Not for two tasks at once: it keeps what it needs of the schema. */
export class SingletonReader {
  readonly #task: PredictionTask;
  readonly #placeOf: ReadonlyMap<number, number>;

  constructor(task: PredictionTask) {
    this.#task = task;
    this.#placeOf = new Map(task.categories.map(({ id }, place) => [id, place]));
  }

  /** @param field list of singletons as files have them. @throws PredictionFileError */
  readAll(field: JsonField): Singleton[] {
    return field.list(SINGLETONS_MAX).map((one) => this.#read(one));
  }

  #read(one: JsonField): Singleton {
    const category: JsonField = one.get("category_id");
    const categoryId = category.integer(0);
    const place = this.#placeOf.get(categoryId);
    if (place === undefined) category.refuse(`a category of the task ${this.#task.name}`);
    const probabilities = this.#probabilities(one.optional("probabilities"));
    const { type } = this.#task;
    // A class that is named without score is as likely as its probability, or certain.
    const score = (type === "CLASSIFICATION" ? one.optional("score")?.number(0, 1) : one.get("score").number(0, 1)) ?? probabilities?.[place] ?? 1;
    const base = { categoryId, score, ...(probabilities === undefined ? {} : { probabilities }) };
    switch (type) {
      case "CLASSIFICATION":
        return { type, ...base };
      case "OBJECT_DETECTION":
        return { type, ...base, bbox: boxOf(one.get("bbox")) };
      case "SEMANTIC_SEGMENTATION":
      case "INSTANCE_SEGMENTATION":
        return { type, ...base, segmentation: runsOf(one.get("segmentation")) };
      case "KEYPOINT_DETECTION":
        return { type, ...base, keypoints: keypointsOf(one.get("keypoints")) };
    }
  }

  #probabilities(field: JsonField | undefined): number[] | undefined {
    if (field === undefined) return undefined;
    const probabilities = field.numbers({ minimum: 0, maximum: 1 });
    const { categories } = this.#task;
    if (probabilities.length !== categories.length) field.refuse(`a list of ${categories.length}, one for each category of the task ${this.#task.name}`);
    let sum = 0;
    for (const probability of probabilities) sum += probability;
    if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) field.refuse("numbers that sum to 1", `a sum of ${sum}`);
    return probabilities;
  }
}

function boxOf(field: JsonField): [number, number, number, number] {
  const box = field.numbers({ lengthMax: 4 });
  if (box.length !== 4) field.refuse("x, y, width, height");
  for (const side of [2, 3]) if (box[side]! < 0) field.refuse("x, y, width, height with a width and height of at least 0", `${box[2]} × ${box[3]}`);
  return box as [number, number, number, number];
}

function runsOf(field: JsonField): number[] {
  const runs = field.numbers({ lengthMax: RUNS_MAX, minimum: 0, whole: true });
  let size = 0;
  for (const run of runs) size += run;
  if (size === 0 || size > PIXELS_MAX) field.refuse(`run lengths that add up to the pixels of the image, at most ${PIXELS_MAX}`, `a sum of ${size}`);
  return runs;
}

function keypointsOf(field: JsonField): number[] {
  const values = field.numbers({ lengthMax: KEYPOINT_VALUES_MAX });
  if (values.length === 0 || values.length % 3 !== 0) field.refuse("x, y, confidence for each point");
  for (let i = 2; i < values.length; i += 3) if (values[i]! < 0 || values[i]! > 1) field.list()[i]!.refuse("a confidence from 0 to 1");
  return values;
}

/** Singletons as files have them. */
export function singletonsJson(singletons: readonly Singleton[]): object[] {
  return singletons.map((one) => ({
    category_id: one.categoryId,
    ...(one.type === "OBJECT_DETECTION" ? { bbox: one.bbox } : {}),
    ...("segmentation" in one ? { segmentation: one.segmentation } : {}),
    ...(one.type === "KEYPOINT_DETECTION" ? { keypoints: one.keypoints } : {}),
    score: one.score,
    ...(one.probabilities === undefined ? {} : { probabilities: one.probabilities }),
  }));
}
