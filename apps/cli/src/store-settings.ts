/** Where rows and files are kept: flags and environment of the commands that need to know. */
import { join, resolve } from "node:path";
import type { Configuration } from "@winnow/server";
import type { Io } from "./io.ts";
import { UsageError } from "./problems.ts";

export const databaseUrl = { value: "URL", summary: "PostgreSQL for the rows (postgres://user:password@host:5432/name); default: a file in the data folder" } as const;

export const blobStore = { value: "URL", summary: "object store for the files (s3://bucket/prefix, gs://…, azure://container/…), or folder; default: folder, in the data folder" } as const;

/** The PostgreSQL that flag or environment name; undefined: the data folder. @throws UsageError for what is no address of one */
export function databaseUrlOf(flags: { readonly databaseUrl?: string | undefined }, { env }: Pick<Io, "env">): string | undefined {
  const url = flags.databaseUrl ?? env["DATABASE_URL"];
  if (url === undefined || url.trim() === "") return undefined;
  // It holds a password, so it isn't repeated.
  if (!/^postgres(ql)?:\/\//i.test(url.trim()) || !URL.canParse(url.trim())) throw new UsageError(`${flags.databaseUrl === undefined ? "DATABASE_URL" : "--database-url"} must be the address of a PostgreSQL: postgres://user:password@host:5432/name. Leave it out (--database-url "") to keep everything in the data folder.`);
  return url.trim();
}

/** Settings for the stores from flags and environment. @throws UsageError naming what can't be read */
export async function storeSettings(flags: { readonly data: string; readonly databaseUrl?: string | undefined; readonly blobStore?: string | undefined }, io: Pick<Io, "env" | "cwd">): Promise<Partial<Configuration>> {
  const { env, cwd } = io;
  const databaseUrl = databaseUrlOf(flags, io);
  const place = (flags.blobStore ?? env["BLOB_STORE"] ?? "").trim();
  const { parseBlobPlace } = await import("@winnow/storage");
  let blobs: Configuration["blobStore"];
  try {
    blobs = place === "" || place === "folder" ? undefined : parseBlobPlace(place, join(resolve(cwd, flags.data), "blobs"), env);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`${flags.blobStore === undefined ? "BLOB_STORE" : "--blob-store"}: ${error.message}.`);
  }
  const sealingKey = env["WINNOW_SEALING_KEY"]?.trim() || undefined;
  return {
    ...(databaseUrl !== undefined && { databaseUrl }),
    ...(blobs && { blobStore: blobs }),
    ...(sealingKey !== undefined && { sealingKey }),
    ...count(env, "WINNOW_DATABASE_CONNECTIONS", "databaseConnections", 1),
    ...count(env, "WINNOW_CACHE_GIB", "cacheSizeMax", 1024 ** 3),
    ...count(env, "WINNOW_SHARD_GIB", "shardSizeMax", 1024 ** 3),
  };
}

/** For help: what the environment takes beside the flags. */
export const storeNotes = `Stores: DATABASE_URL and BLOB_STORE say the same as --database-url and --blob-store; the environment is the place for a
password. Credentials of the object store come from where its own tools look: AWS_ACCESS_KEY_ID and so on,
GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY. WINNOW_SEALING_KEY is the same for all
servers of one database. WINNOW_CACHE_GIB bounds local copies of files in an object store (default: 20), and a selection over
more than WINNOW_SHARD_GIB of vectors (default: 8, the same for all servers) is made in shards.`;

function count<Name extends keyof Configuration>(env: Io["env"], variable: string, name: Name, unit: number): Partial<Configuration> {
  const text = env[variable]?.trim();
  if (text === undefined || text === "") return {};
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${variable} must be a whole number, not ${JSON.stringify(text)}.`);
  return { [name]: value * unit };
}
