import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { listingLines } from "./file-server-listing.ts";
import { checkFileUrl, signedFileUrl, type FileMethod } from "./file-url.ts";
import { limitMax } from "./listing.ts";
import { mediaType } from "./media-names.ts";
import { checkedPath } from "./paths.ts";
import { SourceError } from "./source-error.ts";
import type { SourceFacts } from "./source.ts";
import { FolderSource, type FolderUrl } from "./sources/folder.ts";

export interface FileServerOptions {
  /** The folder to serve. */
  readonly folder: string;
  /** Folders that symbolic links may lead into. Default: the served folder only. */
  readonly roots?: readonly string[];
  /** Default: 127.0.0.1, reachable from this machine only. */
  readonly host?: string;
  /** 0 takes a free one. Default: 3456. */
  readonly port?: number;
  /** The address under which others reach the server, when it stands behind another one. Default: host and port. */
  readonly publicUrl?: string;
  /** At least 32 bytes; signs addresses. Share it with those who may write, or read where reads are private. */
  readonly key?: Uint8Array;
  /** Take files by signed PUT and remove them by signed DELETE. Needs `key`. Default: false. */
  readonly writable?: boolean;
  /** Files and listings only for signed addresses. Needs `key`. Default: false. */
  readonly privateReads?: boolean;
  /** Web pages of which origins may read the answers: "*" or a list like `["https://winnow.example"]`. Default: "*". */
  readonly origins?: "*" | readonly string[];
  /** Largest file that is taken, in bytes. Default: no limit but the disk's. */
  readonly sizeBytesMax?: number;
}

export interface FileServer {
  /** Address of the folder, with a slash at the end. */
  readonly url: string;
  /** Signed addresses of its files, where the server has a key; else plain ones. */
  readonly urlFor: FolderUrl;
  close(): Promise<void>;
}

/**
 * Serves a folder over HTTP: files with ranges, HEAD and ETag; folders as HTML, as a JSON index (`Accept: application/json`),
 * or everything below one in pages (`?list=recursive`, what our own datasource asks for).
 * @throws RangeError when `writable` or `privateReads` comes without a key; Error when the port is taken
 */
export async function startFileServer(options: FileServerOptions): Promise<FileServer> {
  if ((options.writable || options.privateReads) && !options.key) throw new RangeError("writable and privateReads need a key that signs addresses");
  const { host = "127.0.0.1", port = 3456 } = options;
  const source = new FolderSource(options.folder, { ...(options.roots && { roots: options.roots }) });
  const server = createServer((request, response) => {
    new Exchange(request, response, options, source).answer().catch((error: unknown) => {
      refuse(response, error);
    });
  });
  // Large files take longer than the five minutes that Node allows a request by itself.
  server.requestTimeout = 0;
  await new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen(port, host, () => done());
  });
  const url = `${(options.publicUrl ?? `http://${host.includes(":") ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`).replace(/\/$/, "")}/`;
  return {
    url,
    urlFor: (path, method, seconds) => (options.key ? signedFileUrl(url, options.key, method, path, seconds) : new URL(path.split("/").map(encodeURIComponent).join("/"), url).href),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** One request and its answer. */
class Exchange {
  readonly #query: URLSearchParams;
  readonly #rawPath: string;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly options: FileServerOptions,
    readonly source: FolderSource,
  ) {
    const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s, 2);
    this.#rawPath = path;
    this.#query = new URLSearchParams(query);
  }

  async answer(): Promise<void> {
    const { request, response } = this;
    this.#allowOrigin();
    if (request.method === "OPTIONS") {
      response.setHeader("Access-Control-Allow-Methods", "GET, HEAD, PUT, DELETE, OPTIONS");
      response.setHeader("Access-Control-Allow-Headers", request.headers["access-control-request-headers"] ?? "*");
      response.setHeader("Access-Control-Max-Age", "86400");
      // A page of the internet that asks for something on this machine needs this word in Chromium.
      if (request.headers["access-control-request-private-network"]) response.setHeader("Access-Control-Allow-Private-Network", "true");
      response.writeHead(204).end();
      return;
    }
    const path = this.#path();
    switch (request.method) {
      case "GET":
      case "HEAD":
        this.#check("GET", path, this.options.privateReads ?? false);
        if (path === "" || path.endsWith("/")) await this.#folder(path);
        else await this.#file(path);
        return;
      case "PUT":
      case "DELETE":
        if (!this.options.writable) throw new Refusal(405, "This file server is read-only.");
        this.#check(request.method, path, true);
        await (request.method === "PUT" ? this.#put(path) : this.source.remove(path));
        response.writeHead(request.method === "PUT" ? 201 : 204).end();
        return;
      default:
        throw new Refusal(405, "This file server answers GET, HEAD, PUT, DELETE and OPTIONS.");
    }
  }

  #allowOrigin(): void {
    const { origins = "*" } = this.options;
    const { origin } = this.request.headers;
    if (origins === "*") this.response.setHeader("Access-Control-Allow-Origin", "*");
    else {
      this.response.setHeader("Vary", "Origin");
      if (origin !== undefined && origins.includes(origin)) this.response.setHeader("Access-Control-Allow-Origin", origin);
    }
    this.response.setHeader("Access-Control-Expose-Headers", "Accept-Ranges, Content-Length, Content-Range, ETag, Last-Modified, Winnow-Listing");
  }

  /** The path below the root, decoded. */
  #path(): string {
    let parts: string[];
    try {
      parts = this.#rawPath.slice(1).split("/").map(decodeURIComponent);
    } catch {
      throw new Refusal(400, "The address is not well-formed: write % as %25.");
    }
    if (!this.#rawPath.startsWith("/") || parts.some((part) => part.includes("/"))) throw new Refusal(404, "There is no such file.");
    const path = parts.join("/");
    if (path !== "") checkedPath(path.endsWith("/") ? path.slice(0, -1) : path);
    return path;
  }

  #check(method: FileMethod, path: string, needed: boolean): void {
    if (!this.options.key) return;
    const found = checkFileUrl(this.options.key, method, path, this.#query);
    if (found === "expired") throw new Refusal(403, "This address has expired.");
    // A wrong signature is refused even where none is needed: silence would hide that the keys differ.
    if (found === "wrong") throw new Refusal(403, "The signature of this address is not valid.");
    if (needed && found === "unsigned") throw new Refusal(403, "This needs a signed address.");
  }

  async #put(path: string): Promise<void> {
    const { sizeBytesMax = Number.POSITIVE_INFINITY } = this.options;
    const tooLarge = () => new Refusal(413, `Files of at most ${sizeBytesMax} bytes are taken here.`);
    if (path === "" || path.endsWith("/")) throw new Refusal(400, "The address of a file must not end with a slash.");
    if (Number(this.request.headers["content-length"] ?? 0) > sizeBytesMax) throw tooLarge();
    const { request } = this;
    const limited = async function* (): AsyncGenerator<Uint8Array> {
      let size = 0;
      for await (const chunk of request as AsyncIterable<Uint8Array>) {
        size += chunk.length;
        if (size > sizeBytesMax) throw tooLarge();
        yield chunk;
      }
    };
    await this.source.write(path, limited());
  }

  async #file(path: string): Promise<void> {
    const { request, response } = this;
    const facts = await this.source.facts(path);
    if (!facts) {
      if (!(await this.source.hasFolder(path))) throw new Refusal(404, "There is no such file.");
      response.writeHead(301, { Location: `./${this.#rawPath.split("/").at(-1)}/` }).end();
      return;
    }
    const etag = facts.etag ?? "";
    response.setHeader("ETag", etag);
    response.setHeader("Last-Modified", new Date(facts.modifiedMs).toUTCString());
    response.setHeader("Accept-Ranges", "bytes");
    response.setHeader("Content-Type", mediaType(path));
    // Somebody else's HTML or SVG must not run as a page of this server.
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    if (isUnchanged(request, facts)) {
      response.writeHead(304).end();
      return;
    }
    const range = request.headers["if-range"] !== undefined && request.headers["if-range"] !== etag ? undefined : wantedRange(request.headers.range, facts.sizeBytes);
    if (range === "beyond") {
      response.writeHead(416, { "Content-Range": `bytes */${facts.sizeBytes}` }).end();
      return;
    }
    if (range) response.setHeader("Content-Range", `bytes ${range.start}-${range.end}/${facts.sizeBytes}`);
    response.setHeader("Content-Length", range ? range.end - range.start + 1 : facts.sizeBytes);
    if (request.method === "HEAD") {
      response.writeHead(range ? 206 : 200).end();
      return;
    }
    // Only as many bytes as were announced, should the file grow meanwhile.
    const content = await this.source.read(path, range ?? { start: 0, end: facts.sizeBytes - 1 });
    response.writeHead(range ? 206 : 200);
    await pipeline(content, response);
  }

  async #folder(path: string): Promise<void> {
    const { request, response } = this;
    if (!(await this.source.hasFolder(path.slice(0, -1)))) throw new Refusal(404, "There is no such folder.");
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Vary", "Accept, Origin");
    if (this.#query.get("list") === "recursive") {
      await this.#recursive(path);
      return;
    }
    const json = /\bapplication\/json\b/.test(request.headers.accept ?? "");
    response.writeHead(200, { "Content-Type": json ? "application/json" : "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'" });
    if (request.method === "HEAD") response.end();
    else await pipeline(listingLines(this.source, path, json ? "json" : "html"), response);
  }

  /** Everything below a folder, one page: `{entries: [{path, sizeBytes, modifiedMs}], next}`, where `next` is given back as `after`. Times are not filtered here. */
  async #recursive(folder: string): Promise<void> {
    const limit = Number(this.#query.get("limit") ?? 1000);
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > limitMax) throw new Refusal(400, `limit must be a whole number from 1 to ${limitMax}.`);
    const after = this.#query.get("after");
    // Hidden names above the served folder are not the listing's: its prefix reaches over them.
    const prefix = folder + (this.#query.get("prefix") ?? "");
    const page = await this.source.step({ prefix, fromSeconds: 0, toSeconds: 0 }, after === null ? undefined : folder + after, limit);
    const inside = (path: string) => path.slice(folder.length);
    const body = JSON.stringify({ entries: page.entries.map((entry) => ({ ...entry, path: inside(entry.path) })), next: page.next === undefined ? null : inside(page.next) });
    this.response.writeHead(200, { "Content-Type": "application/json", "Winnow-Listing": "1", "Content-Length": Buffer.byteLength(body) });
    this.response.end(this.request.method === "HEAD" ? undefined : body);
  }
}

function isUnchanged({ headers }: IncomingMessage, { etag, modifiedMs }: SourceFacts): boolean {
  const known = headers["if-none-match"];
  if (known !== undefined) return known === "*" || known.split(",").some((one) => one.trim().replace(/^W\//, "") === etag);
  const since = Date.parse(headers["if-modified-since"] ?? "");
  return Math.floor(modifiedMs / 1000) * 1000 <= since;
}

/** One range of bytes; undefined for the whole file, which also answers several ranges at once. */
function wantedRange(header: string | undefined, size: number): { start: number; end: number } | "beyond" | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") return Number(last) === 0 || size === 0 ? "beyond" : { start: Math.max(0, size - Number(last)), end: size - 1 };
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "beyond" : { start, end: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    // The client went away, or is told by the broken connection that the file is not complete.
    response.destroy();
    return;
  }
  const status = error instanceof Refusal ? error.status : error instanceof SourceError ? (({ path: 404, permission: 403, cursor: 400 }) as Record<string, number>)[error.kind] ?? 500 : 500;
  const message = error instanceof Refusal || error instanceof SourceError ? error.message : "The file server failed.";
  if (status === 405) response.setHeader("Allow", "GET, HEAD, OPTIONS");
  response.removeHeader("Content-Length");
  // What is left of a refused upload is not read.
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", Connection: "close" }).end(`${message}\n`);
}
