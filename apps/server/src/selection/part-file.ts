import { buffer } from "node:stream/consumers";
import { matrix, type Matrix } from "@winnow/curation";
import type { BlobStore } from "@winnow/storage";
import { datasetPrefix } from "../blobs/addresses.ts";

/** What a part of a selection hands on: samples with their vectors. */
export interface PartPicks {
  /** Ascending or in order of picking; entry i belongs to row i. */
  readonly ordinals: Uint32Array;
  /** How many of the first were chosen before. */
  readonly preselected: number;
  readonly points: Matrix;
}

export function partsPrefix(datasetId: string, jobId: string): string {
  return `${datasetPrefix(datasetId)}/selections/${jobId}`;
}

function partKey(datasetId: string, jobId: string, part: number): string {
  return `${partsPrefix(datasetId, jobId)}/${part}`;
}

const headerBytes = 12;

/** Writes count, preselected and columns as uint32, then the ordinals, then the rows as float32; all little-endian. */
export async function writePart(blobs: BlobStore, datasetId: string, jobId: string, part: number, { ordinals, preselected, points }: PartPicks): Promise<void> {
  const header = Uint32Array.of(ordinals.length, preselected, points.columns);
  const bytes = (array: Uint32Array | Float32Array) => Buffer.from(Uint8Array.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength)).buffer);
  await blobs.write(partKey(datasetId, jobId, part), Buffer.concat([bytes(header), bytes(ordinals), bytes(points.data)]));
}

export async function readPart(blobs: BlobStore, datasetId: string, jobId: string, part: number): Promise<PartPicks> {
  const { buffer: bytes, byteOffset, byteLength } = await buffer(await blobs.read(partKey(datasetId, jobId, part)));
  const own = bytes.slice(byteOffset, byteOffset + byteLength);
  const [count, preselected, columns] = new Uint32Array(own, 0, 3) as unknown as [number, number, number];
  const points = matrix(count, columns);
  points.data.set(new Float32Array(own, headerBytes + 4 * count, count * columns));
  return { ordinals: new Uint32Array(own, headerBytes, count), preselected, points };
}
