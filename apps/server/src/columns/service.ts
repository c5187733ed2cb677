import { text } from "node:stream/consumers";
import type { ColumnsData, SampleCard } from "@winnow/contract";
import { BlobNotFoundError } from "@winnow/storage";
import { Binary } from "../app/answers.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { readSamplesByOrdinal } from "../samples/store.ts";
import type { Threads } from "../threads/threads.ts";
import { columnKey, manifestKey, versionOf } from "./files.ts";
import { derivedColumns, derivedValues } from "./derived.ts";
import type { Manifest } from "./materialise.ts";

/** Columns of samples, made when they are first asked for after a change, once for however many ask. */
export class Columns {
  readonly #underWay = new Map<string, Promise<Manifest>>();

  constructor(
    readonly context: Context,
    readonly threads: Threads,
  ) {}

  async list(dataset: DatasetAccess): Promise<ColumnsData> {
    const { version, nSamples, columns, notices } = await this.#manifest(dataset);
    return { version, nSamples, columns: [...columns, ...(await derivedColumns(this.context.db, dataset.row.id))], notices: [...notices] };
  }

  /** @throws DomainError NOT_FOUND for a column that there is not (any more) */
  async values(dataset: DatasetAccess, name: string, version: string | undefined): Promise<Binary> {
    const derived = await derivedValues(this.context.db, dataset.row, name);
    // What is computed (maps, scores, picks) never changes under its name.
    if (derived) return new Binary(derived, "application/octet-stream", { "cache-control": "private, max-age=3600" });
    const manifest = await this.#manifest(dataset);
    const column = manifest.columns.find((one) => one.name === name);
    if (!column) throw new DomainError("NOT_FOUND", `The dataset has no column ${JSON.stringify(name.slice(0, 200))}.`);
    if (version !== undefined && version !== manifest.version) throw new DomainError("NOT_FOUND", "The samples have changed since the columns were listed. List them again.", { status: 409 });
    const key = columnKey(dataset.row.id, manifest.version, name);
    const facts = await this.context.blobs.facts(key);
    try {
      return new Binary(await this.context.blobs.read(key), "application/octet-stream", {
        "content-length": String(facts?.sizeBytes ?? 0),
        "cache-control": version === undefined ? "private, no-cache" : "private, max-age=31536000, immutable",
      });
    } catch (error) {
      if (error instanceof BlobNotFoundError) throw new DomainError("NOT_FOUND", "The samples have changed since the columns were listed. List them again.", { status: 409 });
      throw error;
    }
  }

  async cards({ row }: DatasetAccess, ordinals: readonly number[]): Promise<SampleCard[]> {
    const wanted = Uint32Array.from(new Set(ordinals)).toSorted();
    const cards: SampleCard[] = [];
    for await (const page of readSamplesByOrdinal(this.context.db, row.id, ["ordinal", "id", "file_name", "type", "meta_data"], wanted)) {
      for (const { ordinal, id, file_name, type, meta_data } of page) {
        const { width, height } = sizeOf(meta_data);
        cards.push({ ordinal, id, fileName: file_name, type, ...(width > 0 && height > 0 ? { width, height } : {}) });
      }
    }
    return cards;
  }

  async #manifest({ row }: DatasetAccess): Promise<Manifest> {
    const known = await this.#read(row.id);
    if (known?.version === versionOf(row)) return known;
    const underWay = this.#underWay.get(row.id);
    if (underWay) return underWay;
    const made = this.threads.run({ kind: "columns", datasetId: row.id }).then((manifest) => manifest as Manifest | undefined).then((manifest) => {
      if (!manifest) throw new DomainError("DATASET_UNKNOWN", "The dataset has been deleted.");
      return manifest;
    });
    this.#underWay.set(row.id, made);
    try {
      return await made;
    } finally {
      this.#underWay.delete(row.id);
    }
  }

  async #read(datasetId: string): Promise<Manifest | undefined> {
    try {
      return JSON.parse(await text(await this.context.blobs.read(manifestKey(datasetId)))) as Manifest;
    } catch (error) {
      if (error instanceof BlobNotFoundError) return undefined;
      throw error;
    }
  }
}

/** Width and height in pixels as clients measure them; 0 where they didn't. */
function sizeOf(metaData: string | null): { width: number; height: number } {
  if (metaData === null) return { width: 0, height: 0 };
  const { shape, width, height } = JSON.parse(metaData) as { shape?: unknown; width?: unknown; height?: unknown };
  if (Array.isArray(shape)) return { height: Number(shape[0]) || 0, width: Number(shape[1]) || 0 };
  return { width: Number(width) || 0, height: Number(height) || 0 };
}

