// Nearest neighbours. The lists of row i are entries i·k … i·k + k − 1 of `ids` and `squares`, nearest first, ties by the
// lower row; empty places hold square Infinity and row 0xffffffff.
import { dotOf, squareUpTo } from "./distance";

/** Puts a row into a list unless it is there already or too far. */
export function insert(ids: usize, squares: usize, k: usize, id: u32, square: f32): void {
  const last = (k - 1) << 2;
  const worst = load<f32>(squares + last);
  if (square > worst || (square == worst && id >= load<u32>(ids + last))) return;
  let place = k - 1;
  while (place > 0) {
    const before = (place - 1) << 2;
    const other = load<f32>(squares + before);
    if (other < square || (other == square && load<u32>(ids + before) <= id)) break;
    place--;
  }
  // A copy of the row can only stand just before its place, since its square is the same.
  if (place > 0 && load<u32>(ids + ((place - 1) << 2)) == id) return;
  memory.copy(ids + ((place + 1) << 2), ids + (place << 2), (k - 1 - place) << 2);
  memory.copy(squares + ((place + 1) << 2), squares + (place << 2), (k - 1 - place) << 2);
  store<u32>(ids + (place << 2), id);
  store<f32>(squares + (place << 2), square);
}

export function consider(points: usize, width: usize, k: usize, ids: usize, squares: usize, row: usize, other: u32): void {
  if (<usize>other == row) return;
  const worst = load<f32>(squares + ((k - 1) << 2));
  const square = squareUpTo(points + row * width, points + <usize>other * width, width >> 2, worst);
  if (square <= worst) insert(ids, squares, k, other, square);
}

/** Rows of a tile: small enough for the nearest cache at some hundred columns. */
const TILE: usize = 128;

/** All rows against all: exact in float32. */
export function nearestOfAll(start: usize, end: usize, points: usize, columns: usize, rows: usize, k: usize, ids: usize, squares: usize): void {
  const width = columns << 2;
  for (let tile: usize = 0; tile < rows; tile += TILE) {
    const stop = min(tile + TILE, rows);
    for (let row = start; row < end; row++) {
      const offset = (row * k) << 2;
      for (let other = tile; other < stop; other++) consider(points, width, k, ids + offset, squares + offset, row, <u32>other);
    }
  }
}

/** How far along the direction of its node each member lies: member i is in nodeOf[i], 0xffffffff for those that are done. */
export function alongDirections(start: usize, end: usize, points: usize, columns: usize, members: usize, nodeOf: usize, directions: usize, into: usize): void {
  const width = columns << 2;
  for (let index = start; index < end; index++) {
    const node = load<u32>(nodeOf + (index << 2));
    if (node == 0xffffffff) continue;
    const row = <usize>load<u32>(members + (index << 2));
    const dot = dotOf(points + row * width, directions + <usize>node * width, columns);
    // Where float32 overflows there is no order; any will do.
    store<f32>(into + (index << 2), dot == dot ? dot : 0);
  }
}

/**
 * The members of each leaf against each other, every pair once: leaf l holds members[leaves[l] … leaves[l + 1]). A row is in
 * one leaf only, so nobody else writes to its list.
 */
export function nearestInLeaves(start: usize, end: usize, points: usize, columns: usize, k: usize, ids: usize, squares: usize, members: usize, leaves: usize): void {
  const width = columns << 2;
  const last = (k - 1) << 2;
  for (let leaf = start; leaf < end; leaf++) {
    const from = <usize>load<u32>(leaves + (leaf << 2));
    const stop = <usize>load<u32>(leaves + (leaf << 2), 4);
    for (let index = from; index < stop; index++) {
      const row = <usize>load<u32>(members + (index << 2));
      const mine = (row * k) << 2;
      for (let later = index + 1; later < stop; later++) {
        const other = <usize>load<u32>(members + (later << 2));
        const theirs = (other * k) << 2;
        const worst = max(load<f32>(squares + mine + last), load<f32>(squares + theirs + last));
        const square = squareUpTo(points + row * width, points + other * width, columns, worst);
        if (square > worst) continue;
        insert(ids + mine, squares + mine, k, <u32>other, square);
        insert(ids + theirs, squares + theirs, k, <u32>row, square);
      }
    }
  }
}

/** Sets `fresh` (one byte per entry) to 1 where a list has a row that the list of one round before did not have, else to 0. */
export function markFresh(start: usize, end: usize, k: usize, before: usize, now: usize, fresh: usize): void {
  for (let row = start; row < end; row++) {
    const offset = row * k;
    for (let index = offset; index < offset + k; index++) {
      const id = load<u32>(now + (index << 2));
      let known = false;
      for (let other = offset; other < offset + k; other++) {
        if (load<u32>(before + (other << 2)) == id) {
          known = true;
          break;
        }
      }
      store<u8>(fresh + index, known ? 0 : 1);
    }
  }
}

const MET_ROWS: usize = 64;
const MET_BYTES: usize = 2048;

/** Whether a row isn't in a table of rows, where it is from then on; another one may have to leave for it. */
function isNew(table: usize, row: u32): bool {
  const entry = table + (((row * 0x9e3779b1) >> 23) << 2);
  if (load<u32>(entry) == row) return false;
  store<u32>(entry, row);
  return true;
}

/**
 * One round of neighbours' neighbours (Dong, Moses and Li 2011): reads the old lists, writes new ones, so that the order
 * of rows doesn't matter. Goes by the first `hops` neighbours and the first `hops` rows that a row is a neighbour of (their
 * entries in `reverse` carry freshness in bit 31), and only over pairs of steps of which one is fresh: the others met before.
 * Most rows are reached several times: `met` remembers the last ones, MET_BYTES for every MET_ROWS rows, which is how many a
 * block has; a row that is forgotten is only measured again.
 */
export function nearestByHops(
  start: usize, end: usize, points: usize, columns: usize, k: usize, ids: usize, squares: usize,
  reverse: usize, hops: usize, newIds: usize, newSquares: usize, fresh: usize, met: usize,
): void {
  const width = columns << 2;
  const table = met + (start / MET_ROWS) * MET_BYTES;
  for (let row = start; row < end; row++) {
    const offset = (row * k) << 2;
    const mine = newIds + offset;
    const mySquares = newSquares + offset;
    memory.copy(mine, ids + offset, k << 2);
    memory.copy(mySquares, squares + offset, k << 2);
    memory.fill(table, 0xff, MET_BYTES);
    for (let index: usize = 0; index < k; index++) isNew(table, load<u32>(mine + (index << 2)));
    for (let side = 0; side < 2; side++) {
      const list = side == 0 ? ids + offset : reverse + ((row * hops) << 2);
      for (let hop: usize = 0; hop < hops; hop++) {
        if (side == 0 && hop >= k) break;
        let over = load<u32>(list + (hop << 2));
        if (over == 0xffffffff) break;
        const first = side == 0 ? <u32>load<u8>(fresh + row * k + hop) : over >> 31;
        over &= 0x7fffffff;
        if (side == 1 && first != 0 && isNew(table, over)) consider(points, width, k, mine, mySquares, row, over);
        const theirs = ids + ((<usize>over * k) << 2);
        const theirFresh = fresh + <usize>over * k;
        for (let index: usize = 0; index < k; index++) {
          if ((first | <u32>load<u8>(theirFresh + index)) == 0) continue;
          const other = load<u32>(theirs + (index << 2));
          if (other == 0xffffffff) break;
          if (isNew(table, other)) consider(points, width, k, mine, mySquares, row, other);
        }
      }
    }
  }
}

/** Queries against all rows; the lists belong to the queries. Exact in float32. */
export function nearestAmong(
  start: usize, end: usize, queries: usize, points: usize, columns: usize, rows: usize, k: usize, ids: usize, squares: usize,
): void {
  const width = columns << 2;
  for (let tile: usize = 0; tile < rows; tile += TILE) {
    const stop = min(tile + TILE, rows);
    for (let query = start; query < end; query++) {
      const mine = ids + ((query * k) << 2);
      const mySquares = squares + ((query * k) << 2);
      const x = queries + query * width;
      for (let other = tile; other < stop; other++) {
        const worst = load<f32>(mySquares + ((k - 1) << 2));
        const square = squareUpTo(x, points + other * width, columns, worst);
        if (square <= worst) insert(mine, mySquares, k, <u32>other, square);
      }
    }
  }
}
