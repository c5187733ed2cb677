import { type Arena, arenaBehind, freshArena } from "../kernels/arena.ts";
import { inspectMatrix } from "../matrix/check-matrix.ts";
import type { Matrix } from "../matrix/matrix.ts";
import { openSession, type Session } from "../pool/session.ts";
import { generator, type Generator } from "../random/generator.ts";
import { exactLists, exactRoom } from "./exact.ts";
import { type Leaves, projectionTree, treeRoom } from "./projection-tree.ts";

export interface NeighbourOptions {
  /** Neighbours per row, without the row itself; fewer when there are fewer rows. */
  k: number;
  /**
   * `exact` compares all pairs; `approximate` uses trees and neighbours' neighbours: recall 0.98 and more on
   * clustered data of intrinsic dimension 12 (50,000 × 128, k = 15), only 0.4 on isotropic data of that size, where
   * neighbours' neighbours are no neighbours. Default: exact up to 8,192 rows.
   */
  search?: "exact" | "approximate";
  /** Searches exactly after all where the estimated recall of an approximate search is lower than this, 0 … 1. Default 0: never. */
  recallMin?: number;
  /** For the trees of the approximate search; default 0. */
  seed?: number;
  threads?: number | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The neighbours of row i are entries i·k … i·k + k − 1, nearest first, ties by the lower row. */
export interface Neighbours {
  readonly k: number;
  readonly ids: Uint32Array;
  /** Euclidean distances, computed in float32. */
  readonly distances: Float32Array;
  /** Share of the true neighbours that were found, 0 … 1: 1 when exact, else estimated from 128 rows that are searched exactly. */
  readonly recall: number;
}

const EXACT_ROWS_MAX = 8192;
const TREES = 6;
const LEAF_ROWS = 48;
const ROUNDS_MAX = 8;
const HOPS = 8;
/** Another round finds less than the one before; from this share of changed entries on it isn't worth its time. */
const CHANGED_MIN = 0.1;
/** Of the 4 GiB that a WebAssembly memory can have. */
const LINED_BYTES_MAX = 3 * 2 ** 30;
const SAMPLE_ROWS = 128;
/** As kernels/neighbours.ts says. */
const MET_ROWS = 64;
const MET_BYTES = 2048;
const NONE = 0xffffffff;

/**
 * The k nearest other rows of every row by euclidean distance. The same on any number of threads.
 * Rejects with a RangeError when k is not a whole number ≥ 1, recallMin not in [0, 1] or a value not finite.
 */
export async function nearestNeighbours(points: Matrix, options: NeighbourOptions): Promise<Neighbours> {
  const { recallMin = 0 } = options;
  if (!(recallMin >= 0 && recallMin <= 1)) throw new RangeError(`recallMin must be between 0 and 1, got ${recallMin}`);
  const found = await search(points, options);
  return found.recall < recallMin ? search(points, { ...options, search: "exact" }) : found;
}

async function search(points: Matrix, options: NeighbourOptions): Promise<Neighbours> {
  const { rows, columns } = points;
  if (!Number.isSafeInteger(options.k) || options.k < 1) throw new RangeError(`k must be a whole number of at least 1, got ${options.k}`);
  const { largest } = await inspectMatrix(points, options);
  const k = Math.min(options.k, rows - 1);
  if (k < 1) return { k: 0, ids: new Uint32Array(), distances: new Float32Array(), recall: 1 };
  const exact = (options.search ?? (rows <= EXACT_ROWS_MAX ? "exact" : "approximate")) === "exact";
  const inPlace = arenaBehind(points.data.buffer);
  const arena = inPlace ?? freshArena();
  try {
    const given = inPlace === undefined ? arena.take(rows * columns * 4) : points.data.byteOffset;
    // Rows in the order of a tree's leaves lie near those that they are compared with; that needs a copy.
    const lined = exact || 2 * rows * columns * 4 > LINED_BYTES_MAX ? undefined : arena.take(rows * columns * 4);
    const data = lined ?? given;
    const size = rows * k;
    const ids = [arena.take(size * 4), arena.take(size * 4)];
    const squares = [arena.take(size * 4), arena.take(size * 4)];
    const members = arena.take(rows * 4);
    const leaves = arena.take(rows * 4 + 4);
    const reverse = arena.take(rows * HOPS * 4);
    const fresh = arena.take(size);
    const met = arena.take(Math.ceil(rows / MET_ROWS) * MET_BYTES);
    const sample = exact ? undefined : sampleRoom(arena, rows, columns, k);
    const branches = treeRoom(arena, rows, columns);
    const room = exact ? exactRoom(arena, rows, columns) : undefined;
    const { buffer } = arena.memory;
    const words = (address: number, length: number): Uint32Array => new Uint32Array(buffer, address, length);
    if (inPlace === undefined) new Float32Array(buffer, given, rows * columns).set(points.data);
    words(ids[0]!, size).fill(NONE);
    new Float32Array(buffer, squares[0]!, size).fill(Infinity);
    let done = 0;
    const total = exact ? 1 : TREES + ROUNDS_MAX;
    const session = await openSession(arena.memory, { ...options, onTurn: () => options.onProgress?.(done, total) });
    let now = 0;
    let recall = 1;
    const grow = (random: Generator, from = data): Promise<Leaves> => projectionTree(session, buffer, branches, points, from, Math.max(LEAF_ROWS, k + 1), random);
    /** The row at each place; undefined: its own. */
    let rowAt: Uint32Array | undefined;
    const fill = async (tree: Leaves): Promise<void> => {
      words(members, rows).set(tree.members);
      words(leaves, tree.leaves.length).set(tree.leaves);
      await session.run("nearestInLeaves", tree.leaves.length - 1, 4, data, columns, k, ids[0]!, squares[0]!, members, leaves);
    };
    try {
      if (exact) {
        await exactLists(session, points, { data, k, ids: ids[0]!, squares: squares[0]!, room: room!, largest, members, leaves, grow, fill });
      } else {
        const random = generator(options.seed ?? 0);
        for (let tree = 0; tree < TREES; tree++, done++) {
          let found = await grow(random, tree === 0 ? given : data);
          if (tree === 0 && lined !== undefined) {
            rowAt = found.members;
            const [source, target] = [new Float32Array(buffer, given, rows * columns), new Float32Array(buffer, lined, rows * columns)];
            rowAt.forEach((row, place) => target.set(source.subarray(row * columns, (row + 1) * columns), place * columns));
            found = { ...found, members: Uint32Array.from(rowAt, (_, place) => place) };
          }
          await fill(found);
          await session.rest();
        }
        new Uint8Array(buffer, fresh, size).fill(1);
        for (let round = 0; round < ROUNDS_MAX; round++, done++) {
          const [from, to] = [now, 1 - now];
          fillReverse(words(ids[from]!, size), k, rows, words(reverse, rows * HOPS), new Uint8Array(buffer, fresh, size));
          await session.run(
            "nearestByHops", rows, MET_ROWS, data, columns, k, ids[from]!, squares[from]!, reverse, HOPS, ids[to]!, squares[to]!, fresh, met,
          );
          now = to;
          await session.run("markFresh", rows, 256, k, ids[from]!, ids[to]!, fresh);
          // Done when hardly a list changes any more.
          const flags = new Uint8Array(buffer, fresh, size);
          let changed = 0;
          for (let index = 0; index < size; index++) changed += flags[index]!;
          if (changed < CHANGED_MIN * size) break;
        }
        recall = await recallOf(session, points, data, k, new Float32Array(buffer, squares[now]!, size), sample!);
      }
    } finally {
      session.close();
    }
    options.onProgress?.(total, total);
    const lists = { k, ids: words(ids[now]!, size).slice(), distances: new Float32Array(buffer, squares[now]!, size).map(Math.sqrt), recall };
    return rowAt === undefined ? lists : byRow(lists, rowAt);
  } finally {
    arena.release();
  }
}

/** Addresses of rows that are searched exactly, and of their lists. */
interface SampleRoom {
  readonly count: number;
  readonly rows: number;
  readonly ids: number;
  readonly squares: number;
}

function sampleRoom(arena: Arena, rows: number, columns: number, k: number): SampleRoom {
  const count = Math.min(SAMPLE_ROWS, rows);
  return { count, rows: arena.take(count * columns * 4), ids: arena.take(count * (k + 1) * 4), squares: arena.take(count * (k + 1) * 4) };
}

/** Of the entries of some lists, the share that is no farther than the true last neighbour; of equals any will do. */
async function recallOf(session: Session, { rows, columns }: Matrix, data: number, k: number, found: Float32Array, sample: SampleRoom): Promise<number> {
  const points = new Float32Array(found.buffer, data, rows * columns);
  const rowOf = (index: number): number => Math.floor((index * rows) / sample.count);
  const queries = new Float32Array(found.buffer, sample.rows, sample.count * columns);
  for (let index = 0; index < sample.count; index++) queries.set(points.subarray(rowOf(index) * columns, (rowOf(index) + 1) * columns), index * columns);
  // Each row is the nearest one of itself.
  const length = k + 1;
  new Uint32Array(found.buffer, sample.ids, sample.count * length).fill(NONE);
  const squares = new Float32Array(found.buffer, sample.squares, sample.count * length).fill(Infinity);
  await session.run("nearestAmong", sample.count, 8, sample.rows, data, columns, rows, length, sample.ids, sample.squares);
  let hits = 0;
  for (let index = 0; index < sample.count; index++) {
    const last = squares[index * length + k]!;
    for (let rank = 0; rank < k; rank++) if (found[rowOf(index) * k + rank]! <= last) hits++;
  }
  return hits / (sample.count * k);
}

/** Lists by place become lists by row; of equals the lower row comes first again. */
function byRow({ k, ids, distances, recall }: Neighbours, rowAt: Uint32Array): Neighbours {
  const result = { k, ids: new Uint32Array(ids.length), distances: new Float32Array(ids.length), recall };
  rowAt.forEach((row, place) => {
    const to = row * k;
    result.distances.set(distances.subarray(place * k, (place + 1) * k), to);
    for (let rank = 0; rank < k; rank++) {
      const id = ids[place * k + rank]!;
      const found = id === NONE ? NONE : rowAt[id]!;
      let at = to + rank;
      for (; at > to && result.distances[at - 1] === result.distances[to + rank] && result.ids[at - 1]! > found; at--) result.ids[at] = result.ids[at - 1]!;
      result.ids[at] = found;
    }
  });
  return result;
}

/** For each row the first rows that list it, nearest ranks first; bit 31 says that the entry is fresh. */
function fillReverse(ids: Uint32Array, k: number, rows: number, reverse: Uint32Array, fresh: Uint8Array): void {
  reverse.fill(NONE);
  const counts = new Uint8Array(rows);
  for (let rank = 0; rank < Math.min(k, 2 * HOPS); rank++) {
    for (let row = 0; row < rows; row++) {
      const id = ids[row * k + rank]!;
      if (id !== NONE && counts[id]! < HOPS) reverse[id * HOPS + counts[id]!++] = (row | (fresh[row * k + rank]! << 31)) >>> 0;
    }
  }
}
