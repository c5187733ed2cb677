import type { Named } from "./walk.ts";

/** A name in a directory listing of a file server, with what the listing says. */
export interface IndexItem extends Named {
  readonly sizeBytes?: number;
  /** Exact, in milliseconds since the epoch. */
  readonly modifiedMs?: number;
  /** By the minute and in an unknown time zone, as HTML listings have it; read as if it were UTC. */
  readonly aboutMs?: number;
}

/** A page that is no directory listing: an index.html, an application. */
export class NoIndexError extends Error {
  override name = "NoIndexError";
}

/** An entry or a tag longer than this is no listing. */
const pieceLengthMax = 1 << 20;

/**
 * Reads a directory listing as a stream, keeping one entry at a time.
 * HTML of Python's http.server, nginx, Apache, lighttpd and our own, or a JSON index as of nginx's `autoindex_format json`.
 * Only names directly below the folder count: links elsewhere, upwards, or with a query are decoration.
 * @throws NoIndexError
 */
export async function* directoryIndex(text: AsyncIterable<string>, folder: URL): AsyncGenerator<IndexItem> {
  let head = "";
  const parts = text[Symbol.asyncIterator]();
  while (head.trim() === "") {
    const part = await parts.next();
    if (part.done) throw new NoIndexError("empty");
    head += part.value;
  }
  const all = (async function* () {
    yield head;
    for (let part = await parts.next(); !part.done; part = await parts.next()) yield part.value;
  })();
  yield* head.trimStart().startsWith("[") ? jsonIndex(all) : htmlIndex(all, folder);
}

/** The objects of an array, one by one: braces inside of texts don't count. */
async function* jsonIndex(text: AsyncIterable<string>): AsyncGenerator<IndexItem> {
  let piece = "";
  let depth = 0;
  let quoted = false;
  let escaped = false;
  for await (const part of text) {
    let start = 0;
    for (let i = 0; i < part.length; i++) {
      const one = part[i];
      if (escaped) escaped = false;
      else if (quoted) {
        if (one === "\\") escaped = true;
        else if (one === '"') quoted = false;
      } else if (one === '"') quoted = true;
      else if (one === "{" && depth++ === 0) start = i;
      else if (one === "}" && --depth === 0) {
        const item = jsonItem(piece + part.slice(start, i + 1));
        piece = "";
        if (item) yield item;
      }
    }
    if (depth > 0) piece += part.slice(start);
    if (piece.length > pieceLengthMax) throw new NoIndexError("an entry is too long");
  }
  if (depth !== 0) throw new NoIndexError("it breaks off");
}

function jsonItem(text: string): IndexItem | undefined {
  let entry: { name?: unknown; type?: unknown; mtime?: unknown; size?: unknown };
  try {
    entry = JSON.parse(text) as typeof entry;
  } catch {
    throw new NoIndexError("an entry is no JSON");
  }
  const { name, type, mtime, size } = entry;
  if (typeof name !== "string" || (type !== "file" && type !== "directory")) throw new NoIndexError("an entry has no name and type");
  if (!isName(name)) return undefined;
  const modifiedMs = typeof mtime === "string" ? Date.parse(mtime) : Number.NaN;
  if (type === "directory") return { name: `${name}/` };
  return { name, ...(typeof size === "number" && size >= 0 && { sizeBytes: size }), ...(Number.isFinite(modifiedMs) && { modifiedMs }) };
}

const titles = /<(?:title|h1)[^>]*>\s*(?:index of|directory listing for|listing of|directory)\b/i;

async function* htmlIndex(text: AsyncIterable<string>, folder: URL): AsyncGenerator<IndexItem> {
  let rest = "";
  let titled = false;
  for await (const part of text) {
    rest += part;
    if (!titled) {
      titled = titles.test(rest);
      if (!titled && rest.length < 8192) continue;
      if (!titled) throw new NoIndexError("no title of a listing");
    }
    // A link is complete when the next one begins: what stands between them is its date and size.
    const links = rest.split(/(?=<a[\s>])/i);
    rest = links.pop() ?? "";
    if (rest.length > pieceLengthMax) throw new NoIndexError("a link is too long");
    for (const link of links) {
      const item = htmlItem(link, folder);
      if (item) yield item;
    }
  }
  if (!titled) throw new NoIndexError("no title of a listing");
  const last = htmlItem(rest, folder);
  if (last) yield last;
}

function htmlItem(text: string, folder: URL): IndexItem | undefined {
  const link = /^<a\s[^>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i.exec(text);
  if (!link) return undefined;
  const name = childName(unescaped(link[1] ?? link[2] ?? link[3] ?? ""), folder);
  if (name === undefined) return undefined;
  const behind = text.slice(link[0].length).replace(/^.*?<\/a>/is, "").replace(/<[^>]*>/g, " ").replace(/&nbsp;/g, " ");
  const [, date = "", time = ""] = /(\d{4}-\d{2}-\d{2}|\d{1,2}-[A-Z][a-z]{2}-\d{4})\s+(\d{2}:\d{2})/.exec(behind) ?? [];
  const aboutMs = Date.parse(`${date.replace(/-/g, date[4] === "-" ? "-" : " ")}${date[4] === "-" ? "T" : " "}${time}${date[4] === "-" ? "Z" : " UTC"}`);
  return { name, ...(Number.isFinite(aboutMs) && { aboutMs }) };
}

/** The name that a link of a folder's listing leads to, when that is directly below the folder. */
function childName(href: string, folder: URL): string | undefined {
  if (href === "" || !URL.canParse(href, folder.href)) return undefined;
  const target = new URL(href, folder);
  if (target.origin !== folder.origin || target.search !== "" || target.hash !== "" || !target.pathname.startsWith(folder.pathname)) return undefined;
  const [, encoded = "", slash = ""] = /^([^/]+)(\/?)$/.exec(target.pathname.slice(folder.pathname.length)) ?? [];
  try {
    const name = decodeURIComponent(encoded);
    return isName(name) ? name + slash : undefined;
  } catch {
    // A name that is no UTF-8 has no path here.
    return undefined;
  }
}

function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
