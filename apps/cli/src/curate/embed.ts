import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EncoderState } from "@winnow/embedding";
import { Problem } from "../problems.ts";
import type { CollectionState } from "./collection-state.ts";
import { writeWhole } from "../files/write-whole.ts";
import type { Listing } from "../files/list-images.ts";
import { knownFacts } from "./look.ts";
import { shortHash } from "./names.ts";
import type { Plan, PlannedSample } from "./plan.ts";
import { type Progress, counted } from "../terminal/progress.ts";
import { VectorStore } from "./vector-store.ts";

/** The space in which a collection's vectors lie: kept, so that images that come later land in the same one. */
export interface Space {
  readonly encoder: string;
  readonly dimensions: number;
  readonly state: EncoderState;
}

interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** The collection's vectors: made where they are missing, and read when they are needed. */
export class Vectors {
  readonly #spacePath: string;
  readonly #storeFolder: string;
  #space: Space | undefined;
  #stores = new Map<string, VectorStore>();

  constructor(stateFolder: string, storeFolder: string) {
    this.#spacePath = join(stateFolder, "space.json");
    this.#storeFolder = storeFolder;
    this.#space = spaceAt(this.#spacePath);
  }

  /** Name of an embedding that holds exactly these samples' vectors; undefined before there are any. */
  nameOf(samples: readonly PlannedSample[]): string | undefined {
    if (this.#space === undefined) return undefined;
    return `${this.#space.encoder} ${samples.length} ${shortHash([this.#space, samples.map(({ fileName, hash }) => [fileName, hash])])}`;
  }

  /** Whether every sample has a vector, without loading an encoder. */
  isComplete(samples: readonly PlannedSample[]): boolean {
    if (this.#space === undefined) return false;
    const store = this.#store(this.#space.encoder, this.#space.dimensions);
    return samples.every(({ hash }) => store.has(hash));
  }

  /**
   * Encodes what has no vector yet.
   * @returns files that turned out to be broken, and those that changed while they were read
   * @throws Problem when a vector is missing and its file is gone
   */
  async complete(plan: Plan, folder: string, listing: Listing, state: CollectionState, progress: Progress, signal: AbortSignal): Promise<{ broken: number; changed: string[] }> {
    const { encodeAll, fitState, loadEncoder } = await import("@winnow/embedding");
    const stage = progress.stage("Embedding");
    const encoder = await loadEncoder();
    try {
      const store = this.#store(encoder.name, encoder.dimensions);
      const missing = plan.samples.filter(({ hash }) => !store.has(hash));
      const listed = new Map(listing.images.map((image) => [image.fileName, image]));
      const lost = missing.find(({ fileName, hash }) => !listed.has(fileName) || state.files.get(fileName)?.hash !== hash);
      if (lost !== undefined) {
        throw new Problem(`The vector of ${lost.fileName} must be made again, but its file isn't in ${folder} any more as it was. Put it back, or start anew with another dataset (--name with winnow start, --dataset with winnow curate).`);
      }
      const hashes = new Map(missing.map(({ fileName, hash }) => [fileName, hash]));
      const changed: string[] = [];
      let [done, broken] = [0, 0];
      for await (const batch of encodeAll(encoder, missing.map(({ fileName }) => ({ fileName, path: join(folder, fileName) })), { signal })) {
        // Vectors are kept by the hash of the bytes: they must be those that were hashed.
        const steady = batch.fileNames.map((fileName) => isSteady(join(folder, fileName), listed.get(fileName)!));
        const width = encoder.dimensions;
        batch.fileNames.forEach((fileName, i) => {
          if (steady[i]) store.add([hashes.get(fileName)!], batch.vectors.data.subarray(i * width, (i + 1) * width));
          else changed.push(fileName);
        });
        for (const { fileName, reason } of batch.broken) {
          const { sizeBytes, modifiedMs } = listed.get(fileName)!;
          const image = listed.get(fileName)!;
          if (!isSteady(join(folder, fileName), image)) changed.push(fileName);
          else {
            broken++;
            state.record({ event: "file", fileName, sizeBytes, modifiedMs, hash: knownFacts(image, state)!.hash, broken: reason });
          }
        }
        done += batch.fileNames.length + batch.broken.length;
        stage.update(done, missing.length);
      }
      if (this.#space?.encoder !== encoder.name && broken === 0 && changed.length === 0) {
        const data = store.read(plan.samples.map(({ hash }) => hash));
        const space = { encoder: encoder.name, dimensions: encoder.dimensions, state: fitState({ data, rows: plan.samples.length, columns: encoder.dimensions }, encoder.name) };
        writeWhole(this.#spacePath, JSON.stringify(space));
        this.#space = space;
      }
      stage.done(missing.length === 0 ? "all images have their vectors" : `${counted(missing.length - broken - changed.length, "image")} as ${encoder.dimensions} numbers each`, missing.length);
      return { broken, changed };
    } finally {
      await encoder.close();
    }
  }

  /** The vectors as they are compared: without what the whole collection has in common. Row i belongs to sample i. */
  async matrix(samples: readonly PlannedSample[]): Promise<Matrix> {
    const { applyState } = await import("@winnow/embedding");
    const { encoder, dimensions, state } = this.#space!;
    const data = this.#store(encoder, dimensions).read(samples.map(({ hash }) => hash));
    return applyState({ data, rows: samples.length, columns: dimensions }, state);
  }

  close(): void {
    for (const store of this.#stores.values()) store.close();
  }

  #store(encoder: string, dimensions: number): VectorStore {
    let store = this.#stores.get(encoder);
    if (store === undefined) {
      store = VectorStore.open(join(this.#storeFolder, `${encoder}.${dimensions}.f32`), dimensions);
      this.#stores.set(encoder, store);
    }
    return store;
  }
}

function spaceAt(path: string): Space | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Space;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function isSteady(path: string, { sizeBytes, modifiedMs }: Listing["images"][number]): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now !== undefined && now.size === sizeBytes && now.mtimeMs === modifiedMs;
}
