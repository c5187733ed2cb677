// All rows against all, for exact nearest neighbours: two ways to rule most pairs out, see src/neighbours/exact.ts. What is
// left is measured by `consider`, so both give the same lists.
import { consider } from "./neighbours";
import { sum4 } from "./distance";

/** Rows of a tile: small enough for the nearest cache at some hundred columns. */
const TILE: usize = 128;

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

/**
 * Skips pairs whose |x|² + |y|² − 2xy is too large, computed for two rows and four others at a time; `share` is what of
 * |x|² + |y|² rounding can't make up. Columns are a multiple of 4.
 */
export function nearestByTiles(
  start: usize, end: usize, points: usize, columns: usize, rows: usize, k: usize, ids: usize, squares: usize, lengths: usize, share: f32,
): void {
  const width = columns << 2;
  const kept = f32x4.splat(share);
  const two = f32x4.splat(2);
  for (let tile: usize = 0; tile < rows; tile += TILE) {
    const stop = min(tile + TILE, rows);
    const stop4 = tile + ((stop - tile) & ~3);
    for (let row = start; row < end; row += 2) {
      const second = min(row + 1, end - 1);
      const listA = (row * k) << 2;
      const listB = (second * k) << 2;
      const worstA = squares + listA + ((k - 1) << 2);
      const worstB = squares + listB + ((k - 1) << 2);
      const lengthA = v128.load_splat<f32>(lengths + (row << 2));
      const lengthB = v128.load_splat<f32>(lengths + (second << 2));
      let other = tile;
      for (; other < stop4; other += 4) {
        let x = points + row * width;
        const toB = (second - row) * width;
        let y = points + other * width;
        const y2 = width << 1;
        const y3 = y2 + width;
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
        const fromA = f32x4.sub(f32x4.mul(f32x4.add(lengthA, theirs), kept), f32x4.mul(two, sums(a0, a1, a2, a3)));
        const fromB = f32x4.sub(f32x4.mul(f32x4.add(lengthB, theirs), kept), f32x4.mul(two, sums(b0, b1, b2, b3)));
        let near = i32x4.bitmask(f32x4.le(fromA, v128.load_splat<f32>(worstA)));
        for (; near != 0; near &= near - 1) consider(points, width, k, ids + listA, squares + listA, row, <u32>(other + ctz(near)));
        if (second == row) continue;
        near = i32x4.bitmask(f32x4.le(fromB, v128.load_splat<f32>(worstB)));
        for (; near != 0; near &= near - 1) consider(points, width, k, ids + listB, squares + listB, second, <u32>(other + ctz(near)));
      }
      for (; other < stop; other++) {
        consider(points, width, k, ids + listA, squares + listA, row, <u32>other);
        if (second != row) consider(points, width, k, ids + listB, squares + listB, second, <u32>other);
      }
    }
  }
}
