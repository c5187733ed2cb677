import { JsonField } from "../side-files/json-field.ts";
import { predictionFileOf, staysBelow, taskSchemaFileOf } from "../side-files/paths.ts";
import { PredictionFileError } from "../side-files/side-file-error.ts";
import { type ImagePredictions, predictionFileText } from "./prediction-file.ts";
import { type Singleton, SingletonReader, singletonsJson } from "./singletons.ts";
import { type PredictionTask, failing } from "./task-schema.ts";

/** A file to be written, by its path from the root of a datasource. */
export interface SideFile {
  readonly path: string;
  readonly text: string;
}

/**
 * The prediction files of a task, one image at a time: each is checked as it would be when it is read. What is wrong with
 * an image is given as an error in its place, so that the others are still written. Memory: one path an image.
 * @param images in any order, each at most once
 */
export async function* predictionFiles(
  task: PredictionTask,
  images: Iterable<ImagePredictions> | AsyncIterable<ImagePredictions>,
): AsyncGenerator<SideFile | PredictionFileError, void, undefined> {
  const reader = new SingletonReader(task);
  const taken = new Map<string, string>([[taskSchemaFileOf(task.name), "the schema of the task"]]);
  for await (const image of images) yield fileOf(task, reader, image, taken);
}

function fileOf(task: PredictionTask, reader: SingletonReader, image: ImagePredictions, taken: Map<string, string>): SideFile | PredictionFileError {
  const { fileName, singletons } = image;
  if (!staysBelow(fileName)) return new PredictionFileError(fileName, "file_name", "a path from the root of the datasource, without empty parts, . or ..", JSON.stringify(fileName));
  const path = predictionFileOf(task.name, fileName);
  const other = taken.get(path);
  if (other !== undefined) return new PredictionFileError(path, "file_name", `a path whose file isn't taken by ${other} (extensions don't count)`, JSON.stringify(fileName));
  const odd = singletons.findIndex(({ type }) => type !== task.type);
  if (odd !== -1) return new PredictionFileError(path, `predictions[${odd}]`, task.type, singletons[odd]!.type);
  try {
    reader.readAll(new JsonField(singletonsJson(singletons), "predictions", failing(path)));
  } catch (error) {
    if (error instanceof PredictionFileError) return error;
    throw error;
  }
  taken.set(path, fileName);
  return { path, text: predictionFileText(image) };
}

/**
 * A classification from the probabilities of all classes, in ascending order of category ids.
 * The class is the most probable one, the first of several.
 */
export function classification(task: PredictionTask, probabilities: ArrayLike<number>): Singleton {
  if (probabilities.length !== task.categories.length) throw new RangeError(`the task ${task.name} has ${task.categories.length} categories, got ${probabilities.length} probabilities`);
  let best = 0;
  for (let i = 1; i < probabilities.length; i++) if (probabilities[i]! > probabilities[best]!) best = i;
  return { type: "CLASSIFICATION", categoryId: task.categories[best]!.id, score: probabilities[best]!, probabilities: Array.from(probabilities) };
}

/**
 * Detections from plain arrays.
 * @param boxes n × 4: x, y, width, height in pixels
 * @param categoryIds n
 * @param scores n, 0…1
 */
export function detections(boxes: ArrayLike<number>, categoryIds: ArrayLike<number>, scores: ArrayLike<number>): Singleton[] {
  if (boxes.length !== 4 * categoryIds.length || scores.length !== categoryIds.length) {
    throw new RangeError(`boxes must have 4 numbers for each of the ${categoryIds.length} categories and there must be as many scores, got ${boxes.length} and ${scores.length}`);
  }
  return Array.from(categoryIds, (categoryId, i) => ({ type: "OBJECT_DETECTION", categoryId, score: scores[i]!, bbox: [boxes[4 * i]!, boxes[4 * i + 1]!, boxes[4 * i + 2]!, boxes[4 * i + 3]!] }));
}
