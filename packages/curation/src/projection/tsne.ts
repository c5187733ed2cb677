import { freshArena } from "../kernels/arena.ts";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { nearestNeighbours } from "../neighbours/nearest.ts";
import { openSession } from "../pool/session.ts";
import { generator } from "../random/generator.ts";
import { affinities } from "./affinities.ts";
import type { ProjectionOptions } from "./project.ts";
import { finished, startLayout } from "./start-layout.ts";

const PERPLEXITY = 30;
const EXAGGERATION = 12;
const EXAGGERATED_STEPS = 250;
const STEPS = 750;
const THETA = 0.5;
const BLOCK_ROWS = 512;
const BLOCK_GROUPS = 128;

/**
 * t-SNE (van der Maaten and Hinton 2008) with Barnes and Hut's approximation (van der Maaten 2014, θ = 0.5): perplexity 30
 * (a third of the rows when there are fewer than 91), early exaggeration 12 for 250 of 750 steps, learning rate rows / 12
 * (Belkina et al. 2019), at least 50, begun from the PCA map. Euclidean.
 *
 * The tree lies over points in Morton order, and four neighbouring points walk it together; what lies in one cell of 2⁻¹⁶ of
 * the map's width counts as one point. Every row is moved from where all were before, so threads don't change the map.
 */
export async function tsne(points: Matrix, options: ProjectionOptions): Promise<Matrix> {
  const { rows } = points;
  const { seed = 0, threads, signal, onProgress } = options;
  const random = generator(seed);
  const perplexity = Math.min(PERPLEXITY, (rows - 1) / 3);
  const neighbours = await nearestNeighbours(points, {
    k: Math.min(rows - 1, Math.floor(3 * perplexity)), seed, threads, signal,
    onProgress: (done, total) => onProgress?.((20 * done) / total, 100),
  });
  const start = await startLayout(points, 1e-4, random, options);
  const { starts, columns, values } = await affinities(neighbours, rows, perplexity, signal);
  const entries = columns.length;
  const groups = Math.ceil(rows / 4);
  const arena = freshArena();
  try {
    const layouts = [arena.take(8 * rows), arena.take(8 * rows)];
    const tree = arena.take(64);
    const step = arena.take(64);
    const [codes, order, codesNext, orderNext] = [arena.take(4 * rows), arena.take(4 * rows), arena.take(4 * rows), arena.take(4 * rows)];
    const [counts, nodes, placed] = [arena.take(4 * 2048), arena.take(64 * rows), arena.take(8 * rows)];
    const [startsAt, columnsAt, valuesAt] = [arena.take(4 * rows + 4), arena.take(4 * entries), arena.take(4 * entries)];
    const [forces, speeds, gains, sumsAt] = [arena.take(8 * rows), arena.take(8 * rows), arena.take(8 * rows), arena.take(8 * groups)];
    const { buffer } = arena.memory;
    const floats = (address: number, length: number): Float32Array => new Float32Array(buffer, address, length);
    const words = (address: number, length: number): Uint32Array => new Uint32Array(buffer, address, length);
    const sums = new Float64Array(buffer, sumsAt, groups);
    words(tree, 9).set([layouts[0]!, rows, codes, order, codesNext, orderNext, counts, nodes, placed]);
    floats(tree + 40, 1)[0] = 1 / THETA ** 2;
    words(step, 6).set([startsAt, columnsAt, valuesAt, forces, speeds, gains]);
    words(startsAt, rows + 1).set(starts);
    words(columnsAt, entries).set(columns);
    floats(valuesAt, entries).set(values);
    floats(gains, 2 * rows).fill(1);
    floats(layouts[0]!, 2 * rows).set(start);
    const rate = Math.max(rows / EXAGGERATION, 50);

    let done = 0;
    const session = await openSession(arena.memory, { ...options, onTurn: () => onProgress?.(20 + (80 * done) / STEPS, 100) });
    try {
      for (; done < STEPS; done++) {
        const exaggerated = done < EXAGGERATED_STEPS;
        const [from, to] = [layouts[done & 1]!, layouts[1 - (done & 1)]!];
        words(tree, 1)[0] = from;
        session.kernels.buildTree(tree);
        await session.run("repel", groups, BLOCK_GROUPS, tree, forces, sumsAt);
        // Every point met itself, which adds 1 to the sum and nothing to the force.
        let total = -rows;
        for (let group = 0; group < groups; group++) total += sums[group]!;
        floats(step + 24, 4).set([exaggerated ? EXAGGERATION : 1, exaggerated ? 0.5 : 0.8, rate, Math.max(total, 1e-30)]);
        await session.run("attractAndMove", rows, BLOCK_ROWS, step, from, to);
      }
    } finally {
      session.close();
    }
    const map = finished(floats(layouts[STEPS & 1]!, 2 * rows), matrix(rows, 2));
    onProgress?.(100, 100);
    return map;
  } finally {
    arena.release();
  }
}
