import { join } from "node:path";
import type { BlobCacheSettings, BlobPlace } from "@winnow/storage";
import type { Configuration } from "../configuration.ts";
import type { DatabasePlace } from "./database.ts";

/** Where everything durable is, as data: threads are told by it. */
export interface Stores {
  readonly database: DatabasePlace;
  readonly blobs: BlobPlace;
  readonly cache: BlobCacheSettings;
}

export function storesOf({ dataFolder, databaseUrl, blobStore, cacheSizeMax }: Configuration): Stores {
  return {
    database: databaseUrl ?? dataFolder,
    blobs: blobStore ?? { type: "folder", folder: join(dataFolder, "blobs") },
    cache: { folder: join(dataFolder, "cache"), bytesMax: cacheSizeMax },
  };
}
