import type { BlobStore } from "@winnow/storage";
import type { Metrics } from "./metrics.ts";

/** The same store; how long it takes and how often it fails is measured. Of what is read as a stream: until it begins. */
export function measuredBlobStore(blobs: BlobStore, metrics: Metrics): BlobStore {
  const measured = async <Result>(operation: string, work: () => Promise<Result>): Promise<Result> => {
    const began = performance.now();
    let outcome: "ok" | "failed" = "ok";
    try {
      return await work();
    } catch (error) {
      // That something isn't there, or is too large, is an answer of the store.
      if ((error as Error).name === "BlobStoreError") outcome = "failed";
      throw error;
    } finally {
      metrics.storage(operation, outcome, (performance.now() - began) / 1000);
    }
  };
  return {
    write: (key, content, options) => measured("write", () => blobs.write(key, content, options)),
    read: (key, range, chunkBytes) => measured("read", () => blobs.read(key, range, chunkBytes)),
    facts: (key) => measured("facts", () => blobs.facts(key)),
    move: (from, to) => measured("move", () => blobs.move(from, to)),
    remove: (key) => measured("remove", () => blobs.remove(key)),
    removeAll: (prefix) => measured("removeAll", () => blobs.removeAll(prefix)),
    open: (key) => measured("open", () => blobs.open(key)),
    list: (prefix) => blobs.list(prefix),
    close: () => blobs.close(),
  };
}
