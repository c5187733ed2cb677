import type { ColumnData, ColumnsData, SampleCard } from "@winnow/contract";
import { BlobNotFoundError } from "@winnow/storage";
import { analysisPrefix } from "../analysis/files.ts";
import { Binary } from "../app/answers.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { isId } from "../db/ids.ts";
import { readyEmbeddings } from "../embeddings/store.ts";
import { readSamplesByOrdinal } from "../samples/store.ts";
import type { Threads } from "../threads/threads.ts";
import { columnKey, versionOf } from "./files.ts";
import { derivedColumns, derivedValues } from "./derived.ts";
import { keptColumns, keptValues } from "./kept-columns.ts";
import { tasksWithColumns } from "./prediction-columns.ts";
import { keptManifest, type Manifest } from "./materialise.ts";

/** Columns of samples, made when they are first asked for after a change, once for however many ask. */
export class Columns {
  readonly #underWay = new Map<string, Promise<Manifest>>();
  readonly #making = new Map<string, Promise<unknown>>();

  constructor(
    readonly context: Context,
    readonly threads: Threads,
  ) {}

  async list(dataset: DatasetAccess): Promise<ColumnsData> {
    const { version, nSamples, columns, notices } = await this.#manifest(dataset);
    const { db, blobs } = this.context;
    const { id } = dataset.row;
    const predicted = await this.#predicted(dataset);
    const analysed = await Promise.all((await readyEmbeddings(db, id)).map((embedding) => keptColumns(blobs, analysisPrefix(id, embedding))));
    return { version, nSamples, columns: [...columns, ...predicted.flatMap(({ columns: some }) => some), ...analysed.flatMap((some) => some ?? []), ...(await derivedColumns(db, id))], notices: [...notices] };
  }

  /** The columns of predictions, made when they aren't there. */
  async #predicted({ row }: DatasetAccess): Promise<{ prefix: string; columns: ColumnData[] }[]> {
    const { db, blobs } = this.context;
    const found: { prefix: string; columns: ColumnData[] }[] = [];
    for (const { task, prefix } of await tasksWithColumns(db, row)) {
      let columns = await keptColumns(blobs, prefix);
      if (!columns) {
        await this.#once(prefix, () => this.threads.run({ kind: "predictionColumns", datasetId: row.id, samples: row.n_samples, number: task.number }));
        columns = await keptColumns(blobs, prefix);
      }
      if (columns) found.push({ prefix, columns });
    }
    return found;
  }

  /** Several who ask for the same at a time wait for one computation. */
  async #once(key: string, work: () => Promise<unknown>): Promise<void> {
    let making = this.#making.get(key);
    if (!making) {
      making = work().finally(() => this.#making.delete(key));
      this.#making.set(key, making);
    }
    await making;
  }

  /** Values of what was computed and kept as files; undefined when the name is none of such. */
  async #kept(dataset: DatasetAccess, name: string): Promise<Uint8Array | undefined> {
    const { blobs } = this.context;
    const { id, n_samples: samples } = dataset.row;
    if (name.startsWith("analysis.")) {
      const embedding = name.split(".")[1]!;
      return isId(embedding) ? keptValues(blobs, analysisPrefix(id, embedding), name, samples) : undefined;
    }
    if (!name.startsWith("prediction.")) return undefined;
    const found = (await this.#predicted(dataset)).find(({ columns }) => columns.some((column) => column.name === name));
    return found && keptValues(blobs, found.prefix, name, samples);
  }

  /** @throws DomainError NOT_FOUND for a column that there is not (any more) */
  async values(dataset: DatasetAccess, name: string, version: string | undefined): Promise<Binary> {
    const derived = (await this.#kept(dataset, name)) ?? (await derivedValues(this.context.db, dataset.row, name));
    // What is computed (maps, scores, picks) never changes under its name and version.
    if (derived) return new Binary(derived, "application/octet-stream", { "cache-control": version === undefined ? "private, no-cache" : "private, max-age=3600" });
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
    const known = await keptManifest(this.context.blobs, row.id);
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
}

/** Width and height in pixels as clients measure them; 0 where they didn't. */
function sizeOf(metaData: string | null): { width: number; height: number } {
  if (metaData === null) return { width: 0, height: 0 };
  const { shape, width, height } = JSON.parse(metaData) as { shape?: unknown; width?: unknown; height?: unknown };
  if (Array.isArray(shape)) return { height: Number(shape[0]) || 0, width: Number(shape[1]) || 0 };
  return { width: Number(width) || 0, height: Number(height) || 0 };
}

