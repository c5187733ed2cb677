import type { ApiWorkflowClient } from "@winnow/client";
import { type Command, command } from "../command.ts";
import * as flags from "../flags.ts";
import type { Io } from "../io.ts";
import { Problem, UsageError } from "../problems.ts";
import { requireDatasetName, useDataset } from "../platform/dataset.ts";
import { connection, platform } from "../platform/platform.ts";
import { confirmed, yesFlag } from "../terminal/confirm.ts";
import { number } from "../terminal/progress.ts";
import { moment, table } from "../terminal/table.ts";

const shared = { ...connection, json: flags.json } as const;
const dataset = { name: "DATASET", summary: "name or id" } as const;

const list = command({
  name: "ls",
  summary: "list your datasets, and those that others share with you",
  flags: shared,
  examples: ["winnow datasets ls", "winnow datasets ls --json"],
  async run({ flags: given }, io) {
    const client = await platform(given, io);
    const [own, others] = await Promise.all([client.getDatasets({ signal: io.stop }), client.getDatasets({ shared: true, signal: io.stop })]);
    if (given.json) return void io.stdout.write(`${JSON.stringify([...own.map((one) => ({ ...one, shared: false })), ...others.map((one) => ({ ...one, shared: true }))])}\n`);
    if (own.length + others.length === 0) return void io.stdout.write("There are no datasets yet. Make one with winnow upload PATH, or winnow curate PATH.\n");
    const row = (note: string) => ({ name, type, nSamples, lastModifiedAt, id }: (typeof own)[number]) => [name, `${type.toLowerCase()}${note}`, number(nSamples), moment(lastModifiedAt), id];
    io.stdout.write(table(io, [["NAME", "TYPE", "SAMPLES", "MODIFIED (UTC)", "ID"], ...own.map(row("")), ...others.map(row(", shared"))]));
  },
});

const TYPES = { images: "Images", videos: "Videos", crops: "Crops" } as const;

const create = command({
  name: "create",
  summary: "make a dataset",
  arguments: [{ name: "NAME", summary: "at least 3 characters: letters, digits, blanks, _ and -, the first a letter or digit" }],
  flags: { type: flags.choiceOf("--type", ["images", "videos", "crops"], "images", "what it holds"), ...shared },
  examples: ["winnow datasets create \"street scenes\"", "winnow datasets create drives --type videos --json"],
  async run({ flags: given, arguments: [name] }, io) {
    requireDatasetName(name!);
    const client = await platform(given, io);
    const { domains } = await import("@winnow/client");
    if ((await client.getDatasets({ signal: io.stop })).some((one) => one.name === name)) throw new Problem(`You have a dataset ${JSON.stringify(name)} already.`);
    const { id } = await client.call(domains.datasets.createDataset, { body: { name: name!, type: TYPES[given.type] }, signal: io.stop });
    io.stdout.write(given.json ? `${JSON.stringify({ id, name })}\n` : `Made the dataset ${name} (${id}).\n`);
  },
});

const show = command({
  name: "show",
  summary: "show what a dataset holds: samples, tags, embeddings, predictions",
  arguments: [dataset],
  flags: shared,
  examples: ["winnow datasets show streets", "winnow datasets show 64e1f0c2a9b3d4e5f6a7b8c9 --json"],
  async run({ flags: given, arguments: [name] }, io) {
    const client = await platform(given, io);
    const found = await useDataset(client, name, io);
    const { domains } = await import("@winnow/client");
    const path = { datasetId: found.id };
    const [tags, embeddings, predictions] = await Promise.all([
      client.getAllTags({ signal: io.stop }),
      client.call(domains.embeddings.getEmbeddingsByDatasetId, { path, signal: io.stop }),
      predictionTasks(client, io),
    ]);
    if (given.json) return void io.stdout.write(`${JSON.stringify({ ...found, tags: tags.map((tag) => ({ id: tag.id, name: tag.name })), embeddings: embeddings.map(({ id, name: called }) => ({ id, name: called })), predictionTasks: predictions })}\n`);
    const facts = [
      ["name", found.name],
      ["id", found.id],
      ["type", found.type.toLowerCase()],
      ["samples", number(found.nSamples)],
      ["size", `${number(found.sizeInBytes)} bytes`],
      ["made", `${moment(found.createdAt)} UTC`],
      ["modified", `${moment(found.lastModifiedAt)} UTC`],
      ["tags", tags.map((tag) => tag.name).join(", ") || "none"],
      ["embeddings", embeddings.map((one) => one.name).join(", ") || "none"],
      ["predictions", predictions.join(", ") || "none"],
    ];
    io.stdout.write(facts.map(([key, value]) => `${key!.padEnd(12)}${value}\n`).join(""));
  },
});

async function predictionTasks(client: ApiWorkflowClient, io: Io): Promise<string[]> {
  const versions = await client.getPredictionVersions({ signal: io.stop });
  return [...new Set(versions.flatMap(({ tasks }) => tasks.map(({ name }) => name)))];
}

const rename = command({
  name: "rename",
  summary: "give a dataset another name",
  arguments: [dataset, { name: "NAME", summary: "the new name" }],
  flags: shared,
  examples: ["winnow datasets rename streets \"street scenes\""],
  async run({ flags: given, arguments: [old, name] }, io) {
    requireDatasetName(name!);
    const client = await platform(given, io);
    const { id } = await useDataset(client, old, io);
    const { domains } = await import("@winnow/client");
    await client.call(domains.datasets.updateDatasetById, { path: { datasetId: id }, body: { name: name! }, signal: io.stop });
    io.stdout.write(given.json ? `${JSON.stringify({ id, name })}\n` : `The dataset ${id} is called ${name} now.\n`);
  },
});

const remove = command({
  name: "rm",
  summary: "delete a dataset with everything in it",
  arguments: [dataset],
  flags: { yes: yesFlag, ...shared },
  examples: ["winnow datasets rm old-streets", "winnow datasets rm old-streets --yes"],
  async run({ flags: given, arguments: [name] }, io) {
    if (name === undefined) throw new UsageError("Say which dataset is to be deleted.");
    const client = await platform(given, io);
    const { id, name: called, nSamples } = await useDataset(client, name, io);
    await confirmed(`Delete the dataset ${called} (${id}) with its ${number(nSamples)} samples, tags and embeddings? This can't be undone.`, called, given.yes === true, io);
    await client.deleteDatasetById(id, { signal: io.stop });
    io.stdout.write(given.json ? `${JSON.stringify({ removed: id, name: called })}\n` : `Deleted the dataset ${called} (${id}).\n`);
  },
});

export const datasets: Command = {
  name: "datasets",
  group: "Work with a platform",
  summary: "list, make, show, rename and delete datasets",
  commands: [list, create, show, rename, remove],
};
