import { resolve } from "node:path";
import type { PredictionTask } from "@winnow/formats";
import { type Command, command } from "../command.ts";
import * as shared from "../flags.ts";
import type { Io } from "../io.ts";
import { FORMATS, conversion, converted, requireFormat } from "../labels/convert.ts";
import { requireFolder } from "../files/places.ts";
import type { Written } from "../labels/prediction-folder.ts";
import { INCOMPLETE, UsageError } from "../problems.ts";

const importPredictions = command({
  name: "import",
  summary: "convert a model's predictions or labels into the .lightly folder of a datasource",
  arguments: [
    { name: "FORMAT", summary: FORMATS.join(", "), completes: FORMATS },
    { name: "SOURCE", summary: "coco: the file of the data set · yolo: the folder of the label files · csv: the table", completes: "file" },
  ],
  flags: {
    to: { value: "DIR", summary: "root of the datasource (of the output one, where there are two)" },
    task: { value: "NAME", summary: "name of the prediction task" },
    ...conversion,
    images: { value: "DIR", summary: "yolo: folder of the images; --to unless given" },
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
    requireFormat(format);
    if (given.to === undefined || given.task === undefined) throw new UsageError("give --to and --task: where the predictions go and what their task is called.");
    const { isTaskName } = await import("@winnow/formats");
    if (!isTaskName(given.task)) throw new UsageError("--task must be letters, digits and _+=,.@:/- (no empty parts, . or .. between slashes).");
    const root = requireFolder(resolve(io.cwd, given.to));
    const { task, images } = await converted(format, source!, { ...given, task: given.task, images: given.images ?? given.to }, io);
    const { writePredictions } = await import("../labels/prediction-folder.ts");
    const written = await writePredictions(root, task, images, { replace: given.replace === true, signal: io.stop });
    return report(written, task, root, given.json === true, io);
  },
});

function report({ images, predictions, refused }: Written, task: PredictionTask, root: string, json: boolean, io: Io): number {
  if (json) io.stdout.write(`${JSON.stringify({ task: task.name, images, predictions, refused })}\n`);
  else {
    for (const sentence of refused.slice(0, 20)) io.stderr.write(`${sentence}\n`);
    if (refused.length > 20) io.stderr.write(`and ${refused.length - 20} more (--json lists all).\n`);
    io.stdout.write(`${predictions} predictions of ${images} images in ${task.categories.length} categories written as task ${task.name} to ${root}.${refused.length > 0 ? ` ${refused.length} could not be written.` : ""}\n`);
  }
  return refused.length > 0 ? INCOMPLETE : 0;
}

export const predictions: Command = {
  name: "predictions",
  group: "Curate on this machine",
  summary: "predictions of models, as datasources hold them",
  commands: [importPredictions],
};
