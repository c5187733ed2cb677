import type { BlobStore } from "@winnow/storage";
import type { Kysely } from "kysely";
import type { Schema } from "../db/schema.ts";

/** What a task works with. */
export interface Workbench {
  readonly db: Kysely<Schema>;
  readonly blobs: BlobStore;
  readonly signal: AbortSignal;
  readonly onProgress: (processed: number, total: number) => void;
}
