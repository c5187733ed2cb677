/** Makes the columns of a dataset from its rows, on a thread, and keeps them as files until a sample changes. */
import { text } from "node:stream/consumers";
import type { ColumnData, ColumnGroup } from "@winnow/contract";
import { BlobNotFoundError, type BlobStore } from "@winnow/storage";
import { findDataset } from "../datasets/store.ts";
import { readSamples } from "../samples/store.ts";
import type { Workbench } from "../threads/workbench.ts";
import { ColumnBuilder, type BuiltColumn } from "./column-builder.ts";
import { columnKey, columnsPrefix, manifestKey, versionOf, versionPrefix } from "./files.ts";
import { flatten } from "./flatten.ts";

/** More columns than this are not made: nobody could find one among them. */
const columnsMax = 500;

export interface Manifest {
  readonly version: string;
  readonly nSamples: number;
  readonly columns: readonly ColumnData[];
  readonly notices: readonly string[];
}

interface Growing {
  readonly group: ColumnGroup;
  readonly title: string;
  readonly builder: ColumnBuilder;
}

/** @returns the manifest of the dataset's present columns; made anew unless they are there */
export async function materialiseColumns({ db, blobs, signal, onProgress }: Workbench, { datasetId }: { datasetId: string }): Promise<Manifest | undefined> {
  const dataset = await findDataset(db, datasetId);
  if (!dataset) return undefined;
  const version = versionOf(dataset);
  const there = await keptManifest(blobs, datasetId);
  if (there?.version === version) return there;
  const samples = dataset.n_samples;
  const growing = new Map<string, Growing>();
  const left: string[] = [];
  const column = (name: string, group: ColumnGroup, title: string): ColumnBuilder | undefined => {
    const known = growing.get(name);
    if (known) return known.builder;
    if (growing.size >= columnsMax) return undefined;
    const builder = new ColumnBuilder(samples);
    growing.set(name, { group, title, builder });
    return builder;
  };
  const names = new TextColumn(samples);
  column("folder", "sample", "Folder");
  for await (const page of readSamples(db, datasetId, ["ordinal", "file_name", "type", "meta_data", "custom_meta_data", "size_in_bytes", "created_at"], { toOrdinal: samples })) {
    signal.throwIfAborted();
    for (const row of page) {
      const { ordinal } = row;
      names.put(row.file_name);
      const slash = row.file_name.lastIndexOf("/");
      if (slash > 0) column("folder", "sample", "Folder")!.put(ordinal, row.file_name.slice(0, slash));
      column("type", "sample", "Type")!.put(ordinal, row.type);
      column("createdAt", "sample", "Added")!.put(ordinal, new Date(Number(row.created_at)).toISOString());
      if (Number(row.size_in_bytes) > 0) column("sizeInBytes", "sample", "File size (bytes)")!.put(ordinal, Number(row.size_in_bytes));
      for (const [prefix, group, json] of [["meta", "metadata", row.meta_data], ["custom", "customMetadata", row.custom_meta_data]] as const) {
        if (json === null) continue;
        flatten(JSON.parse(json), (path, value) => {
          if (value === null || (prefix === "meta" && path === "sizeInBytes")) return;
          const found = column(`${prefix}.${path}`, group, path);
          if (found) found.put(ordinal, value);
          else if (left.length === 0) left.push(`Only the first ${columnsMax} metadata keys have columns.`);
        });
      }
    }
    onProgress(Math.min(samples, (page.at(-1)?.ordinal ?? 0) + 1), samples);
  }

  const columns: ColumnData[] = [{ name: "fileName", title: "File name", group: "sample", kind: "text" }];
  await blobs.write(columnKey(datasetId, version, "fileName"), names.bytes(), { allowEmpty: true });
  for (const [name, { group, title, builder }] of growing) {
    const built = builder.build();
    if (typeof built === "string") {
      if (name !== "folder") left.push(`"${title}" has no column: ${built}.`);
      continue;
    }
    const { bytes, ...facts }: BuiltColumn = built;
    await blobs.write(columnKey(datasetId, version, name), bytes, { allowEmpty: true });
    columns.push({ name, title, group, ...facts, labels: facts.labels && [...facts.labels], counts: facts.counts && [...facts.counts] });
  }
  const manifest: Manifest = { version, nSamples: samples, columns, notices: left };
  await blobs.write(manifestKey(datasetId), Buffer.from(JSON.stringify(manifest)));
  // Those of this version may be somebody else's as well, who makes the same at this moment.
  for await (const { key } of blobs.list(columnsPrefix(datasetId))) if (key !== manifestKey(datasetId) && !key.startsWith(versionPrefix(datasetId, version))) await blobs.remove(key);
  return manifest;
}

/** What was made last, of whichever version; undefined when nothing was. */
export async function keptManifest(blobs: BlobStore, datasetId: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await text(await blobs.read(manifestKey(datasetId)))) as Manifest;
  } catch (error) {
    if (error instanceof BlobNotFoundError) return undefined;
    throw error;
  }
}

/** Texts one after the other, with where each begins. */
class TextColumn {
  readonly #offsets: Uint32Array;
  readonly #pieces: Buffer[] = [];
  #count = 0;
  #length = 0;

  constructor(samples: number) {
    this.#offsets = new Uint32Array(samples + 1);
  }

  put(text: string): void {
    const bytes = Buffer.from(text);
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    this.#offsets[++this.#count] = this.#length;
  }

  bytes(): Uint8Array {
    return Buffer.concat([new Uint8Array(this.#offsets.buffer), ...this.#pieces]);
  }
}
