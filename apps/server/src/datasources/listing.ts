import type { DatasourceRawSamplesData } from "@winnow/contract";
import { compareBytes, mediaKind, type SourceEntry } from "@winnow/storage";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { SourceAddresses } from "./addresses.ts";
import { platformFolder, requirePath } from "./paths.ts";
import type { RelevantFiles, RelevantFilesReader } from "./relevant-files.ts";
import type { SourceUse } from "./sources.ts";

export interface ListingQuery {
  readonly from?: number;
  readonly to?: number;
  readonly cursor?: string;
  readonly relevantFilenamesFileName?: string;
  readonly useRedirectedReadUrl?: boolean;
}

export interface ListingCall {
  readonly context: Context;
  readonly datasetId: string;
  readonly baseUrl: string;
  readonly signal: AbortSignal;
  readonly relevantFiles: RelevantFilesReader;
}

/** What is listed, and where it is. */
interface Kind {
  /** A cursor goes on with its own kind only. */
  readonly name: string;
  readonly use: SourceUse;
  readonly folder: string;
  readonly isWanted: (path: string, relevant: RelevantFiles | undefined) => boolean;
}

/** A page ends with so many rows, or after so long: what comes late, few matches in a large bucket too, must not hold a request for minutes. */
const rowsMax = 5_000;
const pageMs = 4_000;
/** Entries asked for at a time, so that the clock is looked at in between. */
const entriesAtOnce = 1_000;
/** Names that are looked up one by one, instead of being searched for in everything there is. */
const lookUpsMax = 2_000;
const lookUpsAtOnce = 16;

const cursorPurpose = "listing";

const samples: Kind = {
  name: "samples",
  use: "INPUT",
  folder: "",
  isWanted: (path, relevant) => mediaKind(path) !== undefined && !/(^|\/)\./.test(path) && (relevant?.hasSample(path) ?? true),
};

/** Prediction or metadata files of images; the schema beside them is none. */
function jsonFiles(name: string, folder: string): Kind {
  return {
    name,
    use: "LIGHTLY",
    folder,
    isWanted: (path, relevant) => path.endsWith(".json") && path !== `${folder}schema.json` && (relevant?.hasJson(path.slice(folder.length)) ?? true),
  };
}

export function listSamples(call: ListingCall, query: ListingQuery): Promise<DatasourceRawSamplesData> {
  return list(call, samples, query);
}

export function listPredictions(call: ListingCall, taskName: string, query: ListingQuery): Promise<DatasourceRawSamplesData> {
  return list(call, jsonFiles(`predictions of ${taskName}`, `${platformFolder}predictions/${requirePath("taskName", taskName)}/`), query);
}

export function listMetadata(call: ListingCall, query: ListingQuery): Promise<DatasourceRawSamplesData> {
  return list(call, jsonFiles("metadata", `${platformFolder}metadata/`), query);
}

async function list(call: ListingCall, kind: Kind, query: ListingQuery): Promise<DatasourceRawSamplesData> {
  const { context, datasetId, baseUrl } = call;
  const opened = await context.sources.require(datasetId, kind.use);
  const addresses = new SourceAddresses(context, baseUrl, datasetId, kind.use, opened);
  const cursor = query.cursor ? readCursor(context, datasetId, kind, query.cursor) : undefined;
  const relevant = query.relevantFilenamesFileName ? await call.relevantFiles.read(context, datasetId, query.relevantFilenamesFileName, cursor === undefined) : undefined;
  const range = cursor ?? { from: query.from ?? 0, to: query.to ?? Math.floor(Date.now() / 1000) };
  const names = kind === samples ? relevant?.names(lookUpsMax) : undefined;
  const page = names ? await lookUp(addresses, names, range, cursor?.at) : await search(addresses, call, kind, relevant, range, cursor?.at);
  const redirected = query.useRedirectedReadUrl ?? false;
  const data: { fileName: string; readUrl: string }[] = [];
  for (const { path } of page.entries) data.push({ fileName: path, readUrl: await addresses.read(path, { redirected }) });
  return { hasMore: page.hasMore, cursor: context.signer.token(cursorPurpose, { datasetId, kind: kind.name, from: range.from, to: range.to, at: page.at }), data };
}

interface TimeRange {
  readonly from: number;
  readonly to: number;
}

interface Page {
  readonly entries: readonly SourceEntry[];
  readonly at: string;
  readonly hasMore: boolean;
}

/** Goes through everything below the folder of the kind. */
async function search({ opened }: SourceAddresses, { signal }: ListingCall, { folder, isWanted }: Kind, relevant: RelevantFiles | undefined, { from, to }: TimeRange, at: string | undefined): Promise<Page> {
  const prefix = folder + (relevant?.prefix(folder === "" ? "sample" : "json") ?? "");
  const entries: SourceEntry[] = [];
  const end = Date.now() + pageMs;
  let cursor = at;
  for (;;) {
    const page = await opened.source.list({ prefix, fromSeconds: from, toSeconds: to, ...(cursor !== undefined && { cursor }), limit: Math.min(entriesAtOnce, rowsMax - entries.length), signal });
    for (const entry of page.entries) if (isWanted(entry.path, relevant)) entries.push(entry);
    cursor = page.cursor;
    if (!page.hasMore || entries.length >= rowsMax || Date.now() >= end) return { entries, at: cursor, hasMore: page.hasMore };
  }
}

/** Asks for each name by itself. Those that are not there are not listed. */
async function lookUp({ opened }: SourceAddresses, names: readonly string[], { from, to }: TimeRange, at: string | undefined): Promise<Page> {
  const sorted = names.filter((name) => samples.isWanted(name, undefined) && (at === undefined || compareBytes(name, at) > 0)).sort(compareBytes);
  const entries: SourceEntry[] = [];
  const end = Date.now() + pageMs;
  let done = 0;
  while (done < sorted.length && Date.now() < end) {
    const some = sorted.slice(done, done + lookUpsAtOnce);
    const found = await Promise.all(some.map((path) => opened.source.facts(path)));
    found.forEach((facts, i) => {
      if (!facts) return;
      const seconds = Math.floor(facts.modifiedMs / 1000);
      // A file without a time is in every range, as in a listing.
      if (facts.modifiedMs === 0 || (seconds >= from && seconds <= to)) entries.push({ path: some[i] as string, sizeBytes: facts.sizeBytes, modifiedMs: facts.modifiedMs });
    });
    done += some.length;
  }
  return { entries, at: sorted[done - 1] ?? at ?? "", hasMore: done < sorted.length };
}

/** @throws DomainError BAD_REQUEST when it was not given out for a listing of this kind and dataset */
function readCursor({ signer }: Context, datasetId: string, kind: Kind, text: string): TimeRange & { readonly at: string } {
  const facts = signer.open(cursorPurpose, text);
  if (!facts || facts["datasetId"] !== datasetId || facts["kind"] !== kind.name) throw new DomainError("BAD_REQUEST", '"cursor" is not one that this listing gave out: begin again without it.');
  return { from: Number(facts["from"]), to: Number(facts["to"]), at: String(facts["at"]) };
}
