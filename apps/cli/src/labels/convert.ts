import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { CocoTaskType, ConvertedPredictions, ImagePredictions, PredictionTask } from "@winnow/formats";
import * as flags from "../flags.ts";
import type { Io } from "../io.ts";
import { Problem, UsageError } from "../problems.ts";
import { requireText } from "./text-file.ts";

/** What predictions can be read from. */
export const FORMATS = ["coco", "yolo", "csv"] as const;
export type Format = (typeof FORMATS)[number];

const TYPES = { detection: "OBJECT_DETECTION", segmentation: "INSTANCE_SEGMENTATION", keypoints: "KEYPOINT_DETECTION" } as const satisfies Readonly<Record<string, CocoTaskType>>;

/** Flags of the commands that convert. */
export const conversion = {
  results: { value: "FILE.json", summary: "coco: what a model found on that data set, in place of its labels" },
  type: flags.choiceOf("--type", ["detection", "segmentation", "keypoints"], "detection", "coco"),
  names: { value: "FILE", summary: "yolo: names of the classes, a line each, or a data.yaml" },
} as const;

/** @throws UsageError */
export function requireFormat(format: string | undefined): asserts format is Format {
  if (!FORMATS.includes(format as Format)) throw new UsageError(`FORMAT must be ${FORMATS.join(", ")}, not ${JSON.stringify(format)}.`);
}

/** How the user wants it converted. */
export interface Conversion {
  readonly task: string;
  readonly results: string | undefined;
  readonly type: keyof typeof TYPES;
  /** Folder of the images; only YOLO needs it. */
  readonly images: string | undefined;
  readonly names: string | undefined;
}

/** Predictions one image after the other; an error stands in the place of what could not be read. */
export interface Streamed {
  readonly task: PredictionTask;
  readonly images: AsyncIterable<ImagePredictions | Error> | Iterable<ImagePredictions | Error>;
}

/** @throws Problem, UsageError, ConversionError for a source that makes no sense */
export async function converted(format: Format, source: string, given: Conversion, io: Io): Promise<ConvertedPredictions | Streamed> {
  const { convertCoco, convertPredictionTable } = await import("@winnow/formats");
  switch (format) {
    case "coco": {
      const results = given.results === undefined ? {} : { results: { text: await requireText(io.cwd, given.results), file: given.results } };
      return convertCoco(await requireText(io.cwd, source), { taskName: given.task, type: TYPES[given.type], file: source, ...results });
    }
    case "csv":
      return convertPredictionTable(createReadStream(resolve(io.cwd, source)), { taskName: given.task, file: source });
    case "yolo":
      return convertYolo(source, given, io);
  }
}

async function convertYolo(labels: string, given: Conversion, io: Io): Promise<Streamed> {
  if (given.images === undefined) throw new UsageError("yolo needs --images: the folder of the images, whose sizes the boxes are shares of.");
  if (given.names === undefined) throw new UsageError("yolo needs --names: the classes' names, which label files give by number.");
  const { openYolo } = await import("../labels/yolo-folder.ts");
  const { ImageError, uprightSize } = await import("@winnow/media");
  const { classes, images } = await openYolo(io.cwd, { images: given.images, labels, names: given.names }, io.stop);
  async function* predictions(): AsyncGenerator<ImagePredictions | Error> {
    let count = 0;
    for await (const one of images) {
      if (one instanceof Error) {
        yield one;
        continue;
      }
      if (one.boxes === undefined) continue;
      count++;
      try {
        const { width, height } = await uprightSize(one.image.path);
        yield {
          fileName: one.image.fileName,
          singletons: one.boxes.map((box) => ({ type: "OBJECT_DETECTION", categoryId: box.category, score: box.score, bbox: [box.x * width, box.y * height, box.width * width, box.height * height] })),
        };
      } catch (error) {
        if (!(error instanceof ImageError)) throw error;
        yield new Error(`${one.image.fileName}: ${error.message}.`);
      }
    }
    if (count === 0) throw new Problem(`No image has a label file in ${resolve(io.cwd, labels)}: a/b.jpg is looked for as a/b.txt.`);
  }
  return { task: { name: given.task, type: "OBJECT_DETECTION", categories: classes.map((name, id) => ({ id, name })) }, images: predictions() };
}
