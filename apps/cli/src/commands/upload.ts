import { resolve } from "node:path";
import type { UploadFile } from "@winnow/client";
import { command } from "../command.ts";
import { datasetNameOf } from "../curate/names.ts";
import { readable, requireFolder } from "../files/places.ts";
import * as flags from "../flags.ts";
import { INCOMPLETE, Problem, UsageError } from "../problems.ts";
import { useOrMakeDataset } from "../platform/dataset.ts";
import { connection, platform } from "../platform/platform.ts";
import { named } from "../terminal/listed.ts";
import { Progress, counted, number } from "../terminal/progress.ts";

export const upload = command({
  name: "upload",
  group: "Work with a platform",
  summary: "upload the images of a folder into a dataset",
  resumes: true,
  arguments: [{ name: "PATH", summary: "folder with images, sub-folders included", completes: "folder" }],
  flags: {
    dataset: { value: "DATASET", summary: "name or id of the dataset; one of that name is made when there is none. Default: WINNOW_DATASET, else the folder's name" },
    mode: flags.choiceOf("--mode", ["full", "thumbnails", "metadata"], "full", "what is sent of each image beside what is measured"),
    new: { summary: "refuse a dataset that was uploaded to before, in place of adding to it" },
    resize: { value: "SIZE", summary: "send images resized: the length of the shorter edge, or HEIGHTxWIDTH", parse: parseResize },
    embeddings: { value: "FILE", summary: "upload these embeddings too: .csv, .npy or .parquet. Images without a row are left out" },
    names: { value: "FILE", summary: "names of the rows of an embeddings file without names, one per line" },
    embeddingName: { value: "NAME", initial: "default", summary: "what the embeddings are called on the platform" },
    metadata: { value: "FILE", summary: "custom metadata: .json (COCO with a list metadata) or .csv with a column filenames" },
    parallel: { value: "N", initial: 8, summary: "images sent at a time", parse: flags.whole("--parallel", 1, 64) },
    ...connection,
    json: flags.json,
  },
  notes: `Images that the dataset has under the same name are skipped, and those whose pictures are missing, as after an interruption,
get them. Broken images are named and become samples without a picture, unless there are --embeddings. The exit code is 3 when some could not be uploaded.`,
  examples: ["winnow upload photos", "winnow upload photos --dataset \"street scenes\" --mode thumbnails", "winnow upload photos --dataset streets --embeddings embeddings.csv --metadata weather.csv", "winnow upload photos --resize 512 --json"],
  async run({ flags: given, arguments: [path] }, io) {
    const { env, stop: signal } = io;
    const folder = requireFolder(resolve(io.cwd, path!));
    const embeddings = given.embeddings === undefined ? undefined : readable(io.cwd, given.embeddings);
    const names = given.names === undefined ? undefined : readable(io.cwd, given.names);
    const { readMetadata } = await import("../platform/metadata-file.ts");
    const { describeMetadata, sendMetadata } = await import("../platform/send-metadata.ts");
    const metadata = given.metadata === undefined ? undefined : await readMetadata(readable(io.cwd, given.metadata));
    const client = await platform(given, io);
    const progress = new Progress(io);
    try {
      const { DUMP_FORMATS, IMAGE_EXTENSIONS, dumpImage, listImages } = await import("@winnow/media");
      const formatOf = (fileName: string) => DUMP_FORMATS.find((one) => fileName.toLowerCase().endsWith(`.${one}`)) ?? "png";
      const withVector = embeddings === undefined ? undefined : await namesIn(embeddings, names, signal);
      const { dataset, made } = await useOrMakeDataset(client, given.dataset ?? (env["WINNOW_DATASET"]?.trim() || datasetNameOf(folder)), signal);
      progress.say(`${made ? "Made the dataset" : "Uploading into the dataset"} ${dataset.name} (${dataset.id}) on ${client.serverUrl}`);
      if (given.new && (await client.getAllTags({ signal })).length > 0) throw new Problem(`The dataset ${dataset.name} has samples already. Without --new, what is new is added to it.`);

      const { resize } = given;
      const files: UploadFile[] = [];
      const leftOut: { fileName: string; reason: string }[] = [];
      for await (const { fileName, path } of listImages(folder, { signal })) {
        if (withVector?.has(fileName) === false) leftOut.push({ fileName, reason: "it has no row in the embeddings" });
        else files.push(resize === undefined ? { fileName, path } : { fileName, read: async () => (await dumpImage(path, { size: resize, format: formatOf(fileName) })).bytes });
      }
      if (files.length === 0) throw new Problem(leftOut.length > 0 ? `No image in ${folder} has a row in ${embeddings}.` : `There are no images in ${folder} or below. Winnow takes files that end in ${IMAGE_EXTENSIONS.map((one) => `.${one}`).join(", ")}.`);

      const stage = progress.stage("Uploading");
      const summary = await client.uploadDataset(files, {
        mode: given.mode,
        maxWorkers: given.parallel,
        registration: "bulk",
        repair: true,
        ...(metadata !== undefined && { customMetadata: metadata.metadata }),
        onProgress: ({ done, total }) => stage.update(done, total),
        signal,
      });
      const { uploaded, skipped, repaired, failed, failedCount, corrupted, corruptedCount } = summary;
      stage.done(
        [`${counted(uploaded, "image")} uploaded`, skipped > 0 && `${number(skipped)} there already`, repaired > 0 && `${number(repaired)} repaired`, failedCount > 0 && `${number(failedCount)} failed`].filter(Boolean).join(", "),
        uploaded,
      );
      // Images that were there before got no metadata on the way.
      if (metadata !== undefined && skipped + repaired > 0) await sendMetadata(client, metadata.metadata, progress, signal);
      if (metadata?.entries !== undefined) await describeMetadata(client, metadata.entries, signal);
      let embedding;
      if (embeddings !== undefined) {
        const { sendEmbeddings } = await import("../platform/send-embeddings.ts");
        embedding = await sendEmbeddings(client, { path: embeddings, names, name: given.embeddingName }, progress, signal);
      }
      if (given.json) io.stdout.write(`${JSON.stringify({ datasetId: dataset.id, dataset: dataset.name, made, total: summary.total, uploaded, skipped, repaired, failed, failedCount, corrupted, corruptedCount, leftOut, ...(embedding && { embedding }) })}\n`);
      else {
        io.stderr.write(named("Broken", corrupted, corruptedCount) + named("Left out", leftOut) + named("Failed", failed, failedCount));
        io.stdout.write(`${dataset.name} (${dataset.id}): ${number(uploaded)} uploaded, ${number(skipped)} there already, ${number(repaired)} repaired, ${number(failedCount)} failed.\n`);
      }
      return failedCount + leftOut.length > 0 ? INCOMPLETE : 0;
    } finally {
      progress.clear();
    }
  },
});

async function namesIn(path: string, namesPath: string | undefined, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { readNamedVectors, naming } = await import("../select/vectors.ts");
  if (!/\.csv$/i.test(path)) return new Set((await readNamedVectors(path, namesPath, signal)).names);
  const { createReadStream } = await import("node:fs");
  const { scanEmbeddingsCsv } = await import("@winnow/formats");
  const names = new Set<string>();
  await naming(path, scanEmbeddingsCsv(createReadStream(path, { highWaterMark: 1 << 20 }), ({ fileName }) => void names.add(fileName), { signal }));
  return names;
}

function parseResize(text: string): number | readonly [number, number] {
  const found = /^(\d{1,5})(?:x(\d{1,5}))?$/.exec(text);
  const [height, width] = [Number(found?.[1]), found?.[2] === undefined ? undefined : Number(found[2])];
  if (found === null || height < 1 || width === 0) throw new UsageError(`--resize must be the length of the shorter edge such as 512, or HEIGHTxWIDTH such as 480x640, not ${JSON.stringify(text)}.`);
  return width === undefined ? height : [height, width];
}
