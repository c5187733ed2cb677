import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { BlobRange } from "../blob-store.ts";
import { directoryIndex, NoIndexError, type IndexItem } from "../directory-index.ts";
import { signedFileUrl, type FileMethod } from "../file-url.ts";
import { listPages, type Listing, type ProviderPage } from "../listing.ts";
import { Outgoing, type AddressPolicy, type Answer, type OutgoingRequest } from "../outgoing.ts";
import { checkedPath, checkedSeconds, encodedPath } from "../paths.ts";
import { SourceError } from "../source-error.ts";
import type { ListOptions, Source, SourceEntry, SourceFacts, SourcePage, SourceVerification, UrlAbilities } from "../source.ts";
import { verifySource } from "../verify.ts";
import { NameWindow, Walker, type Bound, type Found, type Names, type Tree } from "../walk.ts";

export interface HttpOptions extends AddressPolicy {
  /** The key that a file server of ours signs addresses with: needed for writing, and for reading where its reads are private. */
  readonly key?: Uint8Array;
  /** How many names of one folder are held at a time. Default: 65,536. */
  readonly windowSize?: number;
}

/**
 * How many files are asked for their facts at the same time. A server of HTTP 1.0 takes a connection for each, and
 * Python's lets five wait: a sixth is dropped and tried again after a second.
 */
const headsAtOnce = { keepsConnections: 16, doesNot: 4 } as const;
/** How far the time in an HTML listing can be from the true one: time zones reach from -12 to +14 hours. */
const zoneMs = 15 * 3_600_000;
const listingBytesMax = 64 << 20;

/**
 * A file server as a datasource: everything below one address that it lists, by directory listings or by our own server's
 * paged one. Times come from the listing where it is exact (JSON), else from Last-Modified by HEAD; files for which the
 * server gives no time count as changed at 0 and are in every time range.
 */
export class HttpSource implements Source, Tree<IndexItem> {
  readonly urls: UrlAbilities;
  readonly #base: URL;
  /** The base's path below the root of its server, decoded: signatures are over decoded paths. */
  readonly #folder: string;
  readonly #outgoing: Outgoing;
  readonly #key: Uint8Array | undefined;
  readonly #windowSize: number;
  readonly #walker = new Walker<IndexItem>(this);
  /** Whether the server lists recursively, once that is known. */
  #isOurs: boolean | undefined;
  #keepsConnections = true;

  /** @throws SourceError `configuration` when the address is none, or holds a password */
  constructor(address: string, { key, windowSize = 65_536, ...policy }: HttpOptions = {}) {
    if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) throw new SourceError("configuration", "The address of a file server begins with http:// or https://.");
    const base = new URL(address);
    if (base.username !== "" || base.password !== "") throw new SourceError("configuration", "The address of a file server can't hold a user name or password: it is shown to everyone who may see the dataset.");
    if (base.search !== "" || base.hash !== "") throw new SourceError("configuration", "The address of a file server ends with the folder: nothing with ? or # behind it.");
    if (!base.pathname.endsWith("/")) base.pathname += "/";
    this.#base = base;
    this.#folder = decodedPath(base.pathname.slice(1));
    this.#key = key;
    this.#windowSize = windowSize;
    this.#outgoing = new Outgoing(policy);
    this.urls = { secondsMax: 604_800, carriesCredential: false, neverExpires: !key, writeHeaders: {} };
  }

  list(options: ListOptions): Promise<SourcePage> {
    return listPages(options, (...step) => this.#step(...step));
  }

  async read(path: string, range?: BlobRange): Promise<Readable> {
    const url = this.#url("GET", checkedPath(path));
    if (range && range.end < range.start) return Readable.from([]);
    const { message } = await this.#request(url, { method: "GET", headers: range ? { Range: `bytes=${range.start}-${range.end}` } : {} });
    if (message.statusCode === 416) {
      message.destroy();
      return Readable.from([]);
    }
    await this.#expect(message, path, "GET");
    if (!range || message.statusCode === 206) return message;
    // A server that knows no ranges (Python's) sends everything.
    return Readable.from(cut(message, range), { objectMode: false });
  }

  async facts(path: string): Promise<SourceFacts | undefined> {
    checkedPath(path);
    let { message, url } = await this.#request(this.#url("GET", path), { method: "HEAD" });
    message.resume();
    if (message.statusCode === 405 || message.statusCode === 501) {
      ({ message, url } = await this.#request(this.#url("GET", path), { method: "GET" }));
      message.destroy();
    }
    if (message.statusCode === 404 || message.statusCode === 410 || url.pathname.endsWith("/")) return undefined;
    await this.#expect(message, path, "HEAD");
    const modifiedMs = Date.parse(message.headers["last-modified"] ?? "");
    const { etag } = message.headers;
    return { sizeBytes: Number(message.headers["content-length"] ?? 0), modifiedMs: Number.isFinite(modifiedMs) ? modifiedMs : 0, ...(etag !== undefined && { etag }) };
  }

  async write(path: string, content: AsyncIterable<Uint8Array> | Uint8Array): Promise<void> {
    const url = this.#url("PUT", checkedPath(path));
    const body = content instanceof Uint8Array ? content : Readable.from(content, { objectMode: false });
    const headers = content instanceof Uint8Array ? { "Content-Length": content.length } : {};
    try {
      const { message } = await this.#request(url, { method: "PUT", headers, body });
      await this.#expect(message, path, "PUT");
      message.resume();
    } finally {
      // A server that refuses before it has read everything leaves the content unread.
      if (body instanceof Readable) body.destroy();
    }
  }

  async remove(path: string): Promise<void> {
    const { message } = await this.#request(this.#url("DELETE", checkedPath(path)), { method: "DELETE" });
    if (message.statusCode !== 404) await this.#expect(message, path, "DELETE");
    message.resume();
  }

  async readUrl(path: string, seconds: number): Promise<string> {
    checkedPath(path);
    return this.#url("GET", path, checkedSeconds(seconds, this.urls)).href;
  }

  async writeUrl(path: string, seconds: number): Promise<string> {
    checkedPath(path);
    return this.#url("PUT", path, checkedSeconds(seconds, this.urls)).href;
  }

  verify(options?: { readonly tryWrite?: boolean }): Promise<SourceVerification> {
    return verifySource(this, options);
  }

  close(): void {
    this.#outgoing.close();
  }

  /** The names in one folder of the server, hidden ones too. */
  async names(folder: string, bound: Bound, signal?: AbortSignal): Promise<Names<IndexItem>> {
    const answer = await this.#listing(folder, new URLSearchParams(), signal);
    const window = new NameWindow<IndexItem>(bound, this.#windowSize);
    if (answer === undefined) return window.take();
    try {
      answer.message.setEncoding("utf8");
      for await (const item of directoryIndex(answer.message as AsyncIterable<string>, answer.url)) window.add(item);
    } catch (error) {
      if (error instanceof NoIndexError) throw new SourceError("path", `${this.#name(folder)} doesn't answer with a list of its files: switch directory listings on (nginx: autoindex, Apache: Options +Indexes) and remove index.html.`, folder);
      throw error;
    }
    return window.take();
  }

  async #step(listing: Listing, at: string | undefined, limit: number, signal: AbortSignal | undefined): Promise<ProviderPage> {
    if (this.#isOurs !== false) {
      const page = await this.#ourStep(listing, at, limit, signal);
      if (page) return page;
    }
    const { found, done } = await this.#walker.take(listing.prefix, at ?? "", limit, signal);
    const atOnce = this.#keepsConnections ? headsAtOnce.keepsConnections : headsAtOnce.doesNot;
    const entries: SourceEntry[] = [];
    for (let start = 0; start < found.length; start += atOnce) {
      signal?.throwIfAborted();
      const some = await Promise.all(found.slice(start, start + atOnce).map((one) => this.#entry(one, listing)));
      for (const entry of some) if (entry) entries.push(entry);
    }
    return { entries, next: done ? undefined : found.at(-1)?.path };
  }

  async #entry({ path, item }: Found<IndexItem>, { fromSeconds, toSeconds }: Listing): Promise<SourceEntry | undefined> {
    const { sizeBytes, modifiedMs, aboutMs } = item;
    if (modifiedMs !== undefined) return { path, modifiedMs, ...(sizeBytes !== undefined && { sizeBytes }) };
    // Far outside the wanted time: no need to ask for the second.
    if (aboutMs !== undefined && (aboutMs + zoneMs < fromSeconds * 1000 || aboutMs - zoneMs > toSeconds * 1000)) return { path, modifiedMs: aboutMs };
    const facts = await this.facts(path);
    return facts && { path, sizeBytes: facts.sizeBytes, modifiedMs: facts.modifiedMs };
  }

  /** A page of our own server's recursive listing; undefined when the server isn't one. */
  async #ourStep({ prefix }: Listing, at: string | undefined, limit: number, signal: AbortSignal | undefined): Promise<ProviderPage | undefined> {
    const answer = await this.#listing("", new URLSearchParams({ list: "recursive", prefix, limit: String(limit), ...(at !== undefined && { after: at }) }), signal);
    this.#isOurs = answer?.message.headers["winnow-listing"] === "1";
    if (!answer) return undefined;
    if (!this.#isOurs) {
      answer.message.destroy();
      return undefined;
    }
    return recursivePage(await limitedText(answer.message));
  }

  /** The listing of a folder as the server sends it; undefined when there is no such folder below the base. */
  async #listing(folder: string, query: URLSearchParams, signal: AbortSignal | undefined): Promise<Answer | undefined> {
    const url = this.#url("GET", folder);
    for (const [name, value] of query) url.searchParams.set(name, value);
    const answer = await this.#request(url, { method: "GET", headers: { Accept: "application/json, text/html;q=0.9, */*;q=0.1" }, signal });
    const { message } = answer;
    this.#keepsConnections = message.httpVersion !== "1.0";
    if (answer.url.origin !== url.origin || !answer.url.pathname.startsWith(this.#base.pathname)) {
      message.destroy();
      throw new SourceError("path", `${this.#name(folder)} redirects to another place: give the address where the files are.`, folder);
    }
    if (message.statusCode === 404 && folder !== "") {
      message.destroy();
      // The server as a whole must be there, or a wrong address would look like an empty folder.
      const { message: base } = await this.#request(this.#url("GET", ""), { method: "GET", signal });
      base.destroy();
      if (base.statusCode === 404) throw new SourceError("path", `There is no folder at ${this.#name("")}.`);
      return undefined;
    }
    if (message.statusCode === 404) throw new SourceError("path", `There is no folder at ${this.#name("")}.`);
    if (message.statusCode === 401 || message.statusCode === 403) throw new SourceError("permission", `${this.#name(folder)} doesn't let its files be listed (${message.statusCode}): switch directory listings on, or give the key of the file server.`, folder);
    await this.#expect(message, folder, "GET");
    return answer;
  }

  /** @throws SourceError for every answer that is no success */
  async #expect(message: IncomingMessage, path: string, method: string): Promise<void> {
    const status = message.statusCode ?? 0;
    if (status >= 200 && status < 300) return;
    message.destroy();
    if ((status === 404 || status === 410) && method !== "PUT") throw new SourceError("path", `There is no file "${path}" at ${this.#name("")}.`, path);
    if (status === 401 || status === 403) throw new SourceError("permission", `The file server at ${this.#name("")} refuses ${method} for "${path}" (${status}).`, path);
    if (method === "PUT" || method === "DELETE") {
      if ([404, 405, 501].includes(status)) throw new SourceError("permission", `The file server at ${this.#name("")} takes no files (${status}): serve the folder with winnow serve, writable and with a key.`, path);
      if (status === 413 || status === 507) throw new SourceError("provider", `The file server at ${this.#name("")} has no room for "${path}" (${status}).`, path);
    }
    throw new SourceError(status >= 500 ? "unreachable" : "provider", `The file server at ${this.#name("")} answers ${status} to ${method} "${path}".`, path);
  }

  #request(url: URL, request: OutgoingRequest): Promise<Answer> {
    return this.#outgoing.request(url, request);
  }

  #url(method: FileMethod, path: string, seconds = 300): URL {
    if (!this.#key) return new URL(this.#base.pathname + encodedPath(path), this.#base);
    return new URL(signedFileUrl(this.#base.origin, this.#key, method, this.#folder + path, seconds));
  }

  #name(folder: string): string {
    return `${this.#base.origin}${this.#base.pathname}${encodedPath(folder)}`;
  }
}

/** The bytes of a range out of a stream that has them all; the rest is not read. */
async function* cut(content: AsyncIterable<Uint8Array>, { start, end }: BlobRange): AsyncGenerator<Uint8Array> {
  let position = 0;
  for await (const chunk of content) {
    const from = position;
    position += chunk.length;
    if (position > start) yield chunk.subarray(Math.max(0, start - from), end + 1 - from);
    if (position > end) return;
  }
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new SourceError("configuration", "The address of the file server is not well-formed: write % as %25.");
  }
}

/** A page as our file server writes it; the sender may be anybody. */
function recursivePage(body: string): ProviderPage {
  try {
    const { entries, next } = JSON.parse(body) as { entries: SourceEntry[]; next: string | null };
    if (next !== null && typeof next !== "string") throw new TypeError("next");
    const sound = entries.filter(({ path, sizeBytes, modifiedMs }) => typeof path === "string" && Number.isFinite(modifiedMs) && Number.isFinite(sizeBytes));
    return { entries: sound, next: next ?? undefined };
  } catch {
    throw new SourceError("provider", "The file server's listing is not what a listing of winnow serve looks like.");
  }
}

async function limitedText(message: IncomingMessage): Promise<string> {
  let size = 0;
  message.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > listingBytesMax) message.destroy(new SourceError("provider", "The file server's listing is too large."));
  });
  return await text(message);
}
