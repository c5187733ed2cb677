import { inspectMatrix } from "../matrix/check-matrix.ts";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { fitPca } from "./pca.ts";
import { type ProjectionOptions, inspectStart } from "./project.ts";
import { placeInUmap } from "./place-in-umap.ts";
import { UMAP_NEIGHBOURS, umap } from "./umap.ts";

/** A PCA map: a point's coordinate on an axis is (point − mean) · axis. */
export interface PcaModel {
  readonly method: "PCA";
  readonly columns: number;
  /** One number per column. */
  readonly mean: Float64Array;
  /** 2 × columns: two directions of length 1 with the map's signs, or zeros where there is no second direction. */
  readonly axes: Float64Array;
}

/** A UMAP map: its rows and where they lie. */
export interface UmapModel {
  readonly method: "UMAP";
  readonly columns: number;
  readonly rows: number;
  readonly seed: number;
  /** rows × columns; the rows that were fitted themselves, not a copy. */
  readonly points: Float32Array;
  /** rows × 2. */
  readonly map: Float32Array;
}

/**
 * What placing new points needs: numbers, names and typed arrays only, so that it can be sent to a thread, or kept as JSON
 * with the arrays beside it.
 */
export type ProjectionModel = PcaModel | UmapModel;

/**
 * The map of `project` and the model that places more points into it. Fewer than four rows are drawn by PCA, and so is
 * their model then. The same for the same seed, on any number of threads.
 * Rejects with a RangeError when there are no rows or a value is not finite; t-SNE has no model.
 */
export async function fitProjection(points: Matrix, method: "PCA" | "UMAP", options: ProjectionOptions = {}): Promise<{ model: ProjectionModel; map: Matrix }> {
  options.signal?.throwIfAborted();
  if (method !== "PCA" && method !== "UMAP") throw new RangeError(`method must be PCA or UMAP, got ${String(method)}`);
  if (points.rows === 0) throw new RangeError("points must have at least one row, got 0");
  await inspectMatrix(points, options);
  inspectStart(points, options);
  if (method === "PCA" || points.rows <= 3) {
    const { map, mean, axes } = await fitPca(points, options);
    return { model: { method: "PCA", columns: points.columns, mean, axes }, map };
  }
  const map = await umap(points, options);
  return { model: { method, columns: points.columns, rows: points.rows, seed: options.seed ?? 0, points: points.data, map: map.data }, map };
}

/**
 * Places of more points in an existing map, rows × 2. Each point's place depends on that point and the model only, not on what
 * else is placed, on threads or on chance.
 *
 * - PCA: its projection; rows that were fitted come out where the map has them, up to rounding.
 * - UMAP: begun at the mean of its 15 nearest fitted rows (exact, weighted as UMAP weighs neighbours), then moved for 100
 *   epochs (30 beyond 10,000 fitted rows) by the same forces while the fitted rows stay, as umap-learn's `transform` does. A
 *   copy of a fitted row goes exactly where that row is.
 *
 * Rejects with a RangeError when the columns are not the model's or a value is not finite.
 */
export async function placePoints(model: ProjectionModel, points: Matrix, options: Omit<ProjectionOptions, "seed"> = {}): Promise<Matrix> {
  options.signal?.throwIfAborted();
  if (points.columns !== model.columns) throw new RangeError(`points must have the model's ${model.columns} columns, got ${points.columns}`);
  await inspectMatrix(points, options);
  if (model.method === "UMAP") return placeInUmap(model, points, UMAP_NEIGHBOURS, options);
  const { mean, axes, columns } = model;
  const result = matrix(points.rows, 2);
  for (let row = 0; row < points.rows; row++) {
    for (let axis = 0; axis < 2; axis++) {
      let sum = 0;
      for (let column = 0; column < columns; column++) sum += (points.data[row * columns + column]! - mean[column]!) * axes[axis * columns + column]!;
      result.data[2 * row + axis] = sum;
    }
  }
  options.onProgress?.(1, 1);
  return result;
}
