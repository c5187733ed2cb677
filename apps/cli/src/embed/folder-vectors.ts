import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import type { BrokenImage, Encoder, Matrix } from "@winnow/embedding";
import type { ListedImage } from "@winnow/media";
import { VectorStore } from "../curate/vector-store.ts";
import { claim } from "../files/claim.ts";
import { type Progress, counted } from "../terminal/progress.ts";

/** Vectors of a folder's images: row i belongs to fileNames[i]. They lie on disk until they are read. */
export interface FolderVectors {
  readonly fileNames: readonly string[];
  readonly dimensions: number;
  /** Images without vector, and why. */
  readonly broken: readonly BrokenImage[];
  /** Rows `from … to`. */
  read(from: number, to: number): Matrix;
  close(options?: { readonly forget: boolean }): void;
}

const BATCH = 8;

/**
 * Encodes images. What is done is kept in a store, by name, size and time of the file: interrupted, the next call with
 * the same store goes on, and only files that are new or changed are read.
 * @param storePath file that the vectors are kept in; one process at a time works on it
 * @throws Problem when another process does
 */
export async function encodeImages(images: readonly ListedImage[], encoder: Encoder, storePath: string, progress: Progress, signal: AbortSignal): Promise<FolderVectors> {
  const { encodeAll } = await import("@winnow/embedding");
  const release = claim(storePath, storePath);
  let store: VectorStore | undefined;
  const close = ({ forget = false } = {}) => {
    store?.close();
    store = undefined;
    if (forget) rmSync(storePath, { force: true });
    release();
  };
  try {
    store = VectorStore.open(storePath, encoder.dimensions);
    const keys = new Map(images.map((image) => [image.fileName, keyOf(image, encoder)]));
    const missing = images.filter(({ fileName }) => !store!.has(keys.get(fileName)!));
    const stage = progress.stage("Embedding");
    const broken: BrokenImage[] = [];
    let done = 0;
    for await (const batch of encodeAll(encoder, missing, { batchSize: BATCH, signal })) {
      store.add(batch.fileNames.map((fileName) => keys.get(fileName)!), batch.vectors.data);
      broken.push(...batch.broken);
      done += batch.fileNames.length + batch.broken.length;
      stage.update(done, missing.length);
    }
    const whole = images.filter(({ fileName }) => store!.has(keys.get(fileName)!)).map(({ fileName }) => fileName);
    const earlier = images.length - missing.length;
    stage.done(`${counted(missing.length - broken.length, "image")}${earlier === 0 ? "" : ` beside ${counted(earlier, "image")} done before`}${broken.length === 0 ? "" : `, ${broken.length} broken`}`, missing.length);
    return {
      fileNames: whole,
      dimensions: encoder.dimensions,
      broken,
      read: (from, to) => ({ data: store!.read(whole.slice(from, to).map((fileName) => keys.get(fileName)!)), rows: to - from, columns: encoder.dimensions }),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** As long as a content hash, for which the store was made. */
function keyOf({ fileName, sizeBytes, modifiedMs }: ListedImage, { name }: Encoder): string {
  return createHash("sha256").update(JSON.stringify([name, fileName, sizeBytes, modifiedMs])).digest("hex");
}
