import { freshArena } from "../kernels/arena.ts";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { openSession } from "../pool/session.ts";
import { generator } from "../random/generator.ts";
import { attraction, repulsion } from "./forces.ts";
import { memberships } from "./fuzzy-graph.ts";
import type { UmapModel } from "./model.ts";
import type { ProjectionOptions } from "./project.ts";

const EPOCHS_FEW = 100;
const EPOCHS_MANY = 30;
const FEW_ROWS_MAX = 10_000;
/** A placed point only settles: it begins near its place, so steps are a quarter of a layout's. */
const RATE = 0.25;
const NEGATIVES = 5;
const STEP_MAX = 4;
/** Points that are looked up at a time. */
const PORTION = 4_096;

/** See `placePoints`. */
export async function placeInUmap(model: UmapModel, points: Matrix, wanted: number, options: Omit<ProjectionOptions, "seed">): Promise<Matrix> {
  const { rows, columns } = points;
  const result = matrix(rows, 2);
  if (rows === 0) return result;
  const k = Math.min(wanted, model.rows);
  const arena = freshArena();
  try {
    // Points take turns, so that what is taken beside them doesn't grow with their number.
    const most = Math.min(rows, PORTION);
    const [fitted, queries, ids, squares] = [arena.take(model.rows * columns * 4), arena.take(most * columns * 4), arena.take(most * k * 4), arena.take(most * k * 4)];
    const { buffer } = arena.memory;
    new Float32Array(buffer, fitted, model.rows * columns).set(model.points);
    const queryAt = new Float32Array(buffer, queries, most * columns);
    const squareAt = new Float32Array(buffer, squares, most * k);
    const idAt = new Uint32Array(buffer, ids, most * k);
    const distances = new Float32Array(k);
    let done = 0;
    const session = await openSession(arena.memory, { ...options, onTurn: () => options.onProgress?.(done, rows) });
    try {
      while (done < rows) {
        const from = done;
        const to = Math.min(rows, from + PORTION);
        queryAt.set(points.data.subarray(from * columns, to * columns));
        squareAt.fill(Infinity);
        idAt.fill(0xffffffff);
        await session.run("nearestAmong", to - from, 16, queries, fitted, columns, model.rows, k, ids, squares);
        for (; done < to; done++) {
          const at = (done - from) * k;
          for (let index = 0; index < k; index++) distances[index] = Math.sqrt(squareAt[at + index]!);
          const place = settle(model, idAt.subarray(at, at + k), distances, points.data.subarray(done * columns, (done + 1) * columns));
          result.data.set(place, 2 * done);
          const pause = session.rest();
          if (pause !== false) await pause;
        }
      }
    } finally {
      session.close();
    }
    options.onProgress?.(rows, rows);
    return result;
  } finally {
    arena.release();
  }
}

function settle({ map, rows, seed }: UmapModel, ids: Uint32Array, distances: Float32Array, point: Float32Array): [number, number] {
  if (distances[0] === 0) return [map[2 * ids[0]!]!, map[2 * ids[0]! + 1]!];
  const k = ids.length;
  const weights = new Float64Array(k);
  memberships(distances, 0, weights, 0);
  const strongest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  let x = 0;
  let y = 0;
  let total = 0;
  for (let index = 0; index < k; index++) {
    x += weights[index]! * map[2 * ids[index]!]!;
    y += weights[index]! * map[2 * ids[index]! + 1]!;
    total += weights[index]!;
  }
  x /= total;
  y /= total;
  const random = generator(seed + hashOf(point));
  const period = weights.map((weight) => strongest / weight);
  const due = period.slice();
  const epochs = rows <= FEW_ROWS_MAX ? EPOCHS_FEW : EPOCHS_MANY;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = RATE * (1 - epoch / epochs);
    for (let index = 0; index < k; index++) {
      if (due[index]! > epoch) continue;
      due[index]! += period[index]!;
      let dx = x - map[2 * ids[index]!]!;
      let dy = y - map[2 * ids[index]! + 1]!;
      let factor = attraction(dx * dx + dy * dy);
      x += rate * clipped(factor * dx);
      y += rate * clipped(factor * dy);
      for (let sample = 0; sample < NEGATIVES; sample++) {
        const other = 2 * random.below(rows);
        dx = x - map[other]!;
        dy = y - map[other + 1]!;
        factor = repulsion(dx * dx + dy * dy);
        x += rate * clipped(factor * dx);
        y += rate * clipped(factor * dy);
      }
    }
  }
  return [x, y];
}

function clipped(value: number): number {
  return Math.max(-STEP_MAX, Math.min(STEP_MAX, value));
}

/** 32 bits of a point's values (FNV-1a over words), so that chance is the point's own. */
function hashOf(point: Float32Array): number {
  const values = point.slice();
  const words = new Uint32Array(values.buffer);
  let hash = 0x811c9dc5;
  for (let index = 0; index < words.length; index++) hash = Math.imul(hash ^ words[index]!, 0x01000193);
  return hash >>> 0;
}
