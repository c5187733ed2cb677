import { inspectMatrix } from "../matrix/check-matrix.ts";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { pca } from "./pca.ts";

export type ProjectionMethod = "PCA" | "TSNE" | "UMAP";

export interface ProjectionOptions {
  /** For TSNE and UMAP; any finite number, default 0. */
  seed?: number;
  /** Threads to use at most, this one included; never changes the result. */
  threads?: number;
  /** Aborting rejects the promise with the signal's reason. */
  signal?: AbortSignal;
  /** Work done, as a share `done / total`; called now and then, and at the end with done = total. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * A map of the rows: rows × 2, float32, finite, in units of the method. Deterministic for a seed.
 * Rejects with a RangeError naming row and column when a value is not finite.
 */
export async function project(points: Matrix, method: ProjectionMethod, options: ProjectionOptions = {}): Promise<Matrix> {
  options.signal?.throwIfAborted();
  await inspectMatrix(points, options);
  if (points.rows === 0) return matrix(0, 2);
  switch (method) {
    case "PCA":
      return pca(points, options);
    case "TSNE":
    case "UMAP":
      // Until their own layouts are in place both give the map of the two main axes.
      return pca(points, options);
    default:
      throw new RangeError(`method must be PCA, TSNE or UMAP, got ${String(method)}`);
  }
}
