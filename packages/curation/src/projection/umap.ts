import { matrix, type Matrix } from "../matrix/matrix.ts";
import { nearestNeighbours } from "../neighbours/nearest.ts";
import { yielder } from "../pool/yielder.ts";
import { generator } from "../random/generator.ts";
import { fuzzyGraph } from "./fuzzy-graph.ts";
import type { ProjectionOptions } from "./project.ts";
import { finished, startLayout } from "./start-layout.ts";

const NEIGHBOURS = 15;
// The curve 1 / (1 + a·d^2b) that fits a least distance of 0.1 and a spread of 1, as umap-learn's defaults do.
const A = 1.5769434602;
const B = 0.8950608779;
const NEGATIVES = 5;
const PULL_MAX = 4;
const PROGRESS_STEPS = 100;

/**
 * UMAP (McInnes, Healy and Melville, arXiv 1802.03426) with umap-learn's default settings (15 neighbours, least distance
 * 0.1, 500 epochs up to 10,000 rows and 200 beyond), begun from the PCA map. Euclidean. Neighbours are exact up to 8,192
 * rows and approximate beyond.
 *
 * The layout runs on one thread in a fixed order: racing updates, as elsewhere, would give another map every time.
 */
export async function umap(points: Matrix, options: ProjectionOptions): Promise<Matrix> {
  const { rows } = points;
  const { seed = 0, threads, signal, onProgress } = options;
  const random = generator(seed);
  const rest = yielder(signal);
  const neighbours = await nearestNeighbours(points, {
    k: NEIGHBOURS, seed, threads, signal, onProgress: (done, total) => onProgress?.((30 * done) / total, PROGRESS_STEPS),
  });
  const layout = await startLayout(points, 5, random, options);
  const { from, to, weights } = fuzzyGraph(neighbours, rows);
  const epochs = rows <= 10_000 ? 500 : 200;
  const strongest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  // An edge is due every strongest / weight epochs, its negatives with it.
  const period = Float32Array.from(weights, (weight) => strongest / weight);
  const due = period.slice();
  const { attraction, repulsion } = curves();
  const square = new Float32Array(1);
  const bits = new Uint32Array(square.buffer);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = 1 - epoch / epochs;
    for (let edge = 0; edge < from.length; edge++) {
      if ((edge & 2047) === 0) {
        const pause = rest();
        if (pause !== false) {
          await pause;
          onProgress?.(30 + (70 * epoch) / epochs, PROGRESS_STEPS);
        }
      }
      if (due[edge]! > epoch) continue;
      due[edge]! += period[edge]!;
      const head = 2 * from[edge]!;
      const tail = 2 * to[edge]!;
      let x = layout[head]!;
      let y = layout[head + 1]!;
      let dx = x - layout[tail]!;
      let dy = y - layout[tail + 1]!;
      square[0] = dx * dx + dy * dy;
      let factor = attraction[cell(bits[0]!)]!;
      let stepX = rate * clipped(factor * dx);
      let stepY = rate * clipped(factor * dy);
      x += stepX;
      y += stepY;
      layout[tail]! -= stepX;
      layout[tail + 1]! -= stepY;
      for (let sample = 0; sample < NEGATIVES; sample++) {
        // Below 2³² rows, the bias of scaling 32 bits is far below the noise of sampling.
        const other = 2 * Math.floor(random.unit() * rows);
        if (other === head) continue;
        dx = x - layout[other]!;
        dy = y - layout[other + 1]!;
        square[0] = dx * dx + dy * dy;
        if (square[0] === 0) continue;
        factor = repulsion[cell(bits[0]!)]!;
        stepX = clipped(factor * dx);
        stepY = clipped(factor * dy);
        x += rate * stepX;
        y += rate * stepY;
      }
      layout[head] = x;
      layout[head + 1] = y;
    }
  }
  onProgress?.(PROGRESS_STEPS, PROGRESS_STEPS);
  return finished(layout, matrix(rows, 2));
}

function clipped(value: number): number {
  return value > PULL_MAX ? PULL_MAX : value < -PULL_MAX ? -PULL_MAX : value;
}

// The two forces depend on the squared distance only, through a power that costs more than all the rest. They are
// looked up by the exponent and the first 9 bits of the mantissa: 0.1 % off at most.
const SHIFT = 14;
const FIRST = (127 - 30) << 9;
const CELLS = 60 << 9;

function cell(bits: number): number {
  const index = (bits >>> SHIFT) - FIRST;
  return index < 0 ? 0 : index >= CELLS ? CELLS - 1 : index;
}

function curves(): { attraction: Float64Array; repulsion: Float64Array } {
  const attraction = new Float64Array(CELLS);
  const repulsion = new Float64Array(CELLS);
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  for (let index = 0; index < CELLS; index++) {
    bits[0] = ((index + FIRST) << SHIFT) | (1 << (SHIFT - 1));
    const square = value[0]!;
    const power = square ** B;
    attraction[index] = (-2 * A * B * (power / square)) / (1 + A * power);
    repulsion[index] = (2 * B) / ((0.001 + square) * (1 + A * power));
  }
  return { attraction, repulsion };
}
