import { type ApiWorkflowClient, domains } from "@winnow/client";
import { csvField, csvRecords, firstField } from "@winnow/formats";
import type { Io } from "../io.ts";
import { Problem } from "../problems.ts";
import type { ExportKind } from "./kinds.ts";

/** What is to be exported, and how the user wants it. */
export interface ExportOrder {
  readonly client: ApiWorkflowClient;
  readonly datasetId: string;
  readonly tag: Awaited<ReturnType<ApiWorkflowClient["getAllTags"]>>[number];
  readonly task: string | undefined;
  readonly minScore: number | undefined;
  readonly embedding: string | undefined;
  readonly withMetadata: boolean | undefined;
  readonly expiresIn: number | undefined;
  readonly signedIn: boolean | undefined;
  readonly io: Io;
  /** A list of names as JSON, in place of lines. */
  readonly asJson: boolean;
}

type Content = AsyncIterable<string | Uint8Array>;

/** Rows that are asked for at a time. */
const PAGE = 5_000;

/** The content of each kind of export. */
export const EXPORTS: Readonly<Record<ExportKind, (order: ExportOrder) => Content>> = {
  names,
  urls,
  "label-studio": (order) => jsonList(paged(order, domains.exports.exportTagToLabelStudioTasks)),
  labelbox: (order) => jsonList(paged(order, domains.exports.exportTagToLabelBoxDataRows)),
  sama: (order) => jsonList(samaTasks(order)),
  coco: ({ client, tag, task, minScore, io }) => client.exportCocoByTagId(tag.id, { taskName: task, scoreMin: minScore, signal: io.stop }),
  zip,
  predictions,
  embeddings,
};

async function* names({ client, tag, asJson, io }: ExportOrder): AsyncGenerator<string> {
  const list = await client.getFilenamesInTag(tag, { signal: io.stop });
  yield asJson ? `${JSON.stringify(list)}\n` : list.map((name) => `${name}\n`).join("");
}

async function* urls(order: ExportOrder): AsyncGenerator<string> {
  yield "filename,url\n";
  for await (const { fileName, readUrl } of paged(order, domains.exports.exportTagToBasicFilenamesAndReadUrls)) yield `${csvField(fileName)},${csvField(readUrl)}\n`;
}

async function* predictions({ client, tag, task, io }: ExportOrder): AsyncGenerator<string> {
  if ((await client.getPredictionVersions({ signal: io.stop })).length === 0) throw new Problem("The dataset has no predictions. winnow import predictions brings some.");
  const chosen = new Set(await client.getFilenamesInTag(tag, { signal: io.stop }));
  for await (const { fileName, singletons } of client.getPredictions(task, { signal: io.stop })) if (chosen.has(fileName)) yield `${JSON.stringify({ fileName, singletons })}\n`;
}

type Paged = typeof domains.exports.exportTagToBasicFilenamesAndReadUrls | typeof domains.exports.exportTagToLabelStudioTasks | typeof domains.exports.exportTagToLabelBoxDataRows;
type Row<O extends Paged> = Awaited<ReturnType<typeof ApiWorkflowClient.prototype.call<O>>> extends readonly (infer One)[] ? One : never;

/** Rows of an export, page after page. */
async function* paged<O extends Paged>(order: ExportOrder, operation: O): AsyncGenerator<Row<O>> {
  for (let pageOffset = 0; ; pageOffset += PAGE) {
    const page = (await order.client.call(operation, { path: placeOf(order), query: { ...queryOf(order), pageSize: PAGE, pageOffset }, signal: order.io.stop } as never)) as readonly Row<O>[];
    yield* page;
    if (page.length < PAGE) return;
  }
}

/** Servers of the first protocol give one object, later ones the list. */
async function* samaTasks(order: ExportOrder): AsyncGenerator<unknown> {
  for (let pageOffset = 0; ; pageOffset += PAGE) {
    const answer: unknown = await order.client.call(domains.exports.exportTagToSamaTasks, { path: placeOf(order), query: { ...queryOf(order), pageSize: PAGE, pageOffset }, signal: order.io.stop });
    const page = Array.isArray(answer) ? (answer as unknown[]) : (answer as { tasks: unknown[] }).tasks;
    yield* page;
    if (page.length < PAGE) return;
  }
}

function placeOf({ datasetId, tag }: ExportOrder) {
  return { datasetId, tagId: tag.id };
}

function queryOf({ withMetadata, expiresIn, signedIn }: ExportOrder) {
  return { ...(withMetadata && { includeMetaData: true }), ...(expiresIn !== undefined && { expiresIn }), ...(signedIn && { accessControl: "default" }) };
}

async function* jsonList(rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  let begun = false;
  for await (const row of rows) {
    yield `${begun ? ",\n" : "[\n"}${JSON.stringify(row)}`;
    begun = true;
  }
  yield begun ? "\n]\n" : "[]\n";
}

/** The platform gives the archive's address, which needs no token. */
async function* zip(order: ExportOrder): AsyncGenerator<Uint8Array> {
  const signal = order.io.stop;
  const address = await order.client.call(domains.exports.downloadZipOfSamplesByTagId, { path: placeOf(order), signal });
  const answer = await fetch(address, { signal });
  if (!answer.ok || answer.body === null) {
    const sentence = ((await answer.json().catch(() => undefined)) as { error?: string } | undefined)?.error;
    throw new Problem(`The archive can't be had: ${sentence ?? `the platform answered ${answer.status}`}`);
  }
  yield* answer.body as unknown as AsyncIterable<Uint8Array>;
}

/** The rows of the tag's samples, as they lie on the platform. */
async function* embeddings({ client, datasetId, tag, embedding, io }: ExportOrder): AsyncGenerator<Uint8Array> {
  const signal = io.stop;
  const all = [...(await client.call(domains.embeddings.getEmbeddingsByDatasetId, { path: { datasetId }, signal }))].sort((a, b) => b.createdAt - a.createdAt);
  const found = embedding === undefined ? all[0] : all.find(({ name }) => name === embedding);
  if (found === undefined) throw new Problem(all.length === 0 ? "The dataset has no embeddings." : `The dataset has no embeddings ${JSON.stringify(embedding)}; it has ${all.map(({ name }) => JSON.stringify(name)).join(", ")}.`);
  const chosen = new Set(await client.getFilenamesInTag(tag, { signal }));
  const url = await client.call(domains.embeddings.getEmbeddingsCsvReadUrlById, { path: { datasetId, embeddingId: found.id }, signal });
  const answer = await fetch(url, { signal });
  if (!answer.ok || answer.body === null) throw new Problem(`The embeddings ${found.name} can't be had: the platform answered ${answer.status}.`);
  let begun = false;
  for await (const block of csvRecords(answer.body as unknown as AsyncIterable<Uint8Array>)) {
    const rows: Uint8Array[] = [];
    for (let i = 0; i < block.count; i++) {
      if (begun && !chosen.has(firstField(block, i))) continue;
      begun = true;
      rows.push(block.bytes.subarray(block.start[i]!, block.end[i]!), LINE_END);
    }
    yield Buffer.concat(rows);
  }
}

const LINE_END = Uint8Array.of(10);
