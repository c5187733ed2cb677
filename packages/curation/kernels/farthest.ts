// The inner loops of farthest-first (see src/selection/farthest.ts for the method). Every function takes the address of
// a header; its fields are written by src/selection/farthest.ts in this order.
import { exactScaledSquare, exactSquare, squareUpTo, sum4 } from "./distance";

// @ts-ignore: decorator
@unmanaged
class Header {
  points: usize; // float32 rows that the bulk works on (for cosine: scaled to length 1)
  source: usize; // float32 rows as given, for exact distances
  scales: usize; // float64 per row that `source` is multiplied with, or 0
  columns: usize;
  nearest: usize; // float32 per row: least squared distance so far; −1 for rows that take no part
  owner: usize; // uint32 per row: which centre that was
  seen: usize; // uint32 per row: how many centres have been looked at
  exact: usize; // float64 per row: minus the exact least square where centres nearly tie, else all bits 0: most of it is never written to, and so takes no memory
  centres: usize; // uint32 per centre: its row
  shadows: usize; // float32 × 16 per row: a map that never lengthens a distance, or 0
  centreShadows: usize; // the same per centre, side by side
  weights: usize; // float64 per row, or 0
  basis: usize; // float32, 15 × columns: orthonormal rows
  origin: usize; // float32 per column
  relative: f64; // three times the largest relative error of a float32 square
  absolute: f64; // and the absolute one, for squares that underflow
  slack: f64; // how much a distance between shadows may be too large
  links: usize; // per pair of centres one byte, row by row: their distance in steps, rounded down; or 0
  linkBytes: usize; // length of such a row, a multiple of 16
  linked: u32; // how many centres the bytes speak about
  children: usize; // uint32 × 2 per centre: its latest child and its next older sibling, each + 1, 0 for none
  step: f64; // the distance that one step stands for
}

/** An entry of a list of rows; the list 0 is that of all rows. */
function rowAt(list: usize, index: usize): usize {
  return list == 0 ? index : <usize>load<u32>(list + (index << 2));
}

function exactTo(h: Header, row: usize, centre: usize): f64 {
  const width = h.columns << 2;
  const other = <usize>load<u32>(h.centres + (centre << 2));
  const x = h.source + row * width;
  const y = h.source + other * width;
  if (h.scales == 0) return exactSquare(x, y, h.columns);
  return exactScaledSquare(x, y, h.columns, load<f64>(h.scales + (row << 3)), load<f64>(h.scales + (other << 3)));
}

/** The exact squared distance of a row to its nearest centre among those it has seen. */
export function exactNearest(header: usize, row: usize): f64 {
  const h = changetype<Header>(header);
  const place = h.exact + (row << 3);
  if (load<u64>(place) != 0) return -load<f64>(place);
  const square = exactTo(h, row, load<u32>(h.owner + (row << 2)));
  // −0 has a bit.
  store<f64>(place, -square);
  return square;
}

function shadowLimit(h: Header, nearest: f32): f32 {
  const reach = Math.sqrt(<f64>nearest * (1 + h.relative) + h.absolute) + h.slack;
  return <f32>(reach * reach * (1 + 1e-5));
}

/** From how many steps on a centre is too far from a row's own centre to be nearer to the row. */
function linkLimit(h: Header, nearest: f32): u32 {
  const own = Math.sqrt(<f64>nearest * (1 + h.relative) + h.absolute);
  const error = 4 * Math.sqrt(h.absolute);
  return <u32>min<f64>(255, Math.ceil((2 * own * (1 + h.relative) + error) / h.step));
}

/**
 * Measures a row against a centre, `far` being the largest square that still matters to it and `shadowFar` the same for
 * shadows. True when the row's least square became smaller.
 */
function consider(h: Header, row: usize, centre: u32, far: f32, shadowFar: f32): bool {
  if (h.shadows != 0) {
    const shadow = h.shadows + (row << 6);
    const other = h.centreShadows + (<usize>centre << 6);
    const d0 = f32x4.sub(v128.load(shadow), v128.load(other));
    const d1 = f32x4.sub(v128.load(shadow, 16), v128.load(other, 16));
    const d2 = f32x4.sub(v128.load(shadow, 32), v128.load(other, 32));
    const d3 = f32x4.sub(v128.load(shadow, 48), v128.load(other, 48));
    const sum = f32x4.add(
      f32x4.add(f32x4.mul(d0, d0), f32x4.mul(d1, d1)),
      f32x4.add(f32x4.mul(d2, d2), f32x4.mul(d3, d3)),
    );
    if (sum4(sum) > shadowFar) return false;
  }
  const width = h.columns << 2;
  const other = <usize>load<u32>(h.centres + (<usize>centre << 2));
  const square = squareUpTo(h.points + row * width, h.points + other * width, h.columns, far);
  if (square > far) return false;
  const nearest = load<f32>(h.nearest + (row << 2));
  if (square < <f32>(<f64>nearest * (1 - h.relative) - h.absolute)) {
    store<u32>(h.owner + (row << 2), centre);
    if (load<u64>(h.exact + (row << 3)) != 0) store<u64>(h.exact + (row << 3), 0);
  } else {
    // Too close to call in float32: keep the exact least square of all that tie.
    const before = exactNearest(changetype<usize>(h), row);
    const now = exactTo(h, row, centre);
    if (now < before) store<f64>(h.exact + (row << 3), -now);
  }
  if (square >= nearest) return false;
  store<f32>(h.nearest + (row << 2), square);
  return true;
}

/**
 * Looks through the linked centres from `seen` on, those nearest to the row's own first: most rows only need one centre
 * to be below the limit again, and it is likely there. True as soon as the row's square became smaller. Gives up after
 * `most` centres.
 */
function considerLinked(h: Header, row: usize, seen: u32, linked: u32, far: f32, shadowFar: f32, most: i32): bool {
  const owner = load<u32>(h.owner + (row << 2));
  const links = h.links + <usize>owner * h.linkBytes;
  const end = linkLimit(h, load<f32>(h.nearest + (row << 2)));
  let from: u32 = 0;
  for (let pass = 0; pass < 4; pass++) {
    const to: u32 = pass == 3 ? end : (end * (pass == 0 ? 56 : pass == 1 ? 74 : 96)) >> 7;
    if (to == from) continue;
    const low = i8x16.splat(<u8>from);
    const range = i8x16.splat(<u8>(to - from));
    for (let base = seen & ~15; base < linked; base += 16) {
      // One comparison for both ends: what is below `from` wraps around to something large.
      let close = <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(links + <usize>base), low), range));
      if (base < seen) close &= <u32>-1 << (seen & 15);
      while (close != 0) {
        const centre = base + ctz(close);
        close &= close - 1;
        if (centre >= linked) break;
        if (--most < 0) return false;
        if (centre != owner && consider(h, row, centre, far, shadowFar)) return true;
      }
    }
    from = to;
  }
  return false;
}

/**
 * Looks through the centres that were picked from the cell of the row's own centre, the latest first: what took rows from
 * there may take this one too. True as soon as the row's square became smaller.
 */
function considerChildren(h: Header, row: usize, seen: u32, count: u32, far: f32, shadowFar: f32): bool {
  let child = load<u32>(h.children + (<usize>load<u32>(h.owner + (row << 2)) << 3));
  for (let tries = 0; child > seen && tries < CHILDREN_MAX; tries++) {
    if (child <= count && consider(h, row, child - 1, far, shadowFar)) return true;
    child = load<u32>(h.children + (<usize>(child - 1) << 3), 4);
  }
  return false;
}

/** Centre 0 may have thousands of children where distances mean little; then the search is no better than any. */
const CHILDREN_MAX: i32 = 64;

/**
 * Tries a few likely centres for each of the rows list[start … end), to get it below the limit without looking at all. Rows
 * that this helps are not up to date any more than before.
 */
export function tryFew(start: usize, end: usize, header: usize, list: usize, count: u32, limit: f64, most: i32): void {
  const h = changetype<Header>(header);
  const linked: u32 = h.links == 0 ? 0 : min<u32>(h.linked, count);
  for (let index = start; index < end; index++) {
    const row = rowAt(list, index);
    const weight = h.weights == 0 ? 1 : load<f64>(h.weights + (row << 3));
    const seen = load<u32>(h.seen + (row << 2));
    if (seen == 0 || seen >= count) continue;
    for (;;) {
      const nearest = load<f32>(h.nearest + (row << 2));
      if (<f64>nearest * weight < limit) break;
      const far = <f32>(<f64>nearest * (1 + h.relative) + h.absolute);
      const shadowFar = shadowLimit(h, nearest);
      if (considerChildren(h, row, seen, count, far, shadowFar)) continue;
      if (seen >= linked || load<u32>(h.owner + (row << 2)) >= linked) break;
      if (!considerLinked(h, row, seen, linked, far, shadowFar, most)) break;
    }
  }
}

/** How many centres `tryNearestShadows` measures. */
const GUESSES: i32 = 8;

/**
 * Tries the centres with the nearest shadows for each of the rows list[start … end), to the same end as `tryFew`. `scratch`
 * holds 2 × 8 words per entry of the list.
 */
export function tryNearestShadows(start: usize, end: usize, header: usize, list: usize, count: u32, limit: f64, scratch: usize): void {
  const h = changetype<Header>(header);
  const linked: u32 = h.links == 0 ? 0 : min<u32>(h.linked, count);
  for (let index = start; index < end; index++) {
    const row = rowAt(list, index);
    const weight = h.weights == 0 ? 1 : load<f64>(h.weights + (row << 3));
    const seen = load<u32>(h.seen + (row << 2));
    let nearest = load<f32>(h.nearest + (row << 2));
    if (seen == 0 || <f64>nearest * weight < limit) continue;
    const owner = load<u32>(h.owner + (row << 2));
    const useLinks = owner < linked;
    const links = h.links + <usize>owner * h.linkBytes;
    const near8 = useLinks ? linkLimit(h, nearest) : 0;
    const shadow = h.shadows + (row << 6);
    const s0 = v128.load(shadow);
    const s1 = v128.load(shadow, 16);
    const s2 = v128.load(shadow, 32);
    const s3 = v128.load(shadow, 48);
    const ids = scratch + (index << 6);
    const squares = ids + 32;
    let found = 0;
    let worst: f32 = shadowLimit(h, nearest);
    for (let centre = seen; centre < count; centre++) {
      if (useLinks && centre < linked && <u32>load<u8>(links + <usize>centre) >= near8) continue;
      const other = h.centreShadows + (<usize>centre << 6);
      const d0 = f32x4.sub(s0, v128.load(other));
      const d1 = f32x4.sub(s1, v128.load(other, 16));
      const d2 = f32x4.sub(s2, v128.load(other, 32));
      const d3 = f32x4.sub(s3, v128.load(other, 48));
      const square = sum4(
        f32x4.add(f32x4.add(f32x4.mul(d0, d0), f32x4.mul(d1, d1)), f32x4.add(f32x4.mul(d2, d2), f32x4.mul(d3, d3))),
      );
      if (square >= worst || centre == owner) continue;
      let place = found < GUESSES ? found++ : GUESSES - 1;
      while (place > 0 && load<f32>(squares + ((place - 1) << 2)) > square) {
        store<f32>(squares + (place << 2), load<f32>(squares + ((place - 1) << 2)));
        store<u32>(ids + (place << 2), load<u32>(ids + ((place - 1) << 2)));
        place--;
      }
      store<f32>(squares + (place << 2), square);
      store<u32>(ids + (place << 2), centre);
      if (found == GUESSES) worst = load<f32>(squares + ((GUESSES - 1) << 2));
    }
    for (let guess = 0; guess < found; guess++) {
      const far = <f32>(<f64>nearest * (1 + h.relative) + h.absolute);
      if (!consider(h, row, load<u32>(ids + (guess << 2)), far, shadowLimit(h, nearest))) continue;
      nearest = load<f32>(h.nearest + (row << 2));
      if (<f64>nearest * weight < limit) break;
    }
  }
}

/**
 * Brings the rows list[start … end) up to date with the first `count` centres, but leaves a row alone as soon as its
 * weighted square is below `limit`: it then remembers how far it got.
 */
export function catchUp(start: usize, end: usize, header: usize, list: usize, count: u32, limit: f64): void {
  const h = changetype<Header>(header);
  const linked: u32 = h.links == 0 ? 0 : min<u32>(h.linked, count);
  for (let index = start; index < end; index++) {
    const row = rowAt(list, index);
    // Below by float32 and below by float64 are told apart where picks are made; here any consistent rule will do.
    const weight = h.weights == 0 ? 1 : load<f64>(h.weights + (row << 3));
    let seen = load<u32>(h.seen + (row << 2));
    while (seen < count) {
      const nearest = load<f32>(h.nearest + (row << 2));
      if (<f64>nearest * weight < limit) break;
      const far = <f32>(<f64>nearest * (1 + h.relative) + h.absolute);
      const shadowFar = shadowLimit(h, nearest);
      if (seen > 0 && seen + 1 < count && considerChildren(h, row, seen, count, far, shadowFar)) continue;
      if (seen > 0 && seen < linked && load<u32>(h.owner + (row << 2)) < linked) {
        if (!considerLinked(h, row, seen, linked, far, shadowFar, i32.MAX_VALUE)) seen = linked;
      } else {
        while (seen < count && !consider(h, row, seen++, far, shadowFar)) {}
      }
    }
    store<u32>(h.seen + (row << 2), seen);
  }
}

/** Keeps those of the list whose weighted square is at least `limit`, in order. Returns how many. */
export function keepAtLeast(header: usize, list: usize, length: usize, limit: f64, into: usize): usize {
  const h = changetype<Header>(header);
  let kept: usize = 0;
  for (let index: usize = 0; index < length; index++) {
    const row = rowAt(list, index);
    const weight = h.weights == 0 ? 1 : load<f64>(h.weights + (row << 3));
    if (<f64>load<f32>(h.nearest + (row << 2)) * weight >= limit) store<u32>(into + (kept++ << 2), <u32>row);
  }
  return kept;
}

/** The largest weighted square of the list; −1 when it is empty. */
export function largest(header: usize, list: usize, length: usize): f64 {
  const h = changetype<Header>(header);
  let most: f64 = -1;
  for (let index: usize = 0; index < length; index++) {
    const row = rowAt(list, index);
    const weight = h.weights == 0 ? 1 : load<f64>(h.weights + (row << 3));
    most = max(most, <f64>load<f32>(h.nearest + (row << 2)) * weight);
  }
  return most;
}

/** Counts the list by weighted square into `bins` equal uint32 bins between 0 and `top`; rows that take no part are left out. */
export function histogram(header: usize, list: usize, length: usize, top: f64, bins: usize, into: usize): void {
  const h = changetype<Header>(header);
  const factor = <f64>bins / top;
  for (let index: usize = 0; index < length; index++) {
    const row = rowAt(list, index);
    const weight = h.weights == 0 ? 1 : load<f64>(h.weights + (row << 3));
    const value = <f64>load<f32>(h.nearest + (row << 2)) * weight;
    if (value < 0) continue;
    const place = into + (min(<usize>(value * factor), bins - 1) << 2);
    store<u32>(place, load<u32>(place) + 1);
  }
}

/**
 * Shadows of rows start … end: 15 coordinates in an orthonormal basis and the length of what they leave out. By
 * Pythagoras and the triangle inequality two shadows are never further apart than their rows. Leaves each row's squared
 * distance from the origin in `nearest`.
 */
export function castShadows(start: usize, end: usize, header: usize): void {
  const h = changetype<Header>(header);
  const columns = h.columns;
  const width = columns << 2;
  const vectors = columns & ~3;
  for (let row = start; row < end; row++) {
    const x = h.points + row * width;
    const shadow = h.shadows + (row << 6);
    let length: f64 = 0;
    let column: usize = 0;
    let total = f32x4.splat(0);
    for (; column < vectors; column += 4) {
      const v = f32x4.sub(v128.load(x + (column << 2)), v128.load(h.origin + (column << 2)));
      total = f32x4.add(total, f32x4.mul(v, v));
    }
    length = <f64>sum4(total);
    for (; column < columns; column++) {
      const v = load<f32>(x + (column << 2)) - load<f32>(h.origin + (column << 2));
      length += <f64>(v * v);
    }
    store<f32>(h.nearest + (row << 2), <f32>length);
    for (let axis: usize = 0; axis < 15; axis += 3) {
      const p = h.basis + axis * width;
      const q = p + width;
      const r = q + width;
      let a = f32x4.splat(0);
      let b = a;
      let c = a;
      column = 0;
      for (; column < vectors; column += 4) {
        const v = f32x4.sub(v128.load(x + (column << 2)), v128.load(h.origin + (column << 2)));
        a = f32x4.add(a, f32x4.mul(v, v128.load(p + (column << 2))));
        b = f32x4.add(b, f32x4.mul(v, v128.load(q + (column << 2))));
        c = f32x4.add(c, f32x4.mul(v, v128.load(r + (column << 2))));
      }
      let ta = sum4(a);
      let tb = sum4(b);
      let tc = sum4(c);
      for (; column < columns; column++) {
        const v = load<f32>(x + (column << 2)) - load<f32>(h.origin + (column << 2));
        ta += v * load<f32>(p + (column << 2));
        tb += v * load<f32>(q + (column << 2));
        tc += v * load<f32>(r + (column << 2));
      }
      store<f32>(shadow + (axis << 2), ta);
      store<f32>(shadow + (axis << 2), tb, 4);
      store<f32>(shadow + (axis << 2), tc, 8);
      length -= <f64>ta * ta + <f64>tb * tb + <f64>tc * tc;
    }
    store<f32>(shadow, <f32>Math.sqrt(max(length, 0)), 60);
  }
}

/**
 * Links for the centres `from` … `to` − 1 with all before them, in the rows start … end: how far apart they are, as a
 * lower bound in steps. Measuring stops at the squared distance `limit`, beyond which nobody asks.
 */
export function link(start: usize, end: usize, header: usize, from: usize, to: usize, limit: f64): void {
  const h = changetype<Header>(header);
  const width = h.columns << 2;
  // Float32 squares may be too large by the relative error, and the square root is rounded: both go off here.
  const shrink = (1 - h.relative) / (h.step * h.step);
  const worth = <f32>limit;
  for (let j = start; j < end; j++) {
    const steps = h.links + j * h.linkBytes;
    const x = h.points + <usize>load<u32>(h.centres + (j << 2)) * width;
    for (let t = max(from, j + 1); t < to; t++) {
      const y = h.points + <usize>load<u32>(h.centres + (t << 2)) * width;
      const square = <f64>squareUpTo(x, y, h.columns, worth) * shrink;
      store<u8>(steps + t, <u8>min<f64>(255, Math.sqrt(square)));
    }
  }
}

/** Writes the links of pairs also the other way round: rows `from` + start … `from` + end from the columns. */
export function mirror(start: usize, end: usize, header: usize, from: usize): void {
  const h = changetype<Header>(header);
  for (let t = from + start; t < from + end; t++) {
    const steps = h.links + t * h.linkBytes;
    for (let j: usize = 0; j < t; j++) store<u8>(steps + j, load<u8>(h.links + j * h.linkBytes + t));
  }
}

/** Sums of columns start … end over the listed rows, in float64 and in the order of the list. */
export function sumColumns(start: usize, end: usize, header: usize, list: usize, length: usize, into: usize): void {
  const h = changetype<Header>(header);
  const width = h.columns << 2;
  for (let index: usize = 0; index < length; index++) {
    const row = rowAt(list, index);
    const scale = h.scales == 0 ? 1 : load<f64>(h.scales + (row << 3));
    const x = h.source + row * width;
    for (let column = start; column < end; column++) {
      const place = into + (column << 3);
      store<f64>(place, load<f64>(place) + <f64>load<f32>(x + (column << 2)) * scale);
    }
  }
}

/** Squared distances of the rows list[start … end) to a float64 point, one float64 term after the other. */
export function squaresTo(start: usize, end: usize, header: usize, list: usize, point: usize, into: usize): void {
  const h = changetype<Header>(header);
  const columns = h.columns;
  const width = columns << 2;
  let index = start;
  // Four rows side by side: each sum waits for its last addition, but not for the others'.
  for (; index + 4 <= end; index += 4) {
    const ra = rowAt(list, index);
    const rb = rowAt(list, index + 1);
    const rc = rowAt(list, index + 2);
    const rd = rowAt(list, index + 3);
    const sa = h.scales == 0 ? 1 : load<f64>(h.scales + (ra << 3));
    const sb = h.scales == 0 ? 1 : load<f64>(h.scales + (rb << 3));
    const sc = h.scales == 0 ? 1 : load<f64>(h.scales + (rc << 3));
    const sd = h.scales == 0 ? 1 : load<f64>(h.scales + (rd << 3));
    const xa = h.source + ra * width;
    const xb = h.source + rb * width;
    const xc = h.source + rc * width;
    const xd = h.source + rd * width;
    let a: f64 = 0;
    let b: f64 = 0;
    let c: f64 = 0;
    let d: f64 = 0;
    for (let column: usize = 0; column < columns; column++) {
      const p = load<f64>(point + (column << 3));
      const da = <f64>load<f32>(xa + (column << 2)) * sa - p;
      const db = <f64>load<f32>(xb + (column << 2)) * sb - p;
      const dc = <f64>load<f32>(xc + (column << 2)) * sc - p;
      const dd = <f64>load<f32>(xd + (column << 2)) * sd - p;
      a += da * da;
      b += db * db;
      c += dc * dc;
      d += dd * dd;
    }
    store<f64>(into + (index << 3), a);
    store<f64>(into + (index << 3), b, 8);
    store<f64>(into + (index << 3), c, 16);
    store<f64>(into + (index << 3), d, 24);
  }
  for (; index < end; index++) {
    const row = rowAt(list, index);
    const scale = h.scales == 0 ? 1 : load<f64>(h.scales + (row << 3));
    const x = h.source + row * width;
    let sum: f64 = 0;
    for (let column: usize = 0; column < columns; column++) {
      const difference = <f64>load<f32>(x + (column << 2)) * scale - load<f64>(point + (column << 3));
      sum += difference * difference;
    }
    store<f64>(into + (index << 3), sum);
  }
}
