/** A server for tests: a real one, in this process, on stores of its own, spoken to over HTTP. */
import { Agent, request as httpRequest } from "node:http";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Readable } from "node:stream";
import { openBlobStore, type BlobStore } from "@winnow/storage";
import { s3Key, s3Region, startS3Server } from "@winnow/storage/testing";
import type { Kysely } from "kysely";
import type { TSchema } from "typebox";
import { afterAll, beforeAll, describe } from "vitest";
import { addUser } from "../accounts/service.ts";
import { configuration, type Configuration } from "../configuration.ts";
import { openDatabase } from "../db/database.ts";
import type { Schema } from "../db/schema.ts";
import { storesOf } from "../db/stores.ts";
import { startServer, type RunningServer } from "../server.ts";
import { createTestDatabase, postgresIsMissing } from "./postgres.ts";
import { checkReply, type Reply } from "./reply-check.ts";

/** Where a server under test keeps everything. */
interface TestStores {
  readonly settings: Partial<Configuration>;
  /** Keys of all blobs; what is being written counts where the store shows it. */
  files(): Promise<string[]>;
  close(): Promise<void>;
}

/** The stores on which the server's tests run, fresh ones for each. */
const kinds = {
  /** The data folder: SQLite and files. */
  sqlite: async (folder: string): Promise<TestStores> => ({ settings: {}, files: () => filesBelow(join(folder, "blobs")), close: async () => {} }),
  /** PostgreSQL and an S3 service. */
  postgres: async (): Promise<TestStores> => {
    const [database, s3] = await Promise.all([createTestDatabase(), startS3Server("winnow-blobs")]);
    return {
      settings: { databaseUrl: database.url, databaseConnections: 4, blobStore: { type: "s3", path: "winnow-blobs/below", region: s3Region, endpoint: s3.endpoint, credentials: s3Key } },
      files: async () => {
        const ending = "._S3rver_object";
        return (await filesBelow(join(s3.folder, "winnow-blobs/below"))).filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
      },
      close: async () => {
        await s3.close();
        await database.drop();
      },
    };
  },
} as const;

export type StoreKind = keyof typeof kinds;

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

export interface RequestOptions {
  /** The owner's unless set; null: none. */
  readonly token?: string | null;
  /** Form-encoded; a list stands for a repeated parameter. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly raw?: string | Uint8Array | Readable;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  /** What a success must hold, in place of the contract's schema. */
  readonly schema?: TSchema;
  readonly timeoutMs?: number;
}

export interface Account {
  readonly email: string;
  readonly token: string;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export class ServerUnderTest {
  readonly ownerToken = "the-token-of-the-owner";
  #running?: RunningServer;
  #folder?: string;
  #stores?: TestStores;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  #others = 0;

  constructor(
    readonly database: StoreKind,
    readonly settings: Partial<Configuration> = {},
  ) {}

  /** Empty stores, on which no server has been started. */
  static async unstarted(database: StoreKind): Promise<ServerUnderTest> {
    const server = new ServerUnderTest(database);
    await server.#prepare();
    return server;
  }

  async #prepare(): Promise<void> {
    this.#folder ??= await mkdtemp(join(tmpdir(), "winnow-server-"));
    this.#stores ??= await kinds[this.database](this.#folder);
  }

  async start(): Promise<void> {
    await this.#prepare();
    this.#running = await startServer({
      dataFolder: this.folder,
      port: 0,
      ownerToken: this.ownerToken,
      logLevel: "silent",
      ...this.storeSettings,
      ...this.settings,
    });
  }

  /** Ends the server; its folder stays, for another start. */
  async stop(): Promise<void> {
    await this.#running?.close();
    this.#running = undefined;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.stop();
    await this.#stores?.close();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  get url(): string {
    return this.#running!.url;
  }

  get folder(): string {
    return this.#folder!;
  }

  /** What is set for this server's stores, for another server on the same ones. */
  get storeSettings(): Partial<Configuration> {
    return this.#stores!.settings;
  }

  /** Keys of all files that the server keeps. */
  files(): Promise<string[]> {
    return this.#stores!.files();
  }

  /** The server's blobs, as the server itself reaches them. */
  openBlobs(): Promise<BlobStore> {
    const { blobs, cache } = storesOf(configuration({ ...this.storeSettings, dataFolder: this.folder }));
    return openBlobStore(blobs, cache);
  }

  /** The server's database, as a command beside it opens it. */
  openDatabase(): Promise<Kysely<Schema>> {
    return openDatabase(this.#stores!.settings.databaseUrl ?? this.folder);
  }

  get ownerId(): string {
    return this.#running!.owner.id;
  }

  /** One more user, as `winnow user add` makes one while the server runs. */
  async addUser(email = `user-${++this.#others}@example.org`): Promise<Account> {
    const db = await this.openDatabase();
    try {
      return { email, token: (await addUser(db, email)).token };
    } finally {
      await db.destroy();
    }
  }

  /** Sends a request and holds the reply to the contract. The path is sent as it stands. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Reply> {
    const reply = await this.send(method, path, options);
    checkReply(method, path, reply, options.schema);
    return reply;
  }

  /** The body of a success. */
  async call<Body = never>(method: string, path: string, options: RequestOptions = {}): Promise<Body> {
    const reply = await this.request(method, path, options);
    if (reply.status >= 400) throw new Error(`${method} ${path} was refused with ${reply.status}: ${reply.bytes.toString("utf8")}`);
    return reply.body as Body;
  }

  /** What a request is refused with. */
  async refusal(method: string, path: string, options: RequestOptions = {}): Promise<Refusal> {
    const reply = await this.request(method, path, options);
    if (reply.status < 400) throw new Error(`${method} ${path} was not refused but answered with ${reply.status}: ${reply.bytes.toString("utf8").slice(0, 500)}`);
    const { code, message } = reply.body as { code: string; message: string };
    return { status: reply.status, code, message };
  }

  /** Sends a request without a look at what comes back. */
  send(method: string, path: string, { token = this.ownerToken, query = {}, body, raw, headers = {}, agent = this.#agent, timeoutMs = 30_000 }: RequestOptions = {}): Promise<Reply> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) for (const one of [value].flat()) if (one !== undefined) parameters.append(name, String(one));
    if (token !== null) parameters.append("token", token);
    const search = parameters.toString();
    const address = new URL(this.url);
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest({
        host: address.hostname,
        port: address.port,
        method,
        path: search === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${search}`,
        agent,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(typeof content === "string" || content instanceof Uint8Array ? { "content-length": String(Buffer.byteLength(content)) } : {}),
          ...headers,
        },
      });
      const timer = setTimeout(() => outgoing.destroy(new Error(`${method} ${path} was not answered within ${timeoutMs} ms`)), timeoutMs);
      outgoing.on("response", (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          clearTimeout(timer);
          const bytes = Buffer.concat(chunks);
          resolve({ status: incoming.statusCode!, headers: incoming.headers, bytes, body: readable(bytes) });
        });
      });
      outgoing.on("error", (error) => {
        clearTimeout(timer);
        reject(error);
      });
      if (content !== undefined && typeof content !== "string" && !(content instanceof Uint8Array)) {
        content.on("error", (error) => outgoing.destroy(error));
        content.pipe(outgoing);
      } else outgoing.end(content);
    });
  }

  /** Sends a request to an address that the server made, as whoever has it would: without token. */
  async open(address: string, { method = "GET", ...options }: RequestOptions & { method?: string } = {}): Promise<Reply> {
    const { pathname, search, origin } = new URL(address);
    if (origin !== new URL(this.url).origin) throw new Error(`${address} doesn't lead to the server at ${this.url}`);
    return this.send(method, pathname + search, { token: null, ...options });
  }
}

function readable(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  const text = bytes.toString("utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/**
 * Tests of a server on each kind of stores: it is started before and removed after them.
 * @param on kinds to test on, for what can't differ between them
 */
export function describeServer(name: string, tests: (server: ServerUnderTest) => void, settings: Partial<Configuration> = {}, on: readonly StoreKind[] = Object.keys(kinds) as StoreKind[]): void {
  for (const kind of on) {
    const missing = kind === "postgres" ? postgresIsMissing : undefined;
    describe.skipIf(missing)(`${name} (${kind}${missing === undefined ? "" : `: ${missing}`})`, () => {
      const server = new ServerUnderTest(kind, settings);
      beforeAll(() => server.start());
      afterAll(() => server.close());
      tests(server);
    });
  }
}
