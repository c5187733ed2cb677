import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { CocoTaskType, ConvertedPredictions, ImagePredictions, PredictionTask } from "@winnow/formats";
import { type Command, command } from "../command.ts";
import * as shared from "../flags.ts";
import type { Io } from "../io.ts";
import { requireFolder, requireText } from "../labels/folders.ts";
import { type Written, writePredictions } from "../labels/prediction-folder.ts";
import { Problem, UsageError } from "../problems.ts";

const FORMATS = ["coco", "yolo", "csv"] as const;
type Format = (typeof FORMATS)[number];

const TYPES = { detection: "OBJECT_DETECTION", segmentation: "INSTANCE_SEGMENTATION", keypoints: "KEYPOINT_DETECTION" } as const satisfies Readonly<Record<string, CocoTaskType>>;

const importPredictions = command({
  name: "import",
  summary: "convert a model's predictions or labels into the .lightly folder of a datasource",
  arguments: [
    { name: "FORMAT", summary: FORMATS.join(", ") },
    { name: "SOURCE", summary: "coco: the file of the data set · yolo: the folder of the label files · csv: the table" },
  ],
  flags: {
    to: { value: "DIR", summary: "root of the datasource (of the output one, where there are two)" },
    task: { value: "NAME", summary: "name of the prediction task" },
    results: { value: "FILE.json", summary: "coco: what a model found on that data set, in place of its labels" },
    type: { value: "T", initial: "detection" as keyof typeof TYPES, summary: `coco: ${Object.keys(TYPES).join(", ")}`, parse: parseType },
    images: { value: "DIR", summary: "yolo: folder of the images; --to unless given" },
    names: { value: "FILE", summary: "yolo: names of the classes, a line each, or a data.yaml" },
    replace: { summary: "replace a task of that name that has other categories" },
    json: shared.json,
  },
  notes: `Names of images are paths from the root of the datasource. Boxes are pixels of the upright image, save for yolo,
whose shares of width and height are converted.

csv: columns filename, category, score, x, y, width, height (a row per box; an image without any has a row with the
others empty), or filename and one column per class with its probability.

An image that is listed without predictions counts as one in which nothing was found; with yolo, one without a label
file is left out.`,
  examples: [
    "winnow predictions import coco instances.json --results found.json --task detector-1 --to photos",
    "winnow predictions import yolo runs/labels --names data.yaml --task detector-2 --to photos",
    "winnow predictions import csv probabilities.csv --task weather --to photos",
  ],
  async run({ flags: given, arguments: [format, source] }, io) {
    if (!FORMATS.includes(format as Format)) throw new UsageError(`FORMAT must be ${FORMATS.join(", ")}, not ${JSON.stringify(format)}.`);
    if (given.to === undefined || given.task === undefined) throw new UsageError("give --to and --task: where the predictions go and what their task is called.");
    const { isTaskName } = await import("@winnow/formats");
    if (!isTaskName(given.task)) throw new UsageError("--task must be letters, digits and _+=,.@:/- (no empty parts, . or .. between slashes).");
    const root = await requireFolder(io.cwd, given.to);
    const { task, images } = await converted(format as Format, source!, { ...given, task: given.task, to: given.to }, io);
    const written = await writePredictions(root, task, images, { replace: given.replace === true, signal: io.stop });
    return report(written, task, root, given.json === true, io);
  },
});

interface Given {
  readonly task: string;
  readonly to: string;
  readonly results: string | undefined;
  readonly type: keyof typeof TYPES;
  readonly images: string | undefined;
  readonly names: string | undefined;
}

interface Streamed {
  readonly task: PredictionTask;
  readonly images: AsyncIterable<ImagePredictions | Error> | Iterable<ImagePredictions | Error>;
}

async function converted(format: Format, source: string, given: Given, io: Io): Promise<ConvertedPredictions | Streamed> {
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

async function convertYolo(labels: string, given: Given, io: Io): Promise<Streamed> {
  if (given.names === undefined) throw new UsageError("yolo needs --names: the classes' names, which label files give by number.");
  const { openYolo } = await import("../labels/yolo-folder.ts");
  const { ImageError, uprightSize } = await import("@winnow/media");
  const { classes, images } = await openYolo(io.cwd, { images: given.images ?? given.to, labels, names: given.names }, io.stop);
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

function report({ images, predictions, refused }: Written, task: PredictionTask, root: string, json: boolean, io: Io): number {
  if (json) io.stdout.write(`${JSON.stringify({ task: task.name, images, predictions, refused })}\n`);
  else {
    for (const sentence of refused.slice(0, 20)) io.stderr.write(`${sentence}\n`);
    if (refused.length > 20) io.stderr.write(`and ${refused.length - 20} more (--json lists all).\n`);
    io.stdout.write(`${predictions} predictions of ${images} images in ${task.categories.length} categories written as task ${task.name} to ${root}.${refused.length > 0 ? ` ${refused.length} could not be written.` : ""}\n`);
  }
  return refused.length > 0 ? 1 : 0;
}

function parseType(text: string): keyof typeof TYPES {
  if (!Object.hasOwn(TYPES, text)) throw new UsageError(`--type must be ${Object.keys(TYPES).join(", ")}, not ${JSON.stringify(text)}.`);
  return text as keyof typeof TYPES;
}

export const predictions: Command = {
  name: "predictions",
  summary: "predictions of models, as datasources hold them",
  commands: [importPredictions],
};
