import type { BlobStore, UrlSigner } from "@winnow/storage";
import type { Kysely } from "kysely";
import type { Configuration } from "../configuration.ts";
import type { Sources } from "../datasources/sources.ts";
import type { Changes } from "../events/changes.ts";
import type { Schema } from "../db/schema.ts";

/** What every rule of the server may use. */
export interface Context {
  readonly db: Kysely<Schema>;
  readonly blobs: BlobStore;
  readonly signer: UrlSigner;
  readonly configuration: Configuration;
  /** The users' datasources. */
  readonly sources: Sources;
  /** What happens, for those who watch. */
  readonly changes: Changes;
}
