import type { ApiWorkflowClient, UploadedPredictions } from "@winnow/client";
import type { ImagePredictions } from "@winnow/formats";
import { type Command, command } from "../command.ts";
import { readable } from "../files/places.ts";
import * as flags from "../flags.ts";
import { FORMATS, conversion, converted, requireFormat } from "../labels/convert.ts";
import { INCOMPLETE, Problem, UsageError } from "../problems.ts";
import { datasetFlag, useDataset } from "../platform/dataset.ts";
import { connection, platform } from "../platform/platform.ts";
import { Progress, counted, number } from "../terminal/progress.ts";

const shared = { dataset: datasetFlag, ...connection, json: flags.json } as const;
const LISTED_MAX = 20;

const predictions = command({
  name: "predictions",
  summary: "store a model's predictions, or labels, with the samples of a dataset",
  resumes: true,
  arguments: [
    { name: "FORMAT", summary: FORMATS.join(", "), completes: FORMATS },
    { name: "SOURCE", summary: "coco: the file of the data set · yolo: the folder of the label files · csv: the table", completes: "file" },
  ],
  flags: { task: { value: "NAME", summary: "name of the prediction task" }, ...conversion, images: { value: "DIR", summary: "yolo: folder of the images" }, ...shared },
  notes: `The formats are those of winnow predictions import, which writes the files of a datasource in place of storing them at once.
Each import makes a new version of the predictions; selections take the newest of each task.

Predictions of images that the dataset doesn't have are left out and counted; the exit code is 3 when some can't be stored.`,
  examples: [
    "winnow import predictions coco instances.json --results found.json --task detector-1 --dataset streets",
    "winnow import predictions yolo runs/labels --images photos --names data.yaml --task detector-2 --dataset streets",
    "winnow import predictions csv probabilities.csv --task weather --dataset streets",
  ],
  async run({ flags: given, arguments: [format, source] }, io) {
    requireFormat(format);
    if (given.task === undefined) throw new UsageError("give --task: what the task of these predictions is called.");
    const { isTaskName, wireSingleton, wireTaskSchema } = await import("@winnow/formats");
    if (!isTaskName(given.task)) throw new UsageError("--task must be letters, digits and _+=,.@:/- (no empty parts, . or .. between slashes).");
    const { task, images } = await converted(format, source!, { ...given, task: given.task }, io);
    const client = await platform(given, io);
    await useDataset(client, given.dataset, io);
    const known = new Set(await client.getFilenames({ signal: io.stop }));
    const refused: string[] = [];
    const unknown: string[] = [];
    async function* wanted(): AsyncGenerator<UploadedPredictions> {
      for await (const image of images as AsyncIterable<ImagePredictions | Error>) {
        if (image instanceof Error) refused.push(image.message);
        else if (!known.has(image.fileName)) unknown.push(image.fileName);
        else yield { fileName: image.fileName, singletons: image.singletons.map((one) => wireSingleton(task.name, one)) };
      }
    }
    const progress = new Progress(io);
    try {
      const stage = progress.stage("Storing predictions");
      const { predictionUUIDTimestamp } = await client.createPredictionTaskSchema(wireTaskSchema(task), { signal: io.stop });
      const stored = await client.uploadPredictions(wanted(), { task: task.name, predictionUUIDTimestamp, onProgress: ({ done }) => stage.update(done, undefined), signal: io.stop });
      stage.done(`${number(stored.singletons)} of ${counted(stored.samples, "image")}`, stored.samples);
      if (given.json) io.stdout.write(`${JSON.stringify({ task: task.name, version: predictionUUIDTimestamp, images: stored.samples, predictions: stored.singletons, unknown: unknown.length, refused })}\n`);
      else {
        for (const sentence of refused.slice(0, LISTED_MAX)) io.stderr.write(`${sentence}\n`);
        if (refused.length > LISTED_MAX) io.stderr.write(`and ${refused.length - LISTED_MAX} more (--json lists all).\n`);
        if (unknown.length > 0) io.stderr.write(`${counted(unknown.length, "image")} of these predictions, such as ${unknown[0]}, ${unknown.length === 1 ? "isn't" : "aren't"} in the dataset; names are paths from the root of the upload.\n`);
        io.stdout.write(`${number(stored.singletons)} predictions of ${counted(stored.samples, "image")} stored as task ${task.name}.\n`);
      }
      return refused.length + unknown.length > 0 ? INCOMPLETE : 0;
    } finally {
      progress.clear();
    }
  },
});

const embeddings = command({
  name: "embeddings",
  summary: "upload vectors of all samples of a dataset",
  resumes: true,
  arguments: [{ name: "FILE", summary: ".csv, .npy or .parquet, with a row for each sample in any order", completes: "file" }],
  flags: { name: { value: "NAME", initial: "default", summary: "what the embeddings are called" }, names: { value: "FILE", summary: "names of the rows of an .npy or .parquet file without names, one per line" }, new: { summary: "refuse where there are embeddings of that name, in place of adding to them" }, ...shared },
  notes: `Where there are embeddings of that name, the file's rows take the place of theirs, the others stay, and the whole is stored under
the name with the time added. The same vectors again change nothing.`,
  examples: ["winnow import embeddings embeddings.csv --dataset streets", "winnow import embeddings vectors.npy --names names.txt --name my-model --dataset streets"],
  async run({ flags: given, arguments: [file] }, io) {
    const path = readable(io.cwd, file!);
    const names = given.names === undefined ? undefined : readable(io.cwd, given.names);
    const client = await platform(given, io);
    await useDataset(client, given.dataset, io);
    if (given.new && (await hasEmbedding(client, given.name, io.stop))) throw new Problem(`The dataset has embeddings ${given.name} already. Without --new, these are added to them.`);
    const { sendEmbeddings } = await import("../platform/send-embeddings.ts");
    const progress = new Progress(io);
    try {
      const sent = await sendEmbeddings(client, { path, names, name: given.name }, progress, io.stop);
      io.stdout.write(given.json ? `${JSON.stringify(sent)}\n` : `The embeddings ${sent.name} (${sent.id}) ${sent.there ? "were there already" : `hold ${counted(sent.vectors, "vector")} of this file`}.\n`);
    } finally {
      progress.clear();
    }
  },
});

async function hasEmbedding(client: ApiWorkflowClient, name: string, signal: AbortSignal): Promise<boolean> {
  const { domains } = await import("@winnow/client");
  const embeddings = await client.call(domains.embeddings.getEmbeddingsByDatasetId, { path: { datasetId: await client.datasetId }, signal });
  return embeddings.some((one) => one.name.startsWith(name));
}

const metadata = command({
  name: "metadata",
  summary: "store what is known of images with the samples of a dataset",
  resumes: true,
  arguments: [{ name: "FILE", summary: ".csv with a column filenames, or .json: COCO with a list metadata", completes: "file" }],
  flags: shared,
  notes: `Columns of a table become whole numbers, numbers, truth values or text, by what stands in them, and the app is told of them.
Rows of images that the dataset doesn't have are named and left out.`,
  examples: ["winnow import metadata weather.csv --dataset streets", "winnow import metadata metadata.json --dataset streets --json"],
  async run({ flags: given, arguments: [file] }, io) {
    const { readMetadata } = await import("../platform/metadata-file.ts");
    const { describeMetadata, sendMetadata } = await import("../platform/send-metadata.ts");
    const read = await readMetadata(readable(io.cwd, file!));
    const client = await platform(given, io);
    await useDataset(client, given.dataset, io);
    const progress = new Progress(io);
    try {
      const stored = await sendMetadata(client, read.metadata, progress, io.stop);
      if (read.entries !== undefined) await describeMetadata(client, read.entries, io.stop);
      const rows = read.metadata.metadata.length;
      io.stdout.write(given.json ? `${JSON.stringify({ rows, stored })}\n` : `Metadata of ${number(stored)} of ${counted(rows, "row")} stored.\n`);
      return stored < rows ? INCOMPLETE : 0;
    } finally {
      progress.clear();
    }
  },
});

export const importCommand: Command = {
  name: "import",
  group: "Work with a platform",
  summary: "bring predictions, embeddings or metadata into a dataset",
  commands: [predictions, embeddings, metadata],
};
