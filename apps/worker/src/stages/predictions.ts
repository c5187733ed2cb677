import {
  PREDICTIONS_FOLDER,
  type PredictionTask,
  PredictionFileError,
  PredictionFileReader,
  type Singleton,
  TASKS_FILE,
  frameOf,
  predictionFileOf,
  readTaskList,
  readTaskSchema,
  sideFileOf,
  taskSchemaFileOf,
} from "@winnow/formats";
import type { SourceFiles } from "../files/source-files.ts";
import { type RunContext, RunFailure } from "../run/context.ts";
import { Refusals, sideFiles } from "./side-listing.ts";

/** Reads which prediction tasks the datasource has. @throws RunFailure for a list, or the schema of a task in it, that can't be used */
export async function readTasks(files: SourceFiles): Promise<PredictionTask[]> {
  const text = await files.readText(TASKS_FILE);
  if (text === undefined) return [];
  const names = readTaskList(text, TASKS_FILE);
  if (names instanceof PredictionFileError) throw new RunFailure(`${names.message} Put it right, or remove the file if there are no predictions.`);
  const tasks: PredictionTask[] = [];
  for (const name of names) {
    const file = taskSchemaFileOf(name);
    const schema = await files.readText(file);
    if (schema === undefined) throw new RunFailure(`The prediction task ${name} is listed in ${TASKS_FILE}, but has no schema: put it into ${file}, or take the task out of the list.`);
    const task = readTaskSchema(schema, { file, name });
    if (task instanceof PredictionFileError) throw new RunFailure(`The schema of the prediction task ${name} can't be used. ${task.message}`);
    tasks.push(task);
  }
  return tasks;
}

/** @throws RunFailure naming the task and those that there are */
export function requireTask(tasks: readonly PredictionTask[], name: string): PredictionTask {
  const task = tasks.find((one) => one.name === name);
  if (task !== undefined) return task;
  const there = tasks.length === 0 ? "there are none in the datasource" : `there are ${tasks.map((one) => one.name).join(", ")}`;
  throw new RunFailure(`There is no prediction task ${name}: ${there}. Tasks are listed in ${TASKS_FILE}.`);
}

/** What a task says of images, by file name: a table with a row for each prediction. Masks are not kept. */
export class TaskPredictions {
  readonly task: PredictionTask;
  /** First row and number of rows of an image. */
  readonly #places = new Map<string, readonly [first: number, count: number]>();
  readonly #boxes: number[] = [];
  readonly #places2: number[] = [];
  readonly #scores: number[] = [];
  readonly #probabilities = new Map<number, Float32Array>();
  readonly #keypoints = new Map<number, readonly number[]>();
  readonly #placeOf: ReadonlyMap<number, number>;

  constructor(task: PredictionTask) {
    this.task = task;
    this.#placeOf = new Map(task.categories.map(({ id }, place) => [id, place]));
  }

  add(fileName: string, singletons: readonly Singleton[]): void {
    const first = this.#scores.length;
    for (const one of singletons) {
      const row = this.#scores.length;
      this.#places2.push(this.#placeOf.get(one.categoryId)!);
      this.#scores.push(one.score);
      if (this.task.type === "OBJECT_DETECTION") this.#boxes.push(...(one as Extract<Singleton, { type: "OBJECT_DETECTION" }>).bbox);
      if (one.probabilities !== undefined) this.#probabilities.set(row, Float32Array.from(one.probabilities));
      if (one.type === "KEYPOINT_DETECTION") this.#keypoints.set(row, one.keypoints);
    }
    this.#places.set(fileName, [first, singletons.length]);
  }

  has(fileName: string): boolean {
    return this.#places.has(fileName);
  }

  /** Predictions of an image; undefined when nothing is known of it. */
  of(fileName: string): PredictionRow[] | undefined {
    const place = this.#places.get(fileName);
    if (place === undefined) return undefined;
    return Array.from({ length: place[1] }, (_, i) => {
      const row = place[0] + i;
      const probabilities = this.#probabilities.get(row);
      const keypoints = this.#keypoints.get(row);
      return {
        index: i,
        category: this.#places2[row]!,
        score: this.#scores[row]!,
        box: [this.#boxes[4 * row] ?? 0, this.#boxes[4 * row + 1] ?? 0, this.#boxes[4 * row + 2] ?? 0, this.#boxes[4 * row + 3] ?? 0] as const,
        ...(probabilities === undefined ? {} : { probabilities }),
        ...(keypoints === undefined ? {} : { keypoints }),
      };
    });
  }

  get fileNames(): IterableIterator<string> {
    return this.#places.keys();
  }
}

export interface PredictionRow {
  /** Place among the predictions of its image. */
  readonly index: number;
  /** Place of its category in the schema. */
  readonly category: number;
  readonly score: number;
  readonly box: readonly [number, number, number, number];
  readonly probabilities?: Float32Array;
  readonly keypoints?: readonly number[];
}

export interface SideInput {
  readonly context: RunContext;
  readonly files: SourceFiles;
  /** Images and videos of this run. */
  readonly fileNames: ReadonlySet<string>;
  /** Whether these are all that the datasource has, so that other names are unknown ones. */
  readonly isAll: boolean;
  readonly relevantFilenamesFile: string | null;
}

/** Reads what a task says of the images and frames of this run. A file that can't be used is counted, and stops nothing. */
export async function readPredictions({ context, files, fileNames, isAll, relevantFilenamesFile }: SideInput, task: PredictionTask): Promise<{ predictions: TaskPredictions; refusals: Refusals }> {
  const predictions = new TaskPredictions(task);
  const refusals = new Refusals(`prediction files of ${task.name}`);
  const reader = new PredictionFileReader(task);
  const folder = `${PREDICTIONS_FOLDER}/${task.name}/`;
  const stems = stemsOf(fileNames);
  async function* wanted(): AsyncGenerator<string, void, undefined> {
    for await (const page of sideFiles(context, { task: task.name }, relevantFilenamesFile)) {
      for (const path of page) {
        if (isAbout(path.slice(folder.length), stems)) yield path;
        else if (isAll) refusals.addUnknown(path);
      }
    }
  }
  let done = 0;
  for await (const file of files.readAll(wanted(), 16)) {
    context.progress(`reading predictions of ${task.name}`, ++done, null);
    if ("problem" in file) {
      refusals.add(`${file.path}: ${file.problem.message}.`);
      continue;
    }
    const found = reader.read(decoded(file.bytes), { file: file.path });
    if (found instanceof PredictionFileError) refusals.add(found.message);
    else if (!isItem(found.fileName, fileNames)) refusals.addUnknown(file.path);
    else predictions.add(found.fileName, found.singletons);
  }
  return { predictions, refusals };
}

/** The predictions of some images, masks and all, as they stand in the datasource now. */
export async function* readPredictionsOf(files: SourceFiles, task: PredictionTask, fileNames: Iterable<string>): AsyncGenerator<{ fileName: string; singletons: readonly Singleton[] }, void, undefined> {
  const reader = new PredictionFileReader(task);
  const names = new Map([...fileNames].map((name) => [predictionFileOf(task.name, name), name]));
  for await (const file of files.readAll(names.keys(), 16)) {
    if ("problem" in file) continue;
    const fileName = names.get(file.path)!;
    const found = reader.read(decoded(file.bytes), { file: file.path, fileName });
    if (!(found instanceof PredictionFileError)) yield found;
  }
}

/** What side files of images are called, without folder and extension. */
export function stemsOf(fileNames: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...fileNames].map(sideFileOf));
}

/** Whether a side file, named from the folder of its kind, is of one of the images, or of a frame of one of the videos. */
export function isAbout(path: string, stems: ReadonlySet<string>): boolean {
  if (stems.has(path)) return true;
  const frame = frameOf(path.replace(/\.json$/, ".png"));
  return frame !== undefined && stems.has(sideFileOf(frame.videoPath));
}

/** Whether a name is that of an image of the run or of a frame of one of its videos. */
export function isItem(fileName: string, fileNames: ReadonlySet<string>): boolean {
  if (fileNames.has(fileName)) return true;
  const frame = frameOf(fileName);
  return frame !== undefined && fileNames.has(frame.videoPath);
}

export function decoded(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

