import type { Matrix } from "../matrix/matrix.ts";
import type { Generator } from "../random/generator.ts";
import { pca } from "./pca.ts";
import type { ProjectionOptions } from "./project.ts";

/**
 * Where a layout begins: the PCA map, so that the large shape is right from the start (Kobak and Linderman 2021), scaled
 * so that its first axis has the given standard deviation, with a little seeded noise to part what lies on one spot.
 * @returns rows × 2 in float64
 */
export async function startLayout(points: Matrix, deviation: number, random: Generator, { signal, threads, start }: ProjectionOptions): Promise<Float64Array> {
  // A hundredth of the noise that is added.
  const map = start ?? await pca(points, { tolerance: 1e-4, ...(signal && { signal }), ...(threads && { threads }) });
  let variance = 0;
  for (let row = 0; row < points.rows; row++) variance += map.data[2 * row]! ** 2 / points.rows;
  const scale = variance > 0 ? deviation / Math.sqrt(variance) : 0;
  return Float64Array.from(map.data, (value) => value * scale + 0.01 * deviation * random.normal());
}

/** A layout as the result: centred, in float32. */
export function finished(layout: Float32Array, target: Matrix): Matrix {
  let x = 0;
  let y = 0;
  for (let row = 0; row < target.rows; row++) {
    x += layout[2 * row]! / target.rows;
    y += layout[2 * row + 1]! / target.rows;
  }
  for (let row = 0; row < target.rows; row++) {
    target.data[2 * row] = layout[2 * row]! - x;
    target.data[2 * row + 1] = layout[2 * row + 1]! - y;
  }
  return target;
}
