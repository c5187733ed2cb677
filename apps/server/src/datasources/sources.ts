import type { DatasourceConfig, DatasourcePurpose } from "@winnow/contract";
import { FolderSource, isLoopback, openSource, seal, SealError, type OpenSourceOptions, type Source, unseal } from "@winnow/storage";
import type { Kysely } from "kysely";
import { DomainError } from "../app/errors.ts";
import type { Configuration } from "../configuration.ts";
import type { DatasourceTable, Schema } from "../db/schema.ts";
import { GuardedSource, harmless } from "./guarded-source.ts";
import { listDatasources } from "./store.ts";

/** What a file is wanted for: the user's own files, or what the platform reads and writes (`.lightly/`). */
export type SourceUse = "INPUT" | "LIGHTLY";

export interface OpenedSource {
  readonly config: DatasourceConfig;
  readonly source: Source;
  /** Addresses of its files are made by this server: the source has none, or none that may be handed out. */
  readonly servedHere: boolean;
}

/** Purposes that serve a use, best first. Reading from the platform's part falls back to the only datasource there is. */
const purposesFor: Readonly<Record<SourceUse, readonly DatasourcePurpose[]>> = { INPUT: ["INPUT_OUTPUT", "INPUT"], LIGHTLY: ["INPUT_OUTPUT", "LIGHTLY", "INPUT"] };

const keptMax = 200;
/** What was replaced may still be reading or writing. */
const closeAfterMs = 10 * 60_000;

/** The users' datasources, each opened once until it changes. */
export class Sources {
  readonly #kept = new Map<string, { readonly version: string; readonly opened: Promise<OpenedSource> }>();
  readonly #retired = new Map<Source, NodeJS.Timeout>();
  readonly #options: OpenSourceOptions;

  constructor(
    readonly db: Kysely<Schema>,
    readonly key: Uint8Array,
    settings: Configuration,
  ) {
    this.#options = optionsOf(settings);
  }

  /** The sealed text of a configuration, which can be opened in its own row only. */
  seal(config: DatasourceConfig, datasetId: string): string {
    return seal(JSON.stringify(config), this.key, place(datasetId, config.purpose));
  }

  /** @throws DomainError DATASET_DATASOURCE_CREDENTIALS_ERROR when the key of the data folder isn't the one it was sealed with */
  config(row: DatasourceTable): DatasourceConfig {
    try {
      return { ...(JSON.parse(unseal(row.sealed_config, this.key, place(row.dataset_id, row.purpose))) as DatasourceConfig), id: row.id };
    } catch (error) {
      if (error instanceof SealError) throw new DomainError("DATASET_DATASOURCE_CREDENTIALS_ERROR", `The stored datasource can't be opened: ${error.message} Set the datasource again.`);
      throw error;
    }
  }

  /** Opens a configuration that is not stored. @throws SourceError for settings that can't be right */
  async open(config: DatasourceConfig): Promise<OpenedSource> {
    const inner = await openSource(config, this.#options).catch((error: unknown) => {
      throw harmless(error);
    });
    return { config, source: new GuardedSource(inner), servedHere: inner instanceof FolderSource || inner.urls.carriesCredential };
  }

  /** Whether there is a folder at a configured path; true for what is no folder. @throws SourceError when it is missing or not allowed */
  async hasFolder({ source }: OpenedSource): Promise<boolean> {
    const { inner } = source as GuardedSource;
    return inner instanceof FolderSource ? inner.hasFolder("") : true;
  }

  /** The dataset's source for a use; undefined when it has none. @throws SourceError, DomainError when it can't be opened */
  async find(datasetId: string, use: SourceUse): Promise<OpenedSource | undefined> {
    const rows = await listDatasources(this.db, datasetId);
    for (const purpose of purposesFor[use]) {
      const row = rows.find((one) => one.purpose === purpose);
      if (row) return this.of(row);
    }
    return undefined;
  }

  /** @throws DomainError DATASET_DATASOURCE_UNKNOWN; SourceError */
  async require(datasetId: string, use: SourceUse): Promise<OpenedSource> {
    const found = await this.find(datasetId, use);
    if (!found) throw new DomainError("DATASET_DATASOURCE_UNKNOWN", "The dataset has no datasource to read from. Connect one first.", { status: 404 });
    return found;
  }

  /** The source that the platform writes to. @throws DomainError DATASET_DATASOURCE_UNKNOWN, DATASET_DATASOURCE_ILLEGAL_ACTION; SourceError */
  async requireWritable(datasetId: string): Promise<OpenedSource> {
    const found = await this.require(datasetId, "LIGHTLY");
    if (found.config.purpose === "INPUT") throw new DomainError("DATASET_DATASOURCE_ILLEGAL_ACTION", "The dataset's datasource is only read (INPUT). Connect one for LIGHTLY too, or one for both (INPUT_OUTPUT).");
    return found;
  }

  /** The opened source of a row. */
  async of(row: DatasourceTable): Promise<OpenedSource> {
    const name = place(row.dataset_id, row.purpose);
    const kept = this.#kept.get(name);
    if (kept?.version === row.version) {
      // Last used last: the first one is the one to let go.
      this.#kept.delete(name);
      this.#kept.set(name, kept);
      return kept.opened;
    }
    if (kept) this.#retire(name);
    const opened = this.open(this.config(row));
    this.#kept.set(name, { version: row.version, opened });
    opened.catch(() => {
      if (this.#kept.get(name)?.opened === opened) this.#kept.delete(name);
    });
    while (this.#kept.size > keptMax) this.#retire(this.#kept.keys().next().value as string);
    return opened;
  }

  /** Lets go of a dataset's sources: they have changed, or the dataset is gone. */
  forget(datasetId: string): void {
    for (const purpose of ["INPUT_OUTPUT", "INPUT", "LIGHTLY"]) this.#retire(place(datasetId, purpose));
  }

  async close(): Promise<void> {
    for (const name of this.#kept.keys()) this.#retire(name);
    // Opening may still be under way.
    await new Promise((resolve) => setImmediate(resolve));
    for (const [source, timer] of this.#retired) {
      clearTimeout(timer);
      source.close();
    }
    this.#retired.clear();
  }

  #retire(name: string): void {
    const kept = this.#kept.get(name);
    this.#kept.delete(name);
    kept?.opened.then(
      ({ source }) => {
        const timer = setTimeout(() => {
          this.#retired.delete(source);
          source.close();
        }, closeAfterMs);
        timer.unref();
        this.#retired.set(source, timer);
      },
      () => {},
    );
  }
}

function place(datasetId: string, purpose: string): string {
  return `datasource/${datasetId}/${purpose}`;
}

function optionsOf({ dataFolder, host, allowFolders, allowAddresses, fileServerKeys, s3Endpoint, stsEndpoint, gcsEndpoint, azureEndpoint }: Configuration): OpenSourceOptions {
  return {
    // The data folder may lie below an allowed one; what is in it is nobody's datasource.
    local: { roots: allowFolders, closed: [dataFolder] },
    http: {
      // Who reaches a server that listens to this machine only is on this machine.
      allowLoopback: host === "localhost" || isLoopback(host),
      allowedHosts: allowAddresses,
      keys: Object.fromEntries(Object.entries(fileServerKeys).map(([origin, key]) => [origin, Buffer.from(key)])),
    },
    s3: { ...(s3Endpoint !== undefined && { endpoint: s3Endpoint }), ...(stsEndpoint !== undefined && { stsEndpoint }) },
    gcs: gcsEndpoint === undefined ? {} : { endpoint: gcsEndpoint },
    azure: azureEndpoint === undefined ? {} : { endpoint: azureEndpoint },
  };
}
