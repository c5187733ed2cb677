import { listImages } from "@winnow/media";
import { type BrokenImage, type EncodeAllOptions, encodeAll } from "./encode-all.ts";
import type { Encoder } from "./encoder.ts";
import type { Matrix } from "./matrix.ts";

/** Vectors of a whole folder: row i belongs to fileNames[i]. */
export interface EncodedFolder {
  /** Relative to the folder, "/"-separated, in byte order. */
  readonly fileNames: readonly string[];
  readonly vectors: Matrix;
  readonly broken: readonly BrokenImage[];
}

/**
 * Encodes all images of a folder and its sub-folders and holds the result in memory; for more than fits there, stream
 * with {@link encodeAll}.
 * @throws as {@link encodeAll} and `listImages`.
 */
export async function encodeFolder(encoder: Encoder, folder: string, options: EncodeAllOptions = {}): Promise<EncodedFolder> {
  const fileNames: string[] = [];
  const parts: Float32Array[] = [];
  const broken: BrokenImage[] = [];
  const images = listImages(folder, options.signal === undefined ? {} : { signal: options.signal });
  for await (const batch of encodeAll(encoder, images, options)) {
    fileNames.push(...batch.fileNames);
    parts.push(batch.vectors.data);
    broken.push(...batch.broken);
  }
  const data = new Float32Array(fileNames.length * encoder.dimensions);
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return { fileNames, vectors: { data, rows: fileNames.length, columns: encoder.dimensions }, broken };
}
