import type { Arena } from "../kernels/arena.ts";
import { shadowBasis, shadowError } from "../kernels/shadow-basis.ts";
import type { Matrix } from "../matrix/matrix.ts";
import type { Session } from "../pool/session.ts";
import { generator, type Generator } from "../random/generator.ts";
import { canGoFast } from "../selection/farthest.ts";
import type { Leaves } from "./projection-tree.ts";

export interface ExactLists {
  /** Address of the rows. */
  readonly data: number;
  readonly k: number;
  /** Addresses of the lists, empty as yet. */
  readonly ids: number;
  readonly squares: number;
  /** Working space. */
  readonly room: ExactRoom;
  /** The largest magnitude of a value. */
  readonly largest: number;
  /** Addresses of what `fill` stores: rows by leaf, and where leaves begin. */
  readonly members: number;
  readonly leaves: number;
  /** Makes a tree. */
  grow(random: Generator): Promise<Leaves>;
  /** Lets the rows of each leaf meet. */
  fill(tree: Leaves): Promise<void>;
}

/** Addresses, and the buffer that they are in. */
export interface ExactRoom {
  readonly buffer: ArrayBufferLike;
  readonly lengths: number;
  readonly shadows: number;
  readonly lined: number;
  readonly boxes: number;
  readonly basis: number;
  readonly origin: number;
  readonly header: number;
}

/** Takes the working space; the buffer is only known when all else has been taken, since taking may replace it. */
export function exactRoom(arena: Arena, rows: number, columns: number): ExactRoom {
  return {
    lengths: arena.take(rows * 4), shadows: arena.take(rows * 64), lined: arena.take(rows * 64), boxes: arena.take(leavesMax(rows) * 128),
    basis: arena.take(60 * columns), origin: arena.take(columns * 4), header: arena.take(128),
    get buffer() {
      return arena.memory.buffer;
    },
  };
}

/** Halving stops at LEAF_ROWS or fewer: no leaf has fewer than half of that, if there are two. */
const leavesMax = (rows: number): number => Math.ceil((2 * rows) / LEAF_ROWS) + 1;

const UNIT = 2 ** -24;
const LEAF_ROWS = 48;
const BLOCK_ROWS = 64;
/** Rows of a block that meets others: the pairs of a round are shared out among threads. */
const TILE_ROWS = 128;
/** Fewer rows are not worth a plan. */
const PLANNED_ROWS_MIN = 1024;
const SAMPLE = 64;
/** Shadows cost an eighth of 128 columns; from this share of pairs that get through on, dot products are quicker. */
const SHARE_MAX = 0.3;

/**
 * Fills the lists of the k nearest. Rows meet the others of their leaf in a tree first, so that the lists are near from the
 * start. Then all pairs are gone through in one of two ways, whichever a sample says is quicker: shadows (16 numbers per row
 * that never lengthen a distance), a whole leaf at a time, where the data has few directions; products of tiles of rows, as
 * matrix libraries do, where it has many. Both only rule pairs out that are too far by more than they can be wrong.
 */
export async function exactLists(session: Session, points: Matrix, { data, k, ids, squares, room, largest, members, leaves, grow, fill }: ExactLists): Promise<void> {
  const { rows, columns } = points;
  if (rows < PLANNED_ROWS_MIN || !canGoFast(points, largest)) {
    await session.run("nearestOfAll", rows, BLOCK_ROWS, data, columns, rows, k, ids, squares);
    return;
  }
  const { buffer, lengths, shadows: shadowsAt, lined: linedAt, boxes, basis, origin, header } = room;
  const floats = (address: number, length: number): Float32Array => new Float32Array(buffer, address, length);
  const tree = await grow(generator(0));
  await fill(tree);
  const axes = shadowBasis((row) => points.data.subarray(row * columns, (row + 1) * columns), Uint32Array.from({ length: rows }, (_, row) => row), columns);
  floats(basis, 15 * columns).set(axes.basis);
  floats(origin, columns).set(axes.origin);
  new Uint32Array(buffer, header, 14).set([data, data, 0, columns, lengths, 0, 0, 0, 0, shadowsAt, 0, 0, basis, origin]);
  await session.run("castShadows", rows, 256, header);
  const shadows = floats(shadowsAt, rows * 16);
  const reach = Math.sqrt(floats(lengths, rows).reduce((most, square) => Math.max(most, square), 0));
  const slack = shadowError(shadows, reach, columns);
  const relative = 3 * (columns / 16 + 32) * UNIT;
  if (columns % 4 !== 0 || passing(shadows, floats(squares, rows * k), rows, k, slack) < SHARE_MAX) {
    const lined = floats(linedAt, rows * 16);
    tree.members.forEach((row, place) => lined.set(shadows.subarray(16 * row, 16 * row + 16), 16 * place));
    const leafCount = tree.leaves.length - 1;
    await session.run("boxLeaves", leafCount, 64, linedAt, leaves, boxes);
    await session.run("nearestByShadows", rows, BLOCK_ROWS, data, columns, k, ids, squares, linedAt, slack, relative, members, boxes, leaves, leafCount);
    return;
  }
  await session.run("squaredLengths", rows, 256, data, columns, lengths);
  // A dot product of four running sums is off by (columns / 4 + 4) · u · |x||y| at most, |x||y| ≤ (|x|² + |y|²) / 2; the list's
  // own squares by `relative`, of at most 2 (|x|² + |y|²); lengths and the last sums by a few u.
  const share = 1 - (columns / 4 + 16) * UNIT - 2 * relative;
  // What the shadows had is free now: no shadow is looked at any more.
  const worsts = linedAt;
  await session.run("copyWorsts", rows, 4096, k, squares, worsts);
  const blocks = Math.ceil(rows / TILE_ROWS);
  const meeting = (pairs: number, round: number): Promise<void> => session.run("meetInTiles", pairs, 1, data, columns, rows, k, ids, squares, lengths, share, worsts, TILE_ROWS, round);
  await meeting(blocks, 0xffffffff);
  const rounds = (blocks - 1) | 1;
  for (let round = 0; round < rounds; round++) await meeting((rounds + 1) / 2, round);
}

/** The share of pairs, in a sample, that shadows don't rule out. */
function passing(shadows: Float32Array, squares: Float32Array, rows: number, k: number, slack: number): number {
  let passed = 0;
  for (let a = 0; a < SAMPLE; a++) {
    const row = Math.floor((a * rows) / SAMPLE);
    const limit = (Math.sqrt(squares[row * k + k - 1]!) + slack) ** 2;
    for (let b = 0; b < 4 * SAMPLE; b++) {
      const other = Math.floor((b * rows) / (4 * SAMPLE));
      let sum = 0;
      for (let axis = 0; axis < 16; axis++) sum += (shadows[16 * row + axis]! - shadows[16 * other + axis]!) ** 2;
      if (sum <= limit) passed++;
    }
  }
  return passed / (4 * SAMPLE * SAMPLE);
}
