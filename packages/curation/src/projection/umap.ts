import { freshArena } from "../kernels/arena.ts";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { nearestNeighbours } from "../neighbours/nearest.ts";
import { openSession } from "../pool/session.ts";
import { generator } from "../random/generator.ts";
import { forceTables } from "./forces.ts";
import { fuzzyGraph } from "./fuzzy-graph.ts";
import type { ProjectionOptions } from "./project.ts";
import { finished, startLayout } from "./start-layout.ts";

/** Neighbours per row, also when new points are placed. */
export const UMAP_NEIGHBOURS = 15;
/** Rows that push per edge that pulls. */
const UMAP_NEGATIVES = 5;
const EPOCHS_FEW = 500;
const EPOCHS_MANY = 200;
const FEW_ROWS_MAX = 10_000;
const PROGRESS_STEPS = 100;
const BLOCK_ROWS = 512;

/**
 * UMAP (McInnes, Healy and Melville, arXiv 1802.03426) with umap-learn's default settings (15 neighbours, least distance
 * 0.1, 500 epochs up to 10,000 rows and 200 beyond), begun from the PCA map. Euclidean. Neighbours are exact up to 8,192
 * rows and approximate beyond.
 *
 * Elsewhere an edge moves both its ends at once, one edge after the other, or threads race for them. Here a row only moves
 * itself, from where all were half an epoch ago, and each epoch has two halves: an edge moves its ends as often, and the
 * order of rows, and so the number of threads, doesn't matter.
 */
export async function umap(points: Matrix, options: ProjectionOptions): Promise<Matrix> {
  const { rows } = points;
  const { seed = 0, threads, signal, onProgress } = options;
  const random = generator(seed);
  const neighbours = await nearestNeighbours(points, {
    k: UMAP_NEIGHBOURS, seed, threads, signal, onProgress: (done, total) => onProgress?.((30 * done) / total, PROGRESS_STEPS),
  });
  const start = await startLayout(points, 5, random, options);
  const { starts, to, weights } = fuzzyGraph(neighbours, rows);
  const edges = to.length;
  const arena = freshArena();
  try {
    const [startsAt, toAt, periodAt, dueAt] = [arena.take(4 * rows + 4), arena.take(4 * edges), arena.take(4 * edges), arena.take(4 * edges)];
    const tables = forceTables();
    const [attractionAt, repulsionAt] = [arena.take(tables.attraction.byteLength), arena.take(tables.repulsion.byteLength)];
    const layouts = [arena.take(8 * rows), arena.take(8 * rows)];
    const header = arena.take(64);
    const { buffer } = arena.memory;
    const floats = (address: number, length: number): Float32Array => new Float32Array(buffer, address, length);
    const words = (address: number, length: number): Uint32Array => new Uint32Array(buffer, address, length);
    words(startsAt, rows + 1).set(starts);
    words(toAt, edges).set(to);
    const strongest = weights.reduce((most, weight) => Math.max(most, weight), 0);
    const period = floats(periodAt, edges);
    for (let edge = 0; edge < edges; edge++) period[edge] = strongest / weights[edge]!;
    floats(dueAt, edges).set(period);
    floats(attractionAt, tables.attraction.length).set(tables.attraction);
    floats(repulsionAt, tables.repulsion.length).set(tables.repulsion);
    floats(layouts[0]!, 2 * rows).set(start);
    words(header, 8).set([rows, startsAt, toAt, periodAt, dueAt, attractionAt, repulsionAt, random.bits()]);

    const halves = 2 * (rows <= FEW_ROWS_MAX ? EPOCHS_FEW : EPOCHS_MANY);
    let half = 0;
    const session = await openSession(arena.memory, { ...options, onTurn: () => onProgress?.(30 + (70 * half) / halves, PROGRESS_STEPS) });
    try {
      for (; half < halves; half++) {
        // Two and three negatives in turn: five per epoch.
        words(header + 32, 1)[0] = (UMAP_NEGATIVES + (half & 1)) >> 1;
        floats(header + 36, 2).set([half, 1 - half / halves]);
        await session.run("umapEpoch", rows, BLOCK_ROWS, header, layouts[half & 1]!, layouts[1 - (half & 1)]!);
      }
    } finally {
      session.close();
    }
    const map = finished(floats(layouts[0]!, 2 * rows), matrix(rows, 2));
    onProgress?.(PROGRESS_STEPS, PROGRESS_STEPS);
    return map;
  } finally {
    arena.release();
  }
}
