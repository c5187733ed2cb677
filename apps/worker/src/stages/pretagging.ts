import { readFile } from "node:fs/promises";
import { type Detection, type Detector, createStreetDetector } from "@winnow/embedding";
import { type PredictionTask, PredictionFileError, type Singleton, TASKS_FILE, predictionFiles, readTaskList, taskListText, taskSchemaFileOf, taskSchemaText } from "@winnow/formats";
import { ImageError, type ImageSource, VideoError, thumbnail } from "@winnow/media";
import { mediaKind } from "@winnow/storage";
import sharp from "sharp";
import { WriteRefused } from "../files/source-files.ts";
import { RunFailure } from "../run/context.ts";
import type { Workplace } from "../run/workplace.ts";
import { sharedFile } from "./choose-encoder.ts";
import type { Listing } from "./listing.ts";
import { type PredictionRow, TaskPredictions } from "./predictions.ts";

/** The task under which the detector's boxes are known. */
export const PRETAGGING_TASK = "lightly_pretagging";

/** Images that are decoded ahead, and that go through the model together. */
const AHEAD = 16;
const TOGETHER = 4;
const EXAMPLES = 6;

export interface Pretagging {
  readonly predictions: TaskPredictions;
  /** Images and frames that were looked at. */
  readonly images: number;
  readonly notices: readonly string[];
  /** Whether an image has too few detections of a class to be selected. */
  isExcluded(fileName: string): boolean;
  /** What was found in some images, or in all. */
  detectionsOf(fileNames: Iterable<string> | "all"): { readonly fileName: string; readonly singletons: readonly Singleton[] }[];
  /** Some images with their boxes. */
  examples(): Promise<{ readonly fileName: string; readonly jpeg: Uint8Array }[]>;
}

/** Runs the detector over everything that is new. What can't be decoded is left for the check that follows. */
export async function pretag(workplace: Workplace, listing: Listing): Promise<Pretagging> {
  const { context, configuration, files, videos } = workplace;
  const { docker } = configuration;
  const detector = await createStreetDetector(docker.numThreads === null ? {} : { threads: Math.max(1, docker.numThreads) });
  const least = docker.pretaggingConfig === null ? undefined : await readLeast(await sharedFile(context, files, docker.pretaggingConfig, "pretagging_config"), docker.pretaggingConfig, detector);
  const task: PredictionTask = { name: PRETAGGING_TASK, type: "OBJECT_DETECTION", categories: detector.categories.map((name, id) => ({ id, name })) };
  const predictions = new TaskPredictions(task);
  const most: { fileName: string; boxes: number; jpeg: Uint8Array }[] = [];
  let done = 0;
  const began = performance.now();
  try {
    for await (const { fileName, source, detections } of detectAll(detector, pictures(), context.signal)) {
      predictions.add(fileName, detections.map(singletonOf));
      context.progress("pretagging", ++done, null, { pretagged: (1000 * done) / Math.max(1, performance.now() - began) });
      if (!docker.pretaggingDebug || detections.length === 0) continue;
      if (most.length === EXAMPLES && most.at(-1)!.boxes >= detections.length) continue;
      most.push({ fileName, boxes: detections.length, jpeg: await drawn(source, detections) });
      most.sort((a, b) => b.boxes - a.boxes).splice(EXAMPLES);
    }
  } finally {
    await detector.close();
  }
  const unknown = detector.categories.filter((name) => !detector.known.includes(name));
  const notices = unknown.length === 0 ? [] : [`The detector ${detector.name} can't tell ${unknown.join(", ")}: these classes of ${PRETAGGING_TASK} stay empty.`];

  return {
    predictions,
    images: done,
    notices,
    isExcluded(fileName) {
      if (least === undefined) return false;
      const counts = new Map<number, number>();
      for (const { category } of predictions.of(fileName) ?? []) counts.set(category, (counts.get(category) ?? 0) + 1);
      return [...least].some(([category, count]) => (counts.get(category) ?? 0) < count);
    },
    detectionsOf: (fileNames) => [...(fileNames === "all" ? predictions.fileNames : fileNames)].map((fileName) => ({ fileName, singletons: (predictions.of(fileName) ?? []).map(singletonOfRow) })),
    examples: async () => most.map(({ fileName, jpeg }) => ({ fileName, jpeg })),
  };

  async function* pictures(): AsyncGenerator<{ readonly fileName: string; readonly source: Uint8Array }, void, undefined> {
    const images = listing.fileNames.filter((name) => mediaKind(name) === "image");
    for await (const file of files.readAll(images, AHEAD)) if ("bytes" in file) yield { fileName: file.path, source: file.bytes };
    for (const video of listing.fileNames.filter((name) => mediaKind(name) === "video")) {
      try {
        for await (const frame of videos.frames(video)) yield { fileName: frame.fileName, source: frame.bytes() };
      } catch (error) {
        if (!(error instanceof VideoError)) throw error;
      }
    }
  }
}

/** Decodes ahead while the model computes, in the order of the input. */
async function* detectAll(
  detector: Detector,
  pictures: AsyncIterable<{ readonly fileName: string; readonly source: Uint8Array }>,
  signal: AbortSignal,
): AsyncGenerator<{ readonly fileName: string; readonly source: Uint8Array; readonly detections: readonly Detection[] }, void, undefined> {
  const underWay: { readonly fileName: string; readonly source: Uint8Array; readonly prepared: Promise<Awaited<ReturnType<Detector["prepare"]>> | undefined> }[] = [];
  const flush = async function* (count: number) {
    const some = underWay.splice(0, count);
    const ready = await Promise.all(some.map(async (one) => ({ ...one, pixels: await one.prepared })));
    const whole = ready.filter(({ pixels }) => pixels !== undefined);
    const found = await detector.detect(whole.map(({ pixels }) => pixels!));
    for (const [i, { fileName, source }] of whole.entries()) yield { fileName, source, detections: found[i]! };
  };
  for await (const { fileName, source } of pictures) {
    signal.throwIfAborted();
    underWay.push({ fileName, source, prepared: prepared(detector, source) });
    if (underWay.length >= AHEAD) yield* flush(TOGETHER);
  }
  while (underWay.length > 0) yield* flush(TOGETHER);
}

async function prepared(detector: Detector, source: ImageSource): Promise<Awaited<ReturnType<Detector["prepare"]>> | undefined> {
  try {
    return await detector.prepare(source);
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}

/** How many detections of which class an image needs, by category. @throws RunFailure for a file that says something else */
async function readLeast(path: string, called: string, { categories }: Detector): Promise<ReadonlyMap<number, number>> {
  let given: unknown;
  try {
    given = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new RunFailure(`pretagging_config: ${called} is no JSON (${(error as Error).message}). It must look like {"person": 1, "car": 2}.`);
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw new RunFailure(`pretagging_config: ${called} must hold an object of class and number, like {"person": 1, "car": 2}.`);
  return new Map(
    Object.entries(given).map(([name, count]) => {
      const category = categories.indexOf(name);
      if (category === -1) throw new RunFailure(`pretagging_config: the detector has no class ${JSON.stringify(name)}; it has ${categories.join(", ")}.`);
      if (!Number.isSafeInteger(count) || (count as number) < 0) throw new RunFailure(`pretagging_config: the number for ${name} must be a whole number of at least 0, got ${JSON.stringify(count)}.`);
      return [category, count as number];
    }),
  );
}

function singletonOf({ box, category, score, probabilities }: Detection): Singleton {
  return { type: "OBJECT_DETECTION", categoryId: category, score, bbox: box, probabilities };
}

function singletonOfRow({ box, category, score, probabilities }: PredictionRow): Singleton {
  return { type: "OBJECT_DETECTION", categoryId: category, score, bbox: box, ...(probabilities === undefined ? {} : { probabilities: Array.from(probabilities) }) };
}

/** A small picture with the boxes drawn into it. */
async function drawn(source: Uint8Array, detections: readonly Detection[]): Promise<Uint8Array> {
  const small = await thumbnail(source, { longestSide: 480 });
  const { width, height } = await sharp(small).metadata();
  // Boxes are in pixels of the upright image, of which the thumbnail is a small copy.
  const { width: wide, height: high } = await uprightSize(source);
  const scale = (value: number, from: number, to: number) => (value * to) / from;
  const frames = detections.map(({ box: [x, y, w, h], category }) => {
    const colour = `hsl(${(category * 67) % 360} 90% 45%)`;
    return `<rect x="${scale(x, wide, width)}" y="${scale(y, high, height)}" width="${scale(w, wide, width)}" height="${scale(h, high, height)}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  });
  const overlay = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${frames.join("")}</svg>`);
  return sharp(small).composite([{ input: overlay }]).jpeg({ quality: 80 }).toBuffer();
}

async function uprightSize(source: Uint8Array): Promise<{ readonly width: number; readonly height: number }> {
  try {
    const { autoOrient } = await sharp(source).metadata();
    return autoOrient;
  } catch {
    // Formats that the library doesn't read have no orientation.
    const { decodeImage } = await import("@winnow/media");
    return decodeImage(source);
  }
}

/** Writes what was detected into the datasource, as a prediction task. */
export async function writePretagging({ context, files, notices }: Workplace, task: PredictionTask, detections: readonly { readonly fileName: string; readonly singletons: readonly Singleton[] }[]): Promise<void> {
  const put = (path: string, text: string) => files.write(path, Buffer.from(text));
  try {
    let done = 0;
    for await (const file of predictionFiles(task, detections)) {
      if (file instanceof PredictionFileError) notices.push(`The detections of an image could not be written: ${file.message}`);
      else await put(file.path, file.text);
      context.progress("writing detections", ++done, detections.length);
    }
    await put(taskSchemaFileOf(task.name), taskSchemaText(task));
    const listed = await files.readText(TASKS_FILE);
    const names = listed === undefined ? [] : readTaskList(listed, TASKS_FILE);
    // Last: from then on the task counts.
    if (!(names instanceof PredictionFileError) && !names.includes(task.name)) await put(TASKS_FILE, taskListText(names, task.name));
  } catch (error) {
    if (error instanceof WriteRefused) throw new RunFailure(`The detections can't be written, because the datasource takes no files: ${error.message}. Give it the right to write, or set pretagging_upload to false.`);
    throw error;
  }
}
