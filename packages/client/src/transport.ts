/** HTTP: one request per operation of the contract, and files to and from signed addresses. */
import type { BodyOf, Operation, PathOf, QueryOf, ReplyOf } from "@winnow/contract";
import { ApiError, ConnectionError, ValueError } from "./errors.ts";
import { follow } from "./following.ts";
import { jsonItems } from "./json-items.ts";
import { withoutSecrets } from "./secrets.ts";
import { VERSION } from "./version.ts";
import { type RetryPolicy, pauseBefore, wait } from "./waiting.ts";

export type Fetch = typeof globalThis.fetch;

/** What any member takes beside its own options. */
export interface CallOptions {
  /** Cancels the member; it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

type Needed<Part extends string, Value> = [Value] extends [undefined]
  ? { readonly [key in Part]?: undefined }
  : Record<never, never> extends Value
    ? { readonly [key in Part]?: Value }
    : { readonly [key in Part]: Value };

/** Path parameters, query and body of an operation, as far as it has them. */
export type RequestOf<O extends Operation> = Needed<"path", PathOf<O>> &
  Needed<"query", QueryOf<O>> &
  Needed<"body", BodyOf<O>> &
  CallOptions & {
    /** False: one attempt only. */
    readonly retry?: boolean;
  };

/** What a list of an operation's answer holds. */
export type ItemOf<O extends Operation> = ReplyOf<O> extends readonly (infer Item)[] ? Item : never;

export interface TransportSettings {
  readonly serverUrl: string;
  readonly token: string | undefined;
  readonly fetch: Fetch;
  readonly retry: RetryPolicy;
  /** How steps of an upload or download are repeated. */
  readonly patience: RetryPolicy;
}

/** Bytes to send: all at hand, or made on demand; then `stream` is called once per attempt. */
export type Upload = Uint8Array | Blob | { readonly stream: () => AsyncIterable<Uint8Array>; readonly size: number };

const BODY_CHARACTERS_MAX = 10_000;

export class Transport {
  readonly #settings: TransportSettings;
  #timeoutMs = 180_000;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
  }

  get serverUrl(): string {
    return this.#settings.serverUrl;
  }

  /** See {@link TransportSettings.patience}. */
  get patience(): RetryPolicy {
    return this.#settings.patience;
  }

  /** Time limit of a call; for files: of a pause in which nothing arrives or leaves. */
  set timeoutMs(milliseconds: number) {
    this.#timeoutMs = milliseconds;
  }

  /** The text without the token. */
  clean(text: string): string {
    return withoutSecrets(text, this.#settings.token);
  }

  /**
   * Calls an operation.
   * @throws ApiError for any answer outside 200–299, ConnectionError when there is none, the signal's reason.
   */
  async call<O extends Operation>(operation: O, request: RequestOf<O>): Promise<ReplyOf<O>> {
    const { method } = operation;
    const { url, path, headers } = this.#address(operation, request);
    // Servers of the protocol are used to a JSON body on everything but GET.
    const body = method === "GET" ? undefined : JSON.stringify(request.body ?? {});
    if (body !== undefined) headers["content-type"] = "application/json";
    const text = await this.#repeated(
      { method, url, path, repeatable: method !== "POST", once: request.retry === false, signal: request.signal },
      async (signal) => {
        const response = await this.#settings.fetch(url, { method, headers, ...(body === undefined ? {} : { body }), signal });
        const answer = await response.text();
        if (!response.ok) throw this.#refusal(method, path, response, answer);
        return answer;
      },
    );
    return parsed(text) as ReplyOf<O>;
  }

  /**
   * Calls an operation that answers a list of objects, and gives them one at a time, so that the whole list is never in
   * memory.
   * @throws as {@link call}; ConnectionError also in the middle; RuntimeError when the answer is no such list
   */
  async *items<O extends Operation>(operation: O, request: RequestOf<O>): AsyncGenerator<ItemOf<O>, void, undefined> {
    const { url, headers } = this.#address(operation, request);
    const { body } = await this.download(url, { headers, signal: request.signal });
    for await (const item of jsonItems(body)) yield item as ItemOf<O>;
  }

  /**
   * Calls an operation whose answer may be long, and gives its bytes as they come.
   * @throws as {@link call}; ConnectionError also in the middle
   */
  async *bytes<O extends Operation>(operation: O, request: RequestOf<O>): AsyncGenerator<Uint8Array, void, undefined> {
    const { url, headers } = this.#address(operation, request);
    yield* (await this.download(url, { headers, signal: request.signal })).body;
  }

  #address(operation: Operation, request: { readonly path?: unknown; readonly query?: unknown }): { url: string; path: string; headers: Record<string, string> } {
    const path = filledPath(operation.path, request.path as Readonly<Record<string, string>> | undefined);
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries((request.query ?? {}) as Record<string, unknown>)) {
      if (value !== undefined && value !== null) query.append(name, queryText(value));
    }
    // As the protocol has it: in the query, and not at all where an operation is public.
    if (operation.access !== "public" && this.#settings.token !== undefined) query.append("token", this.#settings.token);
    const search = query.toString();
    return {
      url: `${this.#settings.serverUrl}${path}${search === "" ? "" : `?${search}`}`,
      path,
      headers: { accept: "application/json", "user-agent": `winnow-client/${VERSION}` },
    };
  }

  /**
   * Sends a file to a signed address. No token goes there, and nothing but the given headers.
   * @throws as {@link call}.
   */
  async upload(url: string, file: Upload, options: CallOptions & { readonly headers?: Readonly<Record<string, string>> | undefined; readonly retry?: boolean } = {}): Promise<Response> {
    const path = pathOf(url);
    return this.#repeated({ method: "PUT", url, path, repeatable: true, once: options.retry === false, signal: options.signal }, async (signal, alive) => {
      const init: RequestInit & { duplex?: "half" } = { method: "PUT", headers: { ...options.headers }, signal };
      if ("stream" in file && typeof file.stream === "function" && !(file instanceof Blob)) {
        const source = file as { readonly stream: () => AsyncIterable<Uint8Array>; readonly size: number };
        // Stores refuse bodies of unknown length.
        init.headers = { ...options.headers, "content-length": String(source.size) };
        init.body = streamOf(source.stream(), alive);
        init.duplex = "half";
      } else {
        init.body = file as Exclude<RequestInit["body"], null | undefined>;
      }
      const response = await this.#settings.fetch(url, init);
      if (!response.ok) throw this.#refusal("PUT", path, response, await response.text().catch(() => ""));
      return response;
    });
  }

  /**
   * Reads a signed address as a stream. What breaks after the first byte is thrown to the reader of the stream.
   * @throws as {@link call}.
   */
  async download(
    url: string,
    options: CallOptions & { readonly headers?: Readonly<Record<string, string>>; readonly retry?: boolean } = {},
  ): Promise<{ body: AsyncIterable<Uint8Array>; size: number | undefined; headers: Headers }> {
    const path = pathOf(url);
    // The time limit of the attempt that succeeds goes on while its body is read.
    let limit: Limit | undefined;
    const response = await this.#repeated({ method: "GET", url, path, repeatable: true, once: options.retry === false, signal: options.signal }, async () => {
      const own = this.#limit(options.signal);
      try {
        const answer = await this.#settings.fetch(url, { headers: { ...options.headers }, signal: own.signal });
        if (!answer.ok) throw this.#refusal("GET", path, answer, await answer.text().catch(() => ""));
        limit = own;
        return answer;
      } catch (error) {
        own.end();
        throw error;
      }
    });
    const length = response.headers.get("content-length");
    return {
      body: this.#watched(response, limit!, { method: "GET", url, path, signal: options.signal }),
      size: length === null || response.headers.has("content-encoding") ? undefined : Number(length),
      headers: response.headers,
    };
  }

  async *#watched(response: Response, limit: Limit, place: Place): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of response.body ?? []) {
        limit.alive();
        yield chunk as Uint8Array;
      }
    } catch (error) {
      throw this.#explained(error, place);
    } finally {
      limit.end();
    }
  }

  async #repeated<Result>(
    place: Place & { readonly repeatable: boolean; readonly once: boolean },
    send: (signal: AbortSignal, alive: () => void) => Promise<Result>,
  ): Promise<Result> {
    const policy = this.#settings.retry;
    for (let attempt = 1; ; attempt++) {
      place.signal?.throwIfAborted();
      const limit = this.#limit(place.signal);
      let failure: unknown;
      try {
        return await send(limit.signal, limit.alive);
      } catch (error) {
        failure = error instanceof ApiError ? error : this.#explained(error, place);
      } finally {
        limit.end();
      }
      const again =
        failure instanceof ConnectionError ? failure.refused || place.repeatable : failure instanceof ApiError && failure.retryable && (place.repeatable || isUndone(failure));
      if (!again || place.once || attempt >= policy.attempts) throw failure;
      const asked = failure instanceof ApiError ? failure.retryAfter : undefined;
      await wait(asked === undefined ? pauseBefore(attempt + 1, policy) : asked * 1000, place.signal);
    }
  }

  /** A signal that is aborted when nothing happens for too long, or when the caller's is. */
  #limit(given: AbortSignal | undefined): Limit {
    const timeoutMs = this.#timeoutMs;
    const stop = new AbortController();
    const unfollow = follow(given, () => stop.abort(given!.reason));
    const expire = () => stop.abort(new DOMException(`no answer within ${timeoutMs / 1000} s`, "TimeoutError"));
    let timer = setTimeout(expire, timeoutMs);
    return {
      signal: stop.signal,
      alive() {
        clearTimeout(timer);
        timer = setTimeout(expire, timeoutMs);
      },
      end() {
        clearTimeout(timer);
        unfollow();
      },
    };
  }

  /** What `fetch` threw, as an error of ours; the caller's own abort stays as it is. */
  #explained(error: unknown, place: Place): unknown {
    if (place.signal?.aborted) return place.signal.reason;
    if (error instanceof ApiError || error instanceof ConnectionError) return error;
    const reasons = reasonsOf(error);
    const refused = reasons.some(({ code }) => code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EAI_AGAIN");
    const why = this.clean([...new Set(reasons.map(({ message, code }) => message || code || "").filter((text) => text !== "" && text !== "fetch failed"))].join("; ") || "no answer");
    return new ConnectionError(`${place.method} ${place.path}: ${new URL(place.url).host} could not be reached: ${why}`, {
      method: place.method,
      path: place.path,
      refused,
    });
  }

  #refusal(method: string, path: string, response: Response, text: string): ApiError {
    const body = this.clean(text.slice(0, BODY_CHARACTERS_MAX));
    let code: string | undefined;
    let sentence: string | undefined;
    try {
      const facts: unknown = JSON.parse(body);
      if (typeof facts === "object" && facts !== null) {
        const { code: named, message, error } = facts as Record<string, unknown>;
        if (typeof named === "string") code = named;
        sentence = [message, error].find((value) => typeof value === "string") as string | undefined;
      }
    } catch {
      // Not JSON: shown as it is.
    }
    return new ApiError({ method, path, status: response.status, body, code, sentence: sentence ?? body.slice(0, 300), retryAfter: secondsOf(response.headers.get("retry-after")) });
  }
}

/** Whether a server that has too much to do said when to come again: it has done nothing of the request then. */
function isUndone({ status, retryAfter }: ApiError): boolean {
  return status === 429 && retryAfter !== undefined;
}

/** Where a request goes, for its errors. */
interface Place {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly signal: AbortSignal | undefined;
}

interface Limit {
  readonly signal: AbortSignal;
  alive(): void;
  end(): void;
}

function filledPath(path: string, values: Readonly<Record<string, string>> | undefined): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values?.[name];
    if (typeof value !== "string" || value === "") throw new ValueError(`${name} must be a text that isn't empty, got ${value === "" ? "an empty one" : String(value)}`);
    // A dot segment would change the path, since the platform resolves even encoded ones.
    if (value === "." || value === "..") throw new ValueError(`${name} must not be ${JSON.stringify(value)}`);
    return encodeURIComponent(value).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  });
}

function queryText(value: unknown): string {
  // Servers of the protocol have only ever been sent the spelling of its clients.
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}

/** JSON, or the bare text that some servers answer with; null for nothing. */
function parsed(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function pathOf(url: string): string {
  try {
    return new URL(url).pathname;
  } catch {
    throw new ValueError("the signed address is not a URL");
  }
}

function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  // More than ten minutes is no pause but a refusal.
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 600) : undefined;
}

function reasonsOf(error: unknown): { message: string; code: string | undefined }[] {
  const found: { message: string; code: string | undefined }[] = [];
  const queue: unknown[] = [error];
  while (queue.length > 0 && found.length < 8) {
    const item = queue.shift();
    if (!(item instanceof Error)) continue;
    found.push({ message: item.message, code: (item as { code?: string }).code });
    queue.push(item.cause, ...(item instanceof AggregateError ? (item.errors as unknown[]) : []));
  }
  return found;
}

/** A stream that pulls from an iterable, a chunk at a time, and says so each time. */
function streamOf(source: AsyncIterable<Uint8Array>, alive: () => void): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        alive();
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
