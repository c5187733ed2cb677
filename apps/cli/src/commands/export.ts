import { command } from "../command.ts";
import { BINARY, EXPORT_KINDS, type ExportKind } from "../exports/kinds.ts";
import { writable } from "../files/places.ts";
import { writeStream } from "../files/write-stream.ts";
import * as flags from "../flags.ts";
import { UsageError } from "../problems.ts";
import { datasetFlag, findTag, tagFlag, useDataset } from "../platform/dataset.ts";
import { connection, platform } from "../platform/platform.ts";
import { Progress } from "../terminal/progress.ts";

const KINDS = Object.keys(EXPORT_KINDS) as readonly ExportKind[];

export const exportCommand = command({
  name: "export",
  group: "Work with a platform",
  summary: "write a tag for labelling tools, as names, as archive, with predictions or vectors",
  arguments: [{ name: "KIND", summary: KINDS.join(", "), completes: KINDS }],
  flags: {
    dataset: datasetFlag,
    tag: tagFlag,
    out: { value: "FILE", summary: "write it there; else it is printed" },
    task: { value: "NAME", summary: "coco, predictions: of this task only" },
    minScore: { value: "S", summary: "coco: only predictions of at least this score, 0 to 1", parse: parseScore },
    embedding: { value: "NAME", summary: "embeddings: the one of this name; the newest unless given" },
    withMetadata: { summary: "label-studio, sama: with what is known of each image" },
    expiresIn: { value: "SECONDS", summary: "how long addresses of images work; 7 days unless given", parse: flags.whole("--expires-in", 1, 31_536_000) },
    signedIn: { summary: "addresses of images work for signed-in users only" },
    ...connection,
    json: flags.json,
  },
  notes: `${KINDS.map((kind) => `${kind.padEnd(13)} ${EXPORT_KINDS[kind]}`).join("\n")}

With --json and --out what was written is told as JSON; names are printed as JSON with it.`,
  examples: [
    "winnow export label-studio --dataset streets --tag chosen --out tasks.json",
    "winnow export labelbox --dataset streets --tag chosen --expires-in 86400 --out rows.json",
    "winnow export zip --dataset streets --tag chosen --out chosen.zip",
    "winnow export coco --dataset streets --tag chosen --task cars --min-score 0.5 --out coco.json",
    "winnow export names --dataset streets --tag chosen",
    "winnow export embeddings --dataset streets --out embeddings.csv",
  ],
  async run({ flags: given, arguments: [word] }, io) {
    const kind = KINDS.find((one) => one === word);
    if (kind === undefined) throw new UsageError(`KIND must be one of ${KINDS.join(", ")}, not ${JSON.stringify(word)}.`);
    const out = given.out === undefined ? undefined : writable(io.cwd, given.out, "--out");
    if (out === undefined && BINARY.has(kind)) throw new UsageError(`give --out: ${kind} isn't text.`);
    const client = await platform(given, io);
    await useDataset(client, given.dataset, io);
    const tag = await findTag(client, given.tag, io.stop);
    const { EXPORTS } = await import("../exports/write.ts");
    const content = EXPORTS[kind]({ ...given, client, datasetId: await client.datasetId, tag, io, asJson: given.json === true && out === undefined });
    if (out === undefined) {
      for await (const piece of content) {
        io.stop.throwIfAborted();
        io.stdout.write(typeof piece === "string" ? piece : Buffer.from(piece).toString("utf8"));
      }
      return;
    }
    const progress = new Progress(io);
    const stage = progress.stage(`Exporting ${kind}`);
    let bytes: number;
    try {
      bytes = await writeStream(out, content, io.stop, (written) => stage.update(written, undefined, "bytes"));
      stage.done(`${bytes.toLocaleString("en-US")} bytes`);
    } finally {
      progress.clear();
    }
    io.stdout.write(given.json ? `${JSON.stringify({ kind, tag: tag.name, file: out, bytes })}\n` : `The tag ${tag.name} is written to ${out}.\n`);
  },
});

function parseScore(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || value > 1) throw new UsageError(`--min-score must be a number from 0 to 1, not ${JSON.stringify(text)}.`);
  return value;
}
