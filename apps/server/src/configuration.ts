import { resolve } from "node:path";

/** How a server is set up. Flags of the command line and environment variables end up here. */
export interface Configuration {
  /** Folder that holds everything durable. */
  readonly dataFolder: string;
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
  readonly logLevel: "silent" | "error" | "warn" | "info" | "debug";
}

export const defaults: Configuration = {
  dataFolder: "data",
  host: "127.0.0.1",
  port: 8080,
  ownerEmail: "owner@localhost",
  datasetSizeMax: 10_000_000,
  bodySizeMax: 64 * 1024 * 1024,
  fileSizeMax: 64 * 1024 ** 3,
  signedUrlSeconds: 24 * 3600,
  threads: 2,
  logLevel: "warn",
};

/** Fills in defaults. @throws RangeError naming the setting that is out of range */
export function configuration(given: Partial<Configuration> = {}): Configuration {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const merged: Configuration = { ...defaults, ...set };
  if (!Number.isInteger(merged.port) || merged.port < 0 || merged.port > 65535) throw new RangeError(`port must be a whole number from 0 to 65535, got ${merged.port}`);
  if (!Number.isInteger(merged.threads) || merged.threads < 1) throw new RangeError(`threads must be a whole number of at least 1, got ${merged.threads}`);
  if (merged.ownerToken !== undefined && merged.ownerToken.length < 8) throw new RangeError("the owner's token (WINNOW_TOKEN) must have at least 8 characters");
  return { ...merged, dataFolder: resolve(merged.dataFolder), publicUrl: merged.publicUrl?.replace(/\/+$/, "") };
}
