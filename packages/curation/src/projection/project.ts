import { inspectMatrix } from "../matrix/check-matrix.ts";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { pca } from "./pca.ts";
import { tsne } from "./tsne.ts";
import { umap } from "./umap.ts";

export type ProjectionMethod = "PCA" | "TSNE" | "UMAP";

export interface ProjectionOptions {
  /** For TSNE and UMAP; any finite number, default 0. */
  seed?: number;
  /** Threads to use at most, this one included; never changes the result. */
  threads?: number;
  /** The PCA map of the same rows, where it is there already: UMAP and TSNE begin with it instead of making their own. */
  start?: Matrix;
  /** Aborting rejects the promise with the signal's reason. */
  signal?: AbortSignal;
  /** Work done, as a share `done / total`; called now and then, and at the end with done = total. */
  onProgress?: (done: number, total: number) => void;
}

const METHODS: Record<ProjectionMethod, (points: Matrix, options: ProjectionOptions) => Promise<Matrix>> = { PCA: pca, TSNE: tsne, UMAP: umap };
const LAYOUT_ROWS_MIN = 4;

/**
 * A map of the rows: rows × 2, float32, finite, in units of the method. The same for the same
 * seed, on any number of threads. See {@link pca}, {@link tsne} and {@link umap}.
 * Rejects with a RangeError naming row and column when a value is not finite.
 */
export async function project(points: Matrix, method: ProjectionMethod, options: ProjectionOptions = {}): Promise<Matrix> {
  options.signal?.throwIfAborted();
  await inspectMatrix(points, options);
  inspectStart(points, options);
  if (points.rows === 0) return matrix(0, 2);
  const layout = METHODS[method];
  if (layout === undefined) throw new RangeError(`method must be PCA, TSNE or UMAP, got ${String(method)}`);
  // So few rows have no neighbourhoods to keep; PCA draws them as they lie.
  return points.rows < LAYOUT_ROWS_MIN ? pca(points, options) : layout(points, options);
}

/** @throws RangeError for a start that is no map of the points */
export function inspectStart({ rows }: Matrix, { start }: ProjectionOptions): void {
  if (start !== undefined && (start.rows !== rows || start.columns !== 2)) throw new RangeError(`start must be ${rows} × 2, got ${start.rows} × ${start.columns}`);
}
