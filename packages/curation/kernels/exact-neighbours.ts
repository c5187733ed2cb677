// All rows against all, for exact nearest neighbours: two ways to rule most pairs out, see src/neighbours/exact.ts. What is
// left is measured by `consider`, so both give the same lists.
import { consider, insert } from "./neighbours";
import { squareUpTo, sum4 } from "./distance";

function shadowLimit(worst: f32, slack: f64, relative: f64): f32 {
  const reach = Math.sqrt(<f64>worst * (1 + relative) + 1e-30) + slack;
  return <f32>(reach * reach * (1 + 1e-5));
}

/** Boxes around the shadows of leaves start … end: the least of each of 16 numbers, then the largest. */
export function boxLeaves(start: usize, end: usize, shadows: usize, leaves: usize, boxes: usize): void {
  for (let leaf = start; leaf < end; leaf++) {
    const box = boxes + (leaf << 7);
    const stop = <usize>load<u32>(leaves + (leaf << 2), 4);
    for (let part: usize = 0; part < 64; part += 16) {
      let low = f32x4.splat(Infinity);
      let high = f32x4.splat(-Infinity);
      for (let place = <usize>load<u32>(leaves + (leaf << 2)); place < stop; place++) {
        const v = v128.load(shadows + (place << 6) + part);
        low = f32x4.min(low, v);
        high = f32x4.max(high, v);
      }
      v128.store(box + part, low);
      v128.store(box + part, high, 64);
    }
  }
}

/** How far numbers lie outside of a range, squared. */
function outside(value: v128, low: v128, high: v128): v128 {
  const d = f32x4.max(f32x4.splat(0), f32x4.max(f32x4.sub(low, value), f32x4.sub(value, high)));
  return f32x4.mul(d, d);
}

/**
 * Skips leaves, and then rows, whose shadows (float32 × 16, see farthest.ts) lie too far apart; `slack` is how much these may
 * be off. Shadows and `rowOf` go by places in the order of leaves: leaf l is the places leaves[l] … leaves[l + 1].
 */
export function nearestByShadows(
  start: usize, end: usize, points: usize, columns: usize, k: usize, ids: usize, squares: usize,
  shadows: usize, slack: f64, relative: f64, rowOf: usize, boxes: usize, leaves: usize, leafCount: usize,
): void {
  const width = columns << 2;
  for (let place = start; place < end; place++) {
    const row = <usize>load<u32>(rowOf + (place << 2));
    const offset = (row * k) << 2;
    const worst = squares + offset + ((k - 1) << 2);
    const shadow = shadows + (place << 6);
    const s0 = v128.load(shadow);
    const s1 = v128.load(shadow, 16);
    const s2 = v128.load(shadow, 32);
    const s3 = v128.load(shadow, 48);
    let limit = shadowLimit(load<f32>(worst), slack, relative);
    for (let leaf: usize = 0; leaf < leafCount; leaf++) {
      const box = boxes + (leaf << 7);
      const a = f32x4.add(outside(s0, v128.load(box), v128.load(box, 64)), outside(s1, v128.load(box, 16), v128.load(box, 80)));
      const b = f32x4.add(outside(s2, v128.load(box, 32), v128.load(box, 96)), outside(s3, v128.load(box, 48), v128.load(box, 112)));
      if (sum4(f32x4.add(a, b)) > limit) continue;
      const stop = shadows + (<usize>load<u32>(leaves + (leaf << 2), 4) << 6);
      for (let other = shadows + (<usize>load<u32>(leaves + (leaf << 2)) << 6); other < stop; other += 64) {
        const d0 = f32x4.sub(s0, v128.load(other));
        const d1 = f32x4.sub(s1, v128.load(other, 16));
        const d2 = f32x4.sub(s2, v128.load(other, 32));
        const d3 = f32x4.sub(s3, v128.load(other, 48));
        const sum = f32x4.add(f32x4.add(f32x4.mul(d0, d0), f32x4.mul(d1, d1)), f32x4.add(f32x4.mul(d2, d2), f32x4.mul(d3, d3)));
        if (sum4(sum) > limit) continue;
        consider(points, width, k, ids + offset, squares + offset, row, load<u32>(rowOf + ((other - shadows) >> 4)));
        limit = shadowLimit(load<f32>(worst), slack, relative);
      }
    }
  }
}

/** Squared lengths of rows, in float32. */
export function squaredLengths(start: usize, end: usize, points: usize, columns: usize, lengths: usize): void {
  for (let row = start; row < end; row++) {
    let sum: f64 = 0;
    const x = points + ((row * columns) << 2);
    for (let column: usize = 0; column < columns; column++) {
      const value = <f64>load<f32>(x + (column << 2));
      sum += value * value;
    }
    store<f32>(lengths + (row << 2), <f32>sum);
  }
}

/** The sums of the lanes of four vectors. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 1, 4, 5), v128.shuffle<f32>(c, d, 2, 3, 6, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
}

/** Bytes of rows that one side of a tile takes at most, so that they stay in the nearest cache. */
const SLICE_BYTES: usize = 16384;

/** Two rows meet: both lists take the other row if it is near enough. `worsts` holds the last square of each list. */
function meet(points: usize, width: usize, k: usize, ids: usize, squares: usize, worsts: usize, row: usize, other: usize): void {
  const worst = load<f32>(worsts + (row << 2));
  const otherWorst = load<f32>(worsts + (other << 2));
  const square = squareUpTo(points + row * width, points + other * width, width >> 2, max(worst, otherWorst));
  const last = (k - 1) << 2;
  if (square <= worst) {
    const list = (row * k) << 2;
    insert(ids + list, squares + list, k, <u32>other, square);
    store<f32>(worsts + (row << 2), load<f32>(squares + list + last));
  }
  if (square <= otherWorst) {
    const list = (other * k) << 2;
    insert(ids + list, squares + list, k, <u32>row, square);
    store<f32>(worsts + (other << 2), load<f32>(squares + list + last));
  }
}

/** Copies the last square of each list. */
export function copyWorsts(start: usize, end: usize, k: usize, squares: usize, worsts: usize): void {
  for (let row = start; row < end; row++) store<f32>(worsts + (row << 2), load<f32>(squares + ((row * k + k - 1) << 2)));
}

/**
 * Lets blocks of rows meet in pairs, so that every pair of rows is multiplied once and serves both lists. A round pairs each
 * block with one other (rounds of a tournament, by the circle method), so that nobody else writes to its lists; round
 * 0xffffffff pairs each with itself. Entry i of a round is its i-th pair. Skips pairs of rows whose |x|² + |y|² − 2xy is too
 * large, computed for two rows and four others at a time; `share` is what of |x|² + |y|² rounding can't make up. Columns and
 * rows of a block are multiples of 4.
 */
export function meetInTiles(
  start: usize, end: usize, points: usize, columns: usize, rows: usize, k: usize, ids: usize, squares: usize, lengths: usize, share: f32,
  worsts: usize, blockRows: usize, round: u32,
): void {
  const blocks = (rows + blockRows - 1) / blockRows;
  // An odd number of blocks has one that sits out.
  const circle = (blocks - 1) | 1;
  for (let pair = start; pair < end; pair++) {
    let first = pair;
    let second = pair;
    if (round != 0xffffffff) {
      first = pair == 0 ? circle : (<usize>round + pair) % circle;
      second = pair == 0 ? <usize>round : (<usize>round + circle - pair) % circle;
      if (first >= blocks || second >= blocks) continue;
    }
    meetBlocks(points, columns, rows, k, ids, squares, lengths, share, worsts, first * blockRows, second * blockRows, blockRows);
  }
}

function meetBlocks(
  points: usize, columns: usize, rows: usize, k: usize, ids: usize, squares: usize, lengths: usize, share: f32, worsts: usize,
  from: usize, otherFrom: usize, blockRows: usize,
): void {
  const width = columns << 2;
  const kept = f32x4.splat(share);
  const two = f32x4.splat(2);
  const itself = from == otherFrom;
  const end = min(from + blockRows, rows);
  const otherEnd = min(otherFrom + blockRows, rows);
  const otherEnd4 = otherFrom + ((otherEnd - otherFrom) & ~3);
  const sliceRows = max<usize>(4, (SLICE_BYTES / width) & ~3);
  for (let slice = otherFrom; slice < otherEnd4; slice += sliceRows) {
    const stop = min(slice + sliceRows, otherEnd4);
    for (let row = from; row < end; row += 2) {
      const second = min(row + 1, end - 1);
      const lengthA = v128.load_splat<f32>(lengths + (row << 2));
      const lengthB = v128.load_splat<f32>(lengths + (second << 2));
      const toB = (second - row) * width;
      const y2 = width << 1;
      const y3 = y2 + width;
      for (let other = itself ? max(slice, row & ~3) : slice; other < stop; other += 4) {
        let x = points + row * width;
        let y = points + other * width;
        let a0 = f32x4.splat(0);
        let a1 = a0;
        let a2 = a0;
        let a3 = a0;
        let b0 = a0;
        let b1 = a0;
        let b2 = a0;
        let b3 = a0;
        for (const last = x + width; x < last; x += 16, y += 16) {
          const p = v128.load(x);
          const q = v128.load(x + toB);
          const r0 = v128.load(y);
          const r1 = v128.load(y + width);
          const r2 = v128.load(y + y2);
          const r3 = v128.load(y + y3);
          a0 = f32x4.add(a0, f32x4.mul(p, r0));
          a1 = f32x4.add(a1, f32x4.mul(p, r1));
          a2 = f32x4.add(a2, f32x4.mul(p, r2));
          a3 = f32x4.add(a3, f32x4.mul(p, r3));
          b0 = f32x4.add(b0, f32x4.mul(q, r0));
          b1 = f32x4.add(b1, f32x4.mul(q, r1));
          b2 = f32x4.add(b2, f32x4.mul(q, r2));
          b3 = f32x4.add(b3, f32x4.mul(q, r3));
        }
        const theirs = v128.load(lengths + (other << 2));
        const theirWorsts = v128.load(worsts + (other << 2));
        const fromA = f32x4.sub(f32x4.mul(f32x4.add(lengthA, theirs), kept), f32x4.mul(two, sums(a0, a1, a2, a3)));
        const fromB = f32x4.sub(f32x4.mul(f32x4.add(lengthB, theirs), kept), f32x4.mul(two, sums(b0, b1, b2, b3)));
        let near = i32x4.bitmask(f32x4.le(fromA, f32x4.max(theirWorsts, v128.load_splat<f32>(worsts + (row << 2)))));
        for (; near != 0; near &= near - 1) {
          const met = other + ctz(near);
          if (!itself || met > row) meet(points, width, k, ids, squares, worsts, row, met);
        }
        if (second == row) continue;
        near = i32x4.bitmask(f32x4.le(fromB, f32x4.max(theirWorsts, v128.load_splat<f32>(worsts + (second << 2)))));
        for (; near != 0; near &= near - 1) {
          const met = other + ctz(near);
          if (!itself || met > second) meet(points, width, k, ids, squares, worsts, second, met);
        }
      }
    }
  }
  for (let row = from; row < end; row++) {
    for (let other = itself ? max(otherEnd4, row + 1) : otherEnd4; other < otherEnd; other++) meet(points, width, k, ids, squares, worsts, row, other);
  }
}
