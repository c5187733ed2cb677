import type { ApiWorkflowClient } from "@winnow/client";
import { type Command, command } from "../command.ts";
import { readable } from "../files/places.ts";
import * as flags from "../flags.ts";
import type { Io } from "../io.ts";
import { Problem, UsageError } from "../problems.ts";
import { datasetFlag, findTag, useDataset } from "../platform/dataset.ts";
import { type Connection, connection, platform } from "../platform/platform.ts";
import { confirmed, yesFlag } from "../terminal/confirm.ts";
import { number } from "../terminal/progress.ts";
import { moment, table } from "../terminal/table.ts";

const shared = { dataset: datasetFlag, ...connection, json: flags.json } as const;
const tagArgument = { name: "TAG", summary: "name or id of the tag" } as const;

async function opened(given: Connection & { readonly dataset: string | undefined }, io: Io): Promise<ApiWorkflowClient> {
  const client = await platform(given, io);
  await useDataset(client, given.dataset, io);
  return client;
}

const list = command({
  name: "ls",
  summary: "list the tags of a dataset",
  flags: shared,
  examples: ["winnow tags ls --dataset streets", "WINNOW_DATASET=streets winnow tags ls --json"],
  async run({ flags: given }, io) {
    const { BitMask } = await import("@winnow/curation");
    const client = await opened(given, io);
    const all = (await client.getAllTags({ signal: io.stop })).sort((a, b) => a.createdAt - b.createdAt);
    const nameOf = new Map(all.map(({ id, name }) => [id, name]));
    const rows = all.map(({ id, name, prevTagId, bitMaskData, totSize, createdAt }) => ({ id, name, samples: BitMask.fromHex(bitMaskData, totSize).count, parent: prevTagId ? (nameOf.get(prevTagId) ?? prevTagId) : null, createdAt }));
    if (given.json) io.stdout.write(`${JSON.stringify(rows)}\n`);
    else if (rows.length === 0) io.stdout.write("The dataset has no tags yet: upload images first.\n");
    else io.stdout.write(table(io, [["NAME", "SAMPLES", "FROM", "SINCE (UTC)", "ID"], ...rows.map(({ id, name, samples, parent, createdAt }) => [name, number(samples), parent ?? "-", moment(createdAt), id])]));
  },
});

const create = command({
  name: "create",
  summary: "make a tag of file names",
  arguments: [{ name: "NAME", summary: "name of the new tag" }],
  flags: { from: { value: "FILE", summary: "the names, one per line; - reads them from standard input" }, parent: { value: "TAG", summary: "the tag that it is taken from; the initial tag unless given" }, ...shared },
  examples: ["winnow tags create labelled --from labelled.txt --dataset streets", "grep night names.txt | winnow tags create night --from - --dataset streets"],
  async run({ flags: given, arguments: [name] }, io) {
    if (given.from === undefined) throw new UsageError("give --from: the file with the names.");
    const names = await listedNames(given.from, io);
    if (names.length === 0) throw new Problem("There are no names in the list: a tag needs one at least.");
    const client = await opened(given, io);
    const parentTagId = given.parent === undefined ? undefined : (await findTag(client, given.parent, io.stop)).id;
    const { id } = await client.createTagFromFilenames(names, name!, { ...(parentTagId !== undefined && { parentTagId }), signal: io.stop });
    const samples = new Set(names).size;
    io.stdout.write(given.json ? `${JSON.stringify({ id, name, samples })}\n` : `Made the tag ${name} (${id}) of ${number(samples)} samples.\n`);
  },
});

async function listedNames(file: string, io: Io): Promise<string[]> {
  const { readFileNameList } = await import("@winnow/formats");
  if (file !== "-") {
    const { readNames } = await import("../select/vectors.ts");
    return readNames(readable(io.cwd, file));
  }
  if (io.stdin === undefined) throw new UsageError("--from - reads names that are piped in, and nothing is.");
  const { stdin } = io;
  async function* bytes() {
    for await (const piece of stdin) yield typeof piece === "string" ? Buffer.from(piece) : piece;
  }
  const names: string[] = [];
  for await (const name of readFileNameList(bytes())) names.push(name);
  return names;
}

const show = command({
  name: "show",
  summary: "show what is known of a tag, and how it was selected",
  arguments: [tagArgument],
  flags: shared,
  notes: "winnow download prints its file names.",
  examples: ["winnow tags show chosen --dataset streets"],
  async run({ flags: given, arguments: [wanted] }, io) {
    const { BitMask } = await import("@winnow/curation");
    const client = await opened(given, io);
    const all = await client.getAllTags({ signal: io.stop });
    const { id, name, prevTagId, bitMaskData, totSize, createdAt } = await findTag(client, wanted!, io.stop);
    const parent = all.find((tag) => tag.id === prevTagId)?.name ?? null;
    const samples = BitMask.fromHex(bitMaskData, totSize).count;
    const selection = await client.getSelectionReport(id, { signal: io.stop }).catch((error: { status?: number }) => {
      if (error.status === 404) return undefined;
      throw error;
    });
    if (given.json) return void io.stdout.write(`${JSON.stringify({ id, name, parent, samples, of: totSize, createdAt, ...(selection && { selection }) })}\n`);
    const facts = [["name", name], ["id", id], ["samples", `${number(samples)} of ${number(totSize)}`], ["from", parent ?? "-"], ["since", `${moment(createdAt)} UTC`], ["selected", selection === undefined ? "no, made by hand" : `yes, ${number(selection.picks.length)} picks`]];
    io.stdout.write(facts.map(([key, value]) => `${key!.padEnd(12)}${value}\n`).join(""));
  },
});

const rename = command({
  name: "rename",
  summary: "give a tag another name",
  arguments: [tagArgument, { name: "NAME", summary: "the new name" }],
  flags: shared,
  examples: ["winnow tags rename chosen \"first round\" --dataset streets"],
  async run({ flags: given, arguments: [wanted, name] }, io) {
    const client = await opened(given, io);
    const { id } = await findTag(client, wanted!, io.stop);
    const { domains } = await import("@winnow/client");
    await client.call(domains.tags.updateTagByTagId, { path: { datasetId: await client.datasetId, tagId: id }, body: { name: name! }, signal: io.stop });
    io.stdout.write(given.json ? `${JSON.stringify({ id, name })}\n` : `The tag ${id} is called ${name} now.\n`);
  },
});

const remove = command({
  name: "rm",
  summary: "delete a tag that no other was made from; its samples stay",
  arguments: [tagArgument],
  flags: { yes: yesFlag, ...shared },
  examples: ["winnow tags rm chosen --dataset streets --yes"],
  async run({ flags: given, arguments: [wanted] }, io) {
    const client = await opened(given, io);
    const { id, name } = await findTag(client, wanted!, io.stop);
    await confirmed(`Delete the tag ${name} (${id})?`, name, given.yes === true, io);
    await client.deleteTagById(id, { signal: io.stop });
    io.stdout.write(given.json ? `${JSON.stringify({ removed: id, name })}\n` : `Deleted the tag ${name} (${id}).\n`);
  },
});

function combination(name: string, operation: "UNION" | "INTERSECTION" | "DIFFERENCE", summary: string): Command {
  return command({
    name,
    summary,
    arguments: [{ name: "TAG", summary: "name or id of the first tag" }, { name: "OTHER", summary: "name or id of the second" }, { name: "NAME", summary: "name of the new tag" }],
    flags: shared,
    examples: [`winnow tags ${name} night rain "${name} of night and rain" --dataset streets`],
    async run({ flags: given, arguments: [first, second, newTagName] }, io) {
      const client = await opened(given, io);
      const { domains } = await import("@winnow/client");
      const [tagId1, tagId2] = [(await findTag(client, first!, io.stop)).id, (await findTag(client, second!, io.stop)).id];
      const answer = await client.call(domains.tags.performTagArithmetics, { path: { datasetId: await client.datasetId }, body: { tagId1, tagId2, operation, newTagName: newTagName! }, signal: io.stop });
      if (!("id" in answer)) throw new Problem("The platform made no tag of that.");
      const samples = (await client.getFilenamesInTag(await client.getTagById(answer.id, { signal: io.stop }), { signal: io.stop })).length;
      io.stdout.write(given.json ? `${JSON.stringify({ id: answer.id, name: newTagName, samples })}\n` : `Made the tag ${newTagName} (${answer.id}) of ${number(samples)} samples.\n`);
    },
  });
}

export const tags: Command = {
  name: "tags",
  group: "Work with a platform",
  summary: "list, make, combine, rename and delete the tags of a dataset",
  commands: [
    list,
    create,
    show,
    combination("union", "UNION", "make a tag of what is in either of two"),
    combination("intersection", "INTERSECTION", "make a tag of what is in both of two"),
    combination("difference", "DIFFERENCE", "make a tag of what is in the first and not in the second"),
    rename,
    remove,
  ],
};
