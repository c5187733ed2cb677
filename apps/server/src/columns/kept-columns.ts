/** Columns that were computed once and are kept as files: a folder for what was computed together. */
import { buffer } from "node:stream/consumers";
import type { ColumnData } from "@winnow/contract";
import { BlobNotFoundError, type BlobStore } from "@winnow/storage";

export interface KeptColumn {
  readonly facts: ColumnData;
  readonly bytes: Uint8Array;
}

/** Writes columns; the list of them comes last, so that they are there together or not at all. */
export async function keepColumns(blobs: BlobStore, prefix: string, columns: readonly KeptColumn[]): Promise<void> {
  for (const [place, { bytes }] of columns.entries()) await blobs.write(`${prefix}/${place}`, bytes, { allowEmpty: true });
  await blobs.write(`${prefix}/columns.json`, Buffer.from(JSON.stringify(columns.map(({ facts }) => facts))));
}

/** What is kept; undefined: nothing (yet). */
export async function keptColumns(blobs: BlobStore, prefix: string): Promise<ColumnData[] | undefined> {
  const text = await contentOf(blobs, `${prefix}/columns.json`);
  return text && (JSON.parse(text.toString()) as ColumnData[]);
}

/**
 * The values of a kept column.
 * @param samples of the dataset; those that came after the column was made have no value
 */
export async function keptValues(blobs: BlobStore, prefix: string, name: string, samples: number): Promise<Uint8Array | undefined> {
  const place = (await keptColumns(blobs, prefix))?.findIndex((column) => column.name === name) ?? -1;
  const kept = place < 0 ? undefined : (await keptColumns(blobs, prefix))?.[place];
  const bytes = kept && (await contentOf(blobs, `${prefix}/${place}`));
  if (!kept || !bytes) return undefined;
  const width = kept.kind === "category" ? 2 : kept.kind === "number" ? 4 : 8;
  if (bytes.length >= samples * width) return bytes.subarray(0, samples * width);
  const all = kept.kind === "category" ? new Uint8Array(new Uint16Array(samples).fill(65_535).buffer) : kept.kind === "time" ? new Uint8Array(new Float64Array(samples).fill(Number.NaN).buffer) : new Uint8Array(new Float32Array((samples * width) / 4).fill(Number.NaN).buffer);
  all.set(bytes);
  return all;
}

async function contentOf(blobs: BlobStore, key: string): Promise<Buffer | undefined> {
  try {
    return await buffer(await blobs.read(key));
  } catch (error) {
    if (error instanceof BlobNotFoundError) return undefined;
    throw error;
  }
}
