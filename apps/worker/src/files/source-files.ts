import { createWriteStream } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ApiWorkflowClient, domains } from "@winnow/client";
import { RunFailure } from "../run/context.ts";

/** A file of the datasource that can't be read, though the datasource answers. The message is a sentence for people. */
export class FileUnreadable extends Error {
  override readonly name = "FileUnreadable";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The datasource takes no files. */
export class WriteRefused extends Error {
  override readonly name = "WriteRefused";
}

export interface SourceFilesOptions {
  readonly client: ApiWorkflowClient;
  readonly datasetId: string;
  readonly signal: AbortSignal;
  /** How long nothing may come before an attempt counts as failed. */
  readonly stallMs: number;
  /** How long a silent datasource is asked again before the run is given up. */
  readonly patienceMs: number;
  /** What to do with files that their bucket is going to remove soon. */
  readonly expiration?: { readonly minDaysToExpiration: number | null; readonly handlingStrategy: "SKIP" | "ABORT" | null };
  readonly onSilent?: (message: string) => void;
}

/** A file and what came of reading it. */
export type ReadFile = { readonly path: string; readonly bytes: Uint8Array } | { readonly path: string; readonly problem: FileUnreadable };

const ADDRESSES_AT_ONCE = 500;
const FILE_BYTES_MAX = 1024 * 1024 * 1024;

/** The files of a run's datasource, read and written by addresses that the server gives out just before they are used. */
export class SourceFiles {
  readonly #options: SourceFilesOptions;
  #toldSilentAt = 0;

  constructor(options: SourceFilesOptions) {
    this.#options = options;
  }

  /** Bytes of a file. @throws FileUnreadable; RunFailure when the datasource stays silent */
  async read(path: string): Promise<Uint8Array> {
    return this.#readAt(path, undefined);
  }

  /** The text of a file, undefined when there is none. @throws as {@link read} for anything else that is wrong */
  async readText(path: string): Promise<string | undefined> {
    try {
      return new TextDecoder().decode(await this.read(path));
    } catch (error) {
      if (error instanceof FileUnreadable && (error.status === 404 || error.status === 403)) return undefined;
      throw error;
    }
  }

  /** Reads files in the order of their paths, `ahead` of them under way. */
  async *readAll(paths: Iterable<string> | AsyncIterable<string>, ahead: number): AsyncGenerator<ReadFile, void, undefined> {
    const underWay: Promise<ReadFile>[] = [];
    let chunk: string[] = [];
    const begin = (path: string, address: string | undefined) => {
      const one = this.#readAt(path, address).then(
        (bytes): ReadFile => ({ path, bytes }),
        (error: unknown): ReadFile => {
          if (error instanceof FileUnreadable) return { path, problem: error };
          throw error;
        },
      );
      one.catch(() => undefined); // awaited in its turn
      underWay.push(one);
    };
    const drain = async function* (this: SourceFiles, left: number): AsyncGenerator<ReadFile, void, undefined> {
      while (underWay.length > left) yield await underWay.shift()!;
    }.bind(this);
    const flush = async function* (this: SourceFiles): AsyncGenerator<ReadFile, void, undefined> {
      const addresses = await this.#addresses(chunk);
      for (const [i, path] of chunk.entries()) {
        begin(path, addresses[i]);
        yield* drain(ahead - 1);
      }
      chunk = [];
    }.bind(this);
    for await (const path of paths) {
      chunk.push(path);
      if (chunk.length >= ADDRESSES_AT_ONCE) yield* flush();
    }
    if (chunk.length > 0) yield* flush();
    yield* drain(0);
  }

  /** Copies a file to the disk. @throws as {@link read} */
  async download(path: string, target: string): Promise<void> {
    await this.#patiently(path, undefined, async (response, alive) => {
      this.#requireLasting(path, response);
      await pipeline(Readable.fromWeb(response.body as never), watched(alive), createWriteStream(target));
    });
  }

  /** Writes a file. @throws WriteRefused saying why; RunFailure when the datasource stays silent */
  async write(path: string, bytes: Uint8Array): Promise<void> {
    const { client, datasetId, signal, stallMs } = this.#options;
    await this.#repeated(path, async () => {
      let urls;
      try {
        ({ urls } = await client.call(domains.datasources.createDatasourceWriteUrls, { path: { datasetId }, body: { paths: [path] }, signal }));
      } catch (error) {
        const { status } = error as { status?: number };
        if (status !== undefined && status < 500) throw new WriteRefused((error as Error).message);
        throw error;
      }
      const [{ url, headers }] = urls as [(typeof urls)[number]];
      const response = await fetch(url, { method: "PUT", headers, body: bytes as unknown as ArrayBuffer, signal: AbortSignal.any([signal, AbortSignal.timeout(stallMs + Math.ceil(bytes.length / 50))]) });
      if (response.ok) {
        await response.body?.cancel();
        return;
      }
      const said = (await response.text().catch(() => "")).replace(/\s+/g, " ").slice(0, 300);
      if (response.status === 507) throw new RunFailure(`There is no room left where the datasource keeps its files (writing ${path}). Make room and schedule the run again.`);
      if (response.status < 500 && response.status !== 429 && response.status !== 408) throw new WriteRefused(`writing ${path} was refused with ${response.status}${said === "" ? "" : `: ${said}`}`);
      throw new Error(`writing ${path} failed with ${response.status}${said === "" ? "" : `: ${said}`}`);
    });
  }

  async #readAt(path: string, address: string | undefined): Promise<Uint8Array> {
    let bytes: Uint8Array = new Uint8Array();
    await this.#patiently(path, address, async (response, alive) => {
      this.#requireLasting(path, response);
      const declared = Number(response.headers.get("content-length") ?? 0);
      if (declared > FILE_BYTES_MAX) throw new FileUnreadable(413, `it has ${declared} bytes; at most ${FILE_BYTES_MAX} are read`);
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        alive();
        size += chunk.length;
        if (size > FILE_BYTES_MAX) throw new FileUnreadable(413, `it has more than ${FILE_BYTES_MAX} bytes`);
        chunks.push(chunk);
      }
      bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    });
    return bytes;
  }

  /** Opens an address and hands the answer on; each further attempt has a fresh address, so that none runs out in a long run. */
  async #patiently(path: string, first: string | undefined, use: (response: Response, alive: () => void) => Promise<void>): Promise<void> {
    let address = first;
    await this.#repeated(path, async () => {
      const { signal, stallMs } = this.#options;
      const given = address;
      address = undefined;
      const url = given ?? (await this.#addresses([path]))[0]!;
      const stall = new AbortController();
      const expire = () => stall.abort(new DOMException(`nothing came for ${stallMs / 1000} s`, "TimeoutError"));
      let timer = setTimeout(expire, stallMs);
      try {
        const response = await fetch(url, { signal: AbortSignal.any([signal, stall.signal]) });
        if (!response.ok) {
          await response.body?.cancel();
          if (response.status === 404 || response.status === 410) throw new FileUnreadable(404, "the file doesn't exist any more");
          // An address that was given out a while ago may have run out.
          if (given !== undefined && response.status >= 400 && response.status < 404) throw new Error(`the datasource answers ${response.status}`);
          if (response.status === 401 || response.status === 403) throw new FileUnreadable(403, "permission to read the file is denied");
          if (response.status < 500 && response.status !== 429 && response.status !== 408) throw new FileUnreadable(response.status, `the datasource answers ${response.status}`);
          throw new Error(`the datasource answers ${response.status}`);
        }
        await use(response, () => {
          clearTimeout(timer);
          timer = setTimeout(expire, stallMs);
        });
      } finally {
        clearTimeout(timer);
      }
    });
  }

  /** Buckets that remove files after a time say so with each of them. */
  #requireLasting(path: string, response: Response): void {
    const { minDaysToExpiration, handlingStrategy } = this.#options.expiration ?? {};
    // What lies beside the input isn't input.
    if (minDaysToExpiration === null || minDaysToExpiration === undefined || path.startsWith(".lightly/")) return;
    const date = /expiry-date="([^"]+)"/.exec(response.headers.get("x-amz-expiration") ?? "")?.[1];
    const days = date === undefined ? Infinity : (Date.parse(date) - Date.now()) / 86_400_000;
    if (!(days < minDaysToExpiration)) return;
    const what = `it expires in ${Math.max(0, days).toFixed(1)} days, sooner than the ${minDaysToExpiration} of min_days_to_expiration`;
    if (handlingStrategy === "ABORT") throw new RunFailure(`${path}: ${what}. Keep files for longer, or set handling_strategy to SKIP.`);
    throw new FileUnreadable(410, what);
  }

  async #repeated(path: string, work: () => Promise<void>): Promise<void> {
    const { signal, patienceMs, onSilent } = this.#options;
    const ends = Date.now() + patienceMs;
    for (let pauseMs = 500; ; pauseMs = Math.min(2 * pauseMs, 15_000)) {
      try {
        await work();
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof FileUnreadable || error instanceof WriteRefused || error instanceof RunFailure) throw error;
        // A mistake of ours is no silence.
        if (error instanceof RangeError || (error instanceof TypeError && error.cause === undefined)) throw error;
        const { code } = error as NodeJS.ErrnoException;
        // What the disk here says is no fault of the datasource.
        if (code === "ENOSPC" || code === "EACCES" || code === "EROFS" || code === "EDQUOT") throw error;
        const why = saidBy(error);
        if (Date.now() + pauseMs > ends) throw new RunFailure(`The datasource stopped answering (${path}: ${why}). Check that it can be reached and schedule the run again.`);
        // Many files are read at a time; one line says it for all.
        if (Date.now() - this.#toldSilentAt > 10_000) {
          this.#toldSilentAt = Date.now();
          onSilent?.(`The datasource does not answer (${path}: ${why}); trying again.`);
        }
        await wait(pauseMs, undefined, { signal }).catch(() => undefined);
        signal.throwIfAborted();
      }
    }
  }

  async #addresses(paths: readonly string[]): Promise<string[]> {
    const { client, datasetId, signal } = this.#options;
    const { urls } = await client.call(domains.datasources.createDatasourceReadUrls, { path: { datasetId }, body: { paths: [...paths] }, signal });
    return urls.map(({ url }) => url);
  }
}

function watched(alive: () => void) {
  return async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of source) {
      alive();
      yield chunk;
    }
  };
}

function saidBy(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  // Messages of fetch hold no address, but those of others may.
  return (cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error))).replace(/https?:\S+/g, "…").slice(0, 200);
}
