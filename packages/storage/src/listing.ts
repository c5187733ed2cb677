import { isHidden } from "./paths.ts";
import { SourceError } from "./source-error.ts";
import type { ListOptions, SourceEntry, SourcePage } from "./source.ts";

/** What stays the same over all pages of a listing. */
export interface Listing {
  readonly prefix: string;
  /** Seconds since the epoch, both ends included. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** What a provider gives for one step: entries in its order, before any filter, and where the next step starts. */
export interface ProviderPage {
  readonly entries: readonly SourceEntry[];
  /** Where to go on, in the provider's words; undefined at the end. */
  readonly next: string | undefined;
}

/** One request to a provider. `at` is undefined on the first one. */
export type NextPage = (listing: Listing, at: string | undefined, limit: number, signal: AbortSignal | undefined) => Promise<ProviderPage>;

/** A page that stays empty looks at this many provider pages before it says so: few matches in a large bucket must not hold a request for minutes. */
const stepsMax = 20;
export const limitMax = 100_000;
const version = 1;

interface Cursor extends Listing {
  readonly at: string | undefined;
}

/** Runs a listing page over a provider: cursor, time range, hidden names. */
export async function listPages(options: ListOptions, next: NextPage): Promise<SourcePage> {
  const { limit, signal } = options;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > limitMax) throw new RangeError(`limit must be a whole number from 1 to ${limitMax}, got ${limit}`);
  const cursor = options.cursor === undefined || options.cursor === "" ? start(options) : readCursor(options.cursor);
  const entries: SourceEntry[] = [];
  let at = cursor.at;
  // The cursor of an ended listing lists nothing.
  let ended = at === end;
  for (let step = 0; !ended && entries.length < limit && step < stepsMax; step++) {
    signal?.throwIfAborted();
    const page = await next(cursor, at, limit - entries.length, signal);
    for (const entry of page.entries) if (isIn(entry, cursor)) entries.push(entry);
    ended = page.next === undefined;
    at = page.next ?? end;
  }
  return { entries, cursor: writeCursor({ ...cursor, at }), hasMore: !ended };
}

/** No provider's position is this text: theirs are keys, markers or paths that have content. */
const end = "\0end";

function start({ prefix = "", fromSeconds = 0, toSeconds = Math.floor(Date.now() / 1000) }: ListOptions): Cursor {
  for (const [name, value] of [["fromSeconds", fromSeconds], ["toSeconds", toSeconds]] as const) {
    if (!Number.isFinite(value)) throw new RangeError(`${name} must be a number of seconds, got ${value}`);
  }
  if (prefix.startsWith("/") || prefix.includes("\0") || prefix.split("/").some((part) => part === "." || part === "..")) {
    throw new SourceError("path", `"${prefix}" is no prefix of a path: give it relative to the datasource.`, prefix);
  }
  return { prefix, fromSeconds, toSeconds, at: undefined };
}

function isIn(entry: SourceEntry, { prefix, fromSeconds, toSeconds }: Listing): boolean {
  if (!entry.path.startsWith(prefix) || entry.path === "" || entry.path.endsWith("/") || isHidden(entry.path, prefix)) return false;
  // Keys that no path can name: they couldn't be read either.
  if (entry.path.startsWith("/") || entry.path.includes("//")) return false;
  // A file without a time is in every range: better seen twice than never.
  const seconds = Math.floor(entry.modifiedMs / 1000);
  return entry.modifiedMs === 0 || (seconds >= fromSeconds && seconds <= toSeconds);
}

function writeCursor({ prefix, fromSeconds, toSeconds, at }: Cursor): string {
  return Buffer.from(JSON.stringify([version, prefix, fromSeconds, toSeconds, at ?? null])).toString("base64url");
}

/** @throws SourceError `cursor` */
function readCursor(text: string): Cursor {
  try {
    if (!/^[A-Za-z0-9_-]+$/.test(text)) throw new Error("not base64url");
    const [found, prefix, fromSeconds, toSeconds, at, ...rest] = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text, "base64url"))) as unknown[];
    if (found !== version || typeof prefix !== "string" || !Number.isFinite(fromSeconds) || !Number.isFinite(toSeconds)) throw new Error("not ours");
    if ((at !== null && typeof at !== "string") || rest.length > 0) throw new Error("not ours");
    return { prefix, fromSeconds: fromSeconds as number, toSeconds: toSeconds as number, at: at ?? undefined };
  } catch {
    throw new SourceError("cursor", "The cursor is not one that a listing gave out: start the listing again without it.");
  }
}
