/** What all members stand on: settings, the current dataset, and calling an operation. */
import { type DatasetData, type Operation, type ReplyOf, domains } from "@winnow/contract";
import { DEFAULT_SERVER_URL, serverFromEnvironment, tokenFromEnvironment } from "./environment.ts";
import { ApiError, RuntimeError, ValueError, WinnowWarning } from "./errors.ts";
import { PATIENCE } from "./patience.ts";
import { type CallOptions, type Fetch, type RequestOf, Transport, type Upload } from "./transport.ts";
import { PROTOCOL_VERSION } from "./version.ts";
import type { RetryPolicy } from "./waiting.ts";

export interface ClientOptions {
  /** Token of the user; by default from `WINNOW_TOKEN`, else `LIGHTLY_TOKEN`. */
  readonly token?: string;
  /** Address of the server; by default from `WINNOW_SERVER_LOCATION`, else `LIGHTLY_SERVER_LOCATION`, else `http://localhost:8080`. */
  readonly serverUrl?: string;
  /** The dataset to work on; by default the one modified last. It isn't checked until it is used. */
  readonly datasetId?: string;
  /** The embedding to select with; by default the newest one. */
  readonly embeddingId?: string;
  /** Used instead of the platform's `fetch`: for proxies, tests, logging. */
  readonly fetch?: Fetch;
  /** Told of what stops nothing but should be known; by default written to the console. */
  readonly onWarning?: (warning: WinnowWarning) => void;
  /**
   * How GET, PUT and DELETE are repeated after a broken connection, 429, 502, 503 and 504, and POST after a refused
   * connection and after 429 with a `Retry-After`, which a server sends that has done nothing of it. By default 4 attempts with pauses of up to 0.5, 1 and 2 seconds; a `Retry-After` of the server is kept.
   */
  readonly retry?: Partial<RetryPolicy>;
  /**
   * How each step of an upload or download of images, and each row of custom metadata, is repeated while the server is
   * away, busy or broken. By default 5 attempts with pauses of up to 1.5, 3, 6 and 12 seconds.
   */
  readonly patience?: Partial<RetryPolicy>;
}

/** Progress of a member that takes long. */
export interface Progress {
  readonly done: number;
  /** Undefined while it isn't known. */
  readonly total: number | undefined;
}

export class Connection {
  /** The embedding to select with. Set by {@link ClientOptions.embeddingId}, an upload of embeddings, `setEmbeddingIdToLatest`, or by you. */
  embeddingId: string | undefined;

  protected readonly transport: Transport;
  readonly #onWarning: (warning: WinnowWarning) => void;
  #datasetId: Promise<string> | undefined;
  /** An id that was assigned and is still being checked. */
  #assigned: Promise<string> | undefined;
  #compatible: Promise<void> | undefined;
  #offered: Promise<ReadonlySet<string>> | undefined;

  /** @throws ValueError when there is no token, neither given nor in the environment, or `serverUrl` is no address. */
  constructor(options: ClientOptions = {}) {
    const token = options.token ?? tokenFromEnvironment();
    if (token === undefined || token === "") throw new ValueError("no token: give `token`, or set the environment variable WINNOW_TOKEN (or LIGHTLY_TOKEN)");
    const serverUrl = (options.serverUrl ?? serverFromEnvironment() ?? DEFAULT_SERVER_URL).trim().replace(/\/+$/, "");
    if (!URL.canParse(serverUrl) || !/^https?:/i.test(serverUrl)) throw new ValueError(`the server's address ${JSON.stringify(serverUrl)} does not begin with http:// or https://`);
    this.transport = new Transport({
      serverUrl,
      token,
      // Bound, since browsers refuse a fetch that is called on another object.
      fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
      retry: { attempts: 4, pauseMs: 500, pauseMsMax: 30_000, ...options.retry },
      patience: { ...PATIENCE, ...options.patience },
    });
    this.#onWarning = options.onWarning ?? ((warning) => console.warn(`${warning.name}: ${warning.message}`));
    if (options.datasetId !== undefined) this.#datasetId = Promise.resolve(options.datasetId);
    this.embeddingId = options.embeddingId;
  }

  /** Address of the server, without a slash at its end. */
  get serverUrl(): string {
    return this.transport.serverUrl;
  }

  /**
   * The current dataset's id, as a promise: when none is set, the dataset modified last is looked up, kept and warned
   * about. Assigning an id sets it; that the dataset exists is checked at the next use, which then throws. To know at
   * once, use {@link setDatasetId}.
   * @throws ValueError when the assigned dataset doesn't exist, RuntimeError when there is no dataset at all.
   * @example
   * client.datasetId = "64e1…";
   * console.log(await client.datasetId);
   */
  get datasetId(): Promise<string> {
    return this.currentDatasetId();
  }

  set datasetId(datasetId: string) {
    const assigned = this.#existing(datasetId);
    this.#assigned = assigned;
    assigned.then(
      () => {
        if (this.#assigned === assigned) this.takeDatasetId(datasetId);
      },
      () => undefined, // told to whoever uses it next
    );
  }

  /**
   * Sets the current dataset after checking that it exists.
   * @throws ValueError when it doesn't; the earlier dataset then stays the current one.
   */
  async setDatasetId(datasetId: string, options: CallOptions = {}): Promise<void> {
    this.takeDatasetId(await this.#existing(datasetId, options));
  }

  /**
   * Whether a dataset with this id exists (and may be seen). Answers that say nothing about that are thrown: no or a bad
   * token, a busy or broken server.
   */
  async datasetExists(datasetId: string, options: CallOptions = {}): Promise<boolean> {
    try {
      await this.getDatasetById(datasetId, options);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status < 500 && error.status !== 401 && error.status !== 429) return false;
      throw error;
    }
  }

  /** The dataset with this id. @throws ApiError (404) when there is none. */
  getDatasetById(datasetId: string, options: CallOptions = {}): Promise<DatasetData> {
    return this.call(domains.datasets.getDatasetById, { path: { datasetId }, ...options });
  }

  /**
   * Datasets that the user owns.
   * @param options.shared true: those that others have shared with the user, instead; default false
   */
  getDatasets({ shared = false, signal }: CallOptions & { readonly shared?: boolean } = {}): Promise<DatasetData[]> {
    return this.call(domains.datasets.getDatasets, { query: { shared }, signal });
  }

  /**
   * Calls any operation of the contract, typed by it: for what has no member of its own.
   * @throws ApiError, ConnectionError
   * @example
   * await client.call(domains.tags.updateTagByTagId, { path: { datasetId, tagId }, body: { name: "to label" } });
   */
  async call<O extends Operation>(operation: O, request: RequestOf<O>): Promise<ReplyOf<O>> {
    // The Python client asks when it is made; a constructor here can't wait for an answer.
    if (operation.access !== "public") await this.compatibility();
    return this.transport.call(operation, request);
  }

  /**
   * Calls an operation of the contract whose answer is a file, such as an export, and gives its bytes as they come.
   * @throws ApiError; ConnectionError also in the middle
   * @example
   * await writeFile("audit.csv", client.stream(domains.audit.exportAuditEntries, { query: { format: "CSV" } }));
   */
  async *stream<O extends Operation>(operation: O, request: RequestOf<O>): AsyncGenerator<Uint8Array, void, undefined> {
    if (operation.access !== "public") await this.compatibility();
    yield* this.transport.bytes(operation, request);
  }

  /**
   * Asks the server for the lowest client release that it works with. Done by itself before the first call.
   * @throws ValueError when this client is older
   */
  async checkVersionCompatibility(options: CallOptions = {}): Promise<void> {
    const minimum: unknown = await this.transport.call(domains.versions.getMinimumCompatiblePipVersion, options);
    const parts = /^(\d+)\.(\d+)\.(\d+)$/.exec(String(minimum).trim());
    if (parts === null) throw new ValueError(`the server's lowest client version is not of the form x.y.z: ${JSON.stringify(minimum)}`);
    const own = PROTOCOL_VERSION.split(".").map(Number);
    const difference = own.map((number, at) => number - Number(parts[at + 1])).find((value) => value !== 0) ?? 0;
    if (difference < 0) throw new ValueError(`this client speaks the protocol of release ${PROTOCOL_VERSION}, the server wants ${parts[0]} or later: update @winnow/client`);
  }

  /**
   * Sets the time limit of all later requests.
   * @param timeout seconds, or seconds to connect and seconds to wait, which are added up; 180 at first. For files it
   *   limits a pause in the transfer, not the transfer.
   */
  setRequestTimeout(timeout: number | readonly [connect: number, read: number]): void {
    const seconds = typeof timeout === "number" ? timeout : timeout[0] + timeout[1];
    if (!(seconds > 0) || seconds > 2_000_000) throw new ValueError(`a time limit must be more than 0 and at most 2,000,000 seconds, got ${String(timeout)}`);
    this.transport.timeoutMs = seconds * 1000;
  }

  /**
   * Sends a file to a signed address by PUT, without token.
   * @param file bytes, a Blob, or `{ stream, size }`: a function that makes a stream of the bytes, and their number
   * @param options.headers headers to send; none by default
   * @returns the server's response
   * @throws ApiError, ConnectionError
   */
  uploadFileWithSignedUrl(file: Upload, signedWriteUrl: string, options: CallOptions & { readonly headers?: Readonly<Record<string, string>> } = {}): Promise<Response> {
    return this.transport.upload(signedWriteUrl, file, options);
  }

  /** Whether the server lists an operation of this name in its `/openapi.json`, which is fetched once. */
  protected async offers(operation: Operation): Promise<boolean> {
    this.#offered ??= listedOperations(this.transport, this.serverUrl);
    return (await this.#offered).has(operation.id);
  }

  protected warn(warning: WinnowWarning): void {
    this.#onWarning(warning);
  }

  /** Makes a dataset the current one without asking the server. */
  protected takeDatasetId(datasetId: string | undefined): void {
    this.#assigned = undefined;
    this.#datasetId = datasetId === undefined ? undefined : Promise.resolve(datasetId);
  }

  protected currentDatasetId(signal?: AbortSignal): Promise<string> {
    const assigned = this.#assigned;
    if (assigned !== undefined) {
      return assigned.catch((error: unknown) => {
        // Told once; afterwards the earlier dataset is the current one again.
        if (this.#assigned === assigned) this.#assigned = undefined;
        throw error;
      });
    }
    if (this.#datasetId !== undefined) return this.#datasetId;
    const found = this.#lastModifiedDataset(signal);
    this.#datasetId = found;
    // A look-up that failed is done again next time.
    found.catch(() => {
      if (this.#datasetId === found) this.#datasetId = undefined;
    });
    return found;
  }

  /** Waits until it is known that the server takes this client; asks only once. */
  protected compatibility(): Promise<void> {
    if (this.#compatible === undefined) {
      const asked = this.checkVersionCompatibility();
      this.#compatible = asked;
      // A server that couldn't be reached is asked again.
      asked.catch((error: unknown) => {
        if (!(error instanceof ValueError)) this.#compatible = undefined;
      });
    }
    return this.#compatible;
  }

  async #existing(datasetId: string, options: CallOptions = {}): Promise<string> {
    if (await this.datasetExists(datasetId, options)) return datasetId;
    throw new ValueError(`there is no dataset with the id ${datasetId} on the server`);
  }

  async #lastModifiedDataset(signal: AbortSignal | undefined): Promise<string> {
    const datasets = await this.getDatasets({ signal });
    const [first, ...rest] = datasets;
    if (first === undefined) throw new RuntimeError("there is no dataset yet: make one with createDataset");
    const latest = rest.reduce((best, dataset) => (dataset.lastModifiedAt >= best.lastModifiedAt ? dataset : best), first);
    this.warn(new WinnowWarning(`no dataset was given; taking the one modified last, ${latest.name}`));
    return latest.id;
  }
}

async function listedOperations(transport: Transport, serverUrl: string): Promise<ReadonlySet<string>> {
  try {
    const { body } = await transport.download(`${serverUrl}/openapi.json`, { retry: false });
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
    const document = JSON.parse(text) as { paths?: Record<string, Record<string, { operationId?: string }>> };
    return new Set(Object.values(document.paths ?? {}).flatMap((methods) => Object.values(methods).flatMap(({ operationId }) => operationId ?? [])));
  } catch {
    // Other servers have no such document: then none of our operations is there.
    return new Set();
  }
}
