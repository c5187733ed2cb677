import { resolve } from "node:path";
import type { BlobPlace } from "@winnow/storage";
import { isPostgresUrl } from "./db/postgres.ts";

/** How a server is set up. Flags of the command line and environment variables end up here. */
export interface Configuration {
  /** Folder that holds everything durable, unless it is in a database and an object store; then it holds this server's key and copies. */
  readonly dataFolder: string;
  /** Address of a PostgreSQL (`postgres://…`) for the rows, in place of the file in the data folder. */
  readonly databaseUrl?: string;
  /** Most connections to a PostgreSQL at a time, those of the threads not counted. */
  readonly databaseConnections: number;
  /** Object store for the files, in place of the folder `blobs` in the data folder. */
  readonly blobStore?: BlobPlace;
  /** What local copies of files in an object store may take, in bytes. */
  readonly cacheSizeMax: number;
  /** A selection of the method CORESET over more bytes of vectors is made in shards of at most so many. The same for all servers: it is part of what decides the picks. */
  readonly shardSizeMax: number;
  /** Key that seals credentials of datasources, as 64 hex digits, in place of the file in the data folder: servers on one database have the same. */
  readonly sealingKey?: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Address under which clients reach the server; else taken from each request. */
  readonly publicUrl?: string;
  /** The owner's token, instead of one made at the first start. */
  readonly ownerToken?: string;
  readonly ownerEmail: string;
  /** Most samples in one dataset. */
  readonly datasetSizeMax: number;
  /** Largest request body other than files and bulk registration, in bytes. */
  readonly bodySizeMax: number;
  /** Largest image or embedding file, in bytes. */
  readonly fileSizeMax: number;
  /** How long signed addresses work, in seconds. */
  readonly signedUrlSeconds: number;
  /** Threads that work on jobs and files. */
  readonly threads: number;
  /** Folders below which LOCAL datasources may lie. */
  readonly allowFolders: readonly string[];
  /** File servers in private networks that LOCAL datasources may name: `host` or `host:port`. */
  readonly allowAddresses: readonly string[];
  /** Keys of our own file servers, by origin, as text of at least 32 characters: with one, files are written there too. */
  readonly fileServerKeys: Readonly<Record<string, string>>;
  /** Another service that speaks S3 (MinIO and the like), for all S3 datasources. Default: AWS. */
  readonly s3Endpoint?: string;
  /** Token service for delegated access. Default: AWS. */
  readonly stsEndpoint?: string;
  /** Another service that speaks the JSON API of Google Cloud Storage. Default: Google. */
  readonly gcsEndpoint?: string;
  /** Another blob service; `{account}` stands for the account's name. Default: Azure. */
  readonly azureEndpoint?: string;
  /** How long the audit log is kept, in days. */
  readonly auditDays: number;
  /** Folder of the built web app. */
  readonly webFolder?: string;
  /** `api` answers requests and leaves jobs to others, `jobs` works on jobs and answers only whether it is well, `all` does both. */
  readonly role: "all" | "api" | "jobs";
  /** A job whose server says nothing for so long is taken by another one, in seconds. Servers' clocks must not differ by as much. */
  readonly jobLeaseSeconds: number;
  /** Requests that a server works on at a time; what comes above that waits. Files under signed addresses are counted by themselves, and so are a quarter as many that compute and that need no token. */
  readonly requestsMax: number;
  /** How long a request waits for its turn before it is answered with 429, in seconds. */
  readonly requestWaitSeconds: number;
  readonly logLevel: "silent" | "error" | "warn" | "info" | "debug";
  /** `json`: an object a line, for programs; `text`: for people. */
  readonly logFormat: "json" | "text";
  /** Whether anybody may read `/metrics`; else the owner by a token. */
  readonly openMetrics: boolean;
}

export const defaults: Configuration = {
  dataFolder: "data",
  databaseConnections: 10,
  cacheSizeMax: 20 * 1024 ** 3,
  shardSizeMax: 8 * 1024 ** 3,
  host: "127.0.0.1",
  port: 8080,
  ownerEmail: "owner@localhost",
  datasetSizeMax: 10_000_000,
  bodySizeMax: 64 * 1024 * 1024,
  fileSizeMax: 64 * 1024 ** 3,
  signedUrlSeconds: 24 * 3600,
  threads: 2,
  allowFolders: [],
  allowAddresses: [],
  fileServerKeys: {},
  auditDays: 400,
  role: "all",
  jobLeaseSeconds: 30,
  requestsMax: 256,
  requestWaitSeconds: 30,
  logLevel: "warn",
  logFormat: "text",
  openMetrics: false,
};

/** Fills in defaults. @throws RangeError naming the setting that is out of range */
export function configuration(given: Partial<Configuration> = {}): Configuration {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const merged: Configuration = { ...defaults, ...set };
  if (!Number.isInteger(merged.port) || merged.port < 0 || merged.port > 65535) throw new RangeError(`port must be a whole number from 0 to 65535, got ${merged.port}`);
  if (!Number.isInteger(merged.threads) || merged.threads < 1) throw new RangeError(`threads must be a whole number of at least 1, got ${merged.threads}`);
  if (!(merged.auditDays > 0 && Number.isFinite(merged.auditDays))) throw new RangeError(`auditDays must be a number above 0, got ${merged.auditDays}`);
  if (merged.databaseUrl !== undefined && !(isPostgresUrl(merged.databaseUrl) && URL.canParse(merged.databaseUrl))) throw new RangeError("the database's address (DATABASE_URL) must be one of PostgreSQL: postgres://user:password@host:5432/name");
  if (!Number.isInteger(merged.databaseConnections) || merged.databaseConnections < 2) throw new RangeError(`databaseConnections must be a whole number of at least 2, got ${merged.databaseConnections}`);
  if (!(merged.shardSizeMax >= 1)) throw new RangeError(`shardSizeMax must be a number of bytes above 0, got ${merged.shardSizeMax}`);
  if (!(merged.cacheSizeMax >= 0)) throw new RangeError(`cacheSizeMax must be a number of bytes, got ${merged.cacheSizeMax}`);
  if (merged.role !== "all" && merged.databaseUrl === undefined) throw new RangeError(`the role ${merged.role} needs other servers beside it, and with them a PostgreSQL that they share (DATABASE_URL)`);
  if (!(merged.jobLeaseSeconds >= 2)) throw new RangeError(`jobLeaseSeconds must be at least 2, got ${merged.jobLeaseSeconds}`);
  if (!Number.isInteger(merged.requestsMax) || merged.requestsMax < 1) throw new RangeError(`requestsMax must be a whole number of at least 1, got ${merged.requestsMax}`);
  if (!(merged.requestWaitSeconds >= 0 && merged.requestWaitSeconds <= 3600)) throw new RangeError(`requestWaitSeconds must be a number from 0 to 3600, got ${merged.requestWaitSeconds}`);
  if (merged.sealingKey !== undefined && !/^[0-9a-f]{64}$/i.test(merged.sealingKey)) throw new RangeError("the sealing key (WINNOW_SEALING_KEY) must have 64 hex digits: openssl rand -hex 32 makes one");
  if (merged.ownerToken !== undefined && merged.ownerToken.length < 8) throw new RangeError("the owner's token (WINNOW_TOKEN) must have at least 8 characters");
  for (const one of ["s3Endpoint", "stsEndpoint", "gcsEndpoint", "azureEndpoint"] as const) {
    const address = merged[one]?.replace("{account}", "account");
    if (address !== undefined && !(URL.canParse(address) && /^https?:/i.test(address))) throw new RangeError(`${one} must be an address that begins with http:// or https://, got ${JSON.stringify(merged[one])}`);
  }
  for (const entry of merged.allowAddresses) {
    if (!/^[^/\s@?#]+$/.test(entry)) throw new RangeError(`allowAddresses takes host or host:port, got ${JSON.stringify(entry)}`);
  }
  for (const [origin, key] of Object.entries(merged.fileServerKeys)) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) throw new RangeError(`fileServerKeys are by origin, such as http://127.0.0.1:3456, got ${JSON.stringify(origin)}`);
    if (key.length < 32) throw new RangeError(`the key of the file server ${origin} must have at least 32 characters`);
  }
  return { ...merged, allowFolders: merged.allowFolders.map((folder) => resolve(folder)), dataFolder: resolve(merged.dataFolder), publicUrl: merged.publicUrl?.replace(/\/+$/, "") };
}
