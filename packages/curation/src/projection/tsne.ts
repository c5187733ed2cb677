import { matrix, type Matrix } from "../matrix/matrix.ts";
import { nearestNeighbours } from "../neighbours/nearest.ts";
import { yielder } from "../pool/yielder.ts";
import { generator } from "../random/generator.ts";
import { affinities } from "./affinities.ts";
import type { ProjectionOptions } from "./project.ts";
import { quadtree } from "./quadtree.ts";
import { finished, startLayout } from "./start-layout.ts";

const PERPLEXITY = 30;
const EXAGGERATION = 12;
const EXAGGERATED_STEPS = 250;
const STEPS = 750;
const THETA = 0.5;
/** Up to here all pairs are quicker than a tree. */
const EXACT_ROWS_MAX = 600;

/**
 * t-SNE (van der Maaten and Hinton 2008) with Barnes and Hut's approximation beyond 600 rows (van der Maaten 2014, θ =
 * 0.5): perplexity 30 (a third of the rows when there are fewer than 91), early exaggeration 12 for 250 of 750 steps, learning
 * rate rows / 12 (Belkina et al. 2019), at least 50, begun from the PCA map. Euclidean. One thread, fixed order.
 */
export async function tsne(points: Matrix, options: ProjectionOptions): Promise<Matrix> {
  const { rows } = points;
  const { seed = 0, threads, signal, onProgress } = options;
  const random = generator(seed);
  const rest = yielder(signal);
  const perplexity = Math.min(PERPLEXITY, (rows - 1) / 3);
  const neighbours = await nearestNeighbours(points, {
    k: Math.min(rows - 1, Math.floor(3 * perplexity)), seed, threads, signal,
    onProgress: (done, total) => onProgress?.((20 * done) / total, 100),
  });
  const layout = await startLayout(points, 1e-4, random, options);
  const { starts, columns, values } = affinities(neighbours, rows, perplexity);
  const rate = Math.max(rows / EXAGGERATION, 50);
  const tree = rows > EXACT_ROWS_MAX ? quadtree(rows) : undefined;
  const speed = new Float64Array(2 * rows);
  const gains = new Float64Array(2 * rows).fill(1);
  const repelling = new Float64Array(2 * rows);
  for (let step = 0; step < STEPS; step++) {
    const exaggeration = step < EXAGGERATED_STEPS ? EXAGGERATION : 1;
    const momentum = step < EXAGGERATED_STEPS ? 0.5 : 0.8;
    repelling.fill(0);
    let total = 0;
    if (tree === undefined) {
      total = allPairs(layout, repelling);
    } else {
      tree.build(layout);
      for (let row = 0; row < rows; row++) {
        // The point itself is in the tree and adds 1 to the sum and nothing to the force.
        total += tree.repulsion(layout[2 * row]!, layout[2 * row + 1]!, THETA, repelling, 2 * row) - 1;
        if ((row & 255) === 0) {
          const pause = rest();
          if (pause !== false) await pause;
        }
      }
    }
    total = Math.max(total, Number.MIN_VALUE);
    for (let row = 0; row < rows; row++) {
      const x = layout[2 * row]!;
      const y = layout[2 * row + 1]!;
      let forceX = -repelling[2 * row]! / total;
      let forceY = -repelling[2 * row + 1]! / total;
      const end = starts[row + 1]!;
      for (let index = starts[row]!; index < end; index++) {
        const other = 2 * columns[index]!;
        const dx = x - layout[other]!;
        const dy = y - layout[other + 1]!;
        const pull = (exaggeration * values[index]!) / (1 + dx * dx + dy * dy);
        forceX += pull * dx;
        forceY += pull * dy;
      }
      move(2 * row, 4 * forceX, speed, gains, momentum, rate);
      move(2 * row + 1, 4 * forceY, speed, gains, momentum, rate);
    }
    for (let index = 0; index < layout.length; index++) layout[index]! += speed[index]!;
    const pause = rest();
    if (pause !== false) {
      await pause;
      onProgress?.(20 + (80 * step) / STEPS, 100);
    }
  }
  onProgress?.(100, 100);
  return finished(layout, matrix(rows, 2));
}

/** Momentum with a gain per coordinate that grows while the direction stays (Jacobs 1988). */
function move(index: number, gradient: number, speed: Float64Array, gains: Float64Array, momentum: number, rate: number): void {
  const same = gradient > 0 === speed[index]! > 0;
  const gain = Math.max(0.01, same ? gains[index]! * 0.8 : gains[index]! + 0.2);
  gains[index] = gain;
  speed[index] = momentum * speed[index]! - rate * gain * gradient;
}

/** The repulsion of all pairs; returns Σ q over ordered pairs. */
function allPairs(layout: Float64Array, force: Float64Array): number {
  let total = 0;
  for (let a = 0; a < layout.length; a += 2) {
    const x = layout[a]!;
    const y = layout[a + 1]!;
    let forceX = 0;
    let forceY = 0;
    for (let b = 0; b < a; b += 2) {
      const dx = x - layout[b]!;
      const dy = y - layout[b + 1]!;
      const q = 1 / (1 + dx * dx + dy * dy);
      total += q;
      const qq = q * q;
      forceX += qq * dx;
      forceY += qq * dy;
      force[b]! -= qq * dx;
      force[b + 1]! -= qq * dy;
    }
    force[a]! += forceX;
    force[a + 1]! += forceY;
  }
  return 2 * total;
}
