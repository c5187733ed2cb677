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
  exact: usize; // float64 per row: the exact least square where centres nearly tie, else NaN
  centres: usize; // uint32 per centre: its row
  shadows: usize; // float32 × 16 per row: a map that never lengthens a distance, or 0
  centreShadows: usize; // the same per centre, side by side
  weights: usize; // float64 per row, or 0
  basis: usize; // float32, 15 × columns: orthonormal rows
  origin: usize; // float32 per column
  relative: f64; // three times the largest relative error of a float32 square
  absolute: f64; // and the absolute one, for squares that underflow
  slack: f64; // how much a distance between shadows may be too large
  links: usize; // one row of bits per centre: which later centres could take rows from it; or 0
  linkBytes: usize; // length of such a row, a multiple of 8
  linked: u32; // how many centres the bits speak about
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
  const known = load<f64>(h.exact + (row << 3));
  if (known == known) return known;
  const square = exactTo(h, row, load<u32>(h.owner + (row << 2)));
  store<f64>(h.exact + (row << 3), square);
  return square;
}

function shadowLimit(h: Header, nearest: f32): f32 {
  const reach = Math.sqrt(<f64>nearest * (1 + h.relative) + h.absolute) + h.slack;
  return <f32>(reach * reach * (1 + 1e-5));
}

/**
 * Brings the rows list[start … end) up to date with the first `count` centres, but leaves a row alone as soon as its
 * weighted square is below `limit`: it then remembers how far it got.
 */
export function catchUp(start: usize, end: usize, header: usize, list: usize, count: u32, limit: f64): void {
  const h = changetype<Header>(header);
  const columns = h.columns;
  const width = columns << 2;
  const points = h.points;
  const centres = h.centres;
  const shadows = h.shadows;
  const centreShadows = h.centreShadows;
  const weights = h.weights;
  const linked: u32 = h.links == 0 ? 0 : min<u32>(h.linked, count);
  for (let index = start; index < end; index++) {
    const row = <usize>load<u32>(list + (index << 2));
    let nearest = load<f32>(h.nearest + (row << 2));
    let seen = load<u32>(h.seen + (row << 2));
    // Below by float32 and below by float64 are told apart where picks are made; here any consistent rule will do.
    const weight = weights == 0 ? 1 : load<f64>(weights + (row << 3));
    if (<f64>nearest * weight < limit) continue;
    const x = points + row * width;
    let far = <f32>(<f64>nearest * (1 + h.relative) + h.absolute);
    let near = <f32>(<f64>nearest * (1 - h.relative) - h.absolute);
    let shadowFar = shadowLimit(h, nearest);
    const shadow = shadows + (row << 6);
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    if (shadows != 0) {
      s0 = v128.load(shadow);
      s1 = v128.load(shadow, 16);
      s2 = v128.load(shadow, 32);
      s3 = v128.load(shadow, 48);
    }
    let links = h.links + <usize>load<u32>(h.owner + (row << 2)) * h.linkBytes;
    while (seen < count) {
      if (seen < linked) {
        // On to the next centre that could be nearer than this row's own: 64 at a look.
        const word = load<u64>(links + (<usize>(seen >> 6) << 3)) >> <u64>(seen & 63);
        if (word == 0) {
          seen = min((seen | 63) + 1, linked);
          continue;
        }
        seen += <u32>ctz(word);
        if (seen >= linked) {
          seen = linked;
          continue;
        }
      }
      const centre = <usize>seen;
      seen++;
      if (shadows != 0) {
        const other = centreShadows + (centre << 6);
        const d0 = f32x4.sub(s0, v128.load(other));
        const d1 = f32x4.sub(s1, v128.load(other, 16));
        const d2 = f32x4.sub(s2, v128.load(other, 32));
        const d3 = f32x4.sub(s3, v128.load(other, 48));
        const sum = f32x4.add(
          f32x4.add(f32x4.mul(d0, d0), f32x4.mul(d1, d1)),
          f32x4.add(f32x4.mul(d2, d2), f32x4.mul(d3, d3)),
        );
        if (sum4(sum) > shadowFar) continue;
      }
      const other = <usize>load<u32>(centres + (centre << 2));
      const square = squareUpTo(x, points + other * width, columns, far);
      if (square > far) continue;
      if (square < near) {
        store<u32>(h.owner + (row << 2), <u32>centre);
        links = h.links + centre * h.linkBytes;
        store<f64>(h.exact + (row << 3), NaN);
      } else {
        // Too close to call in float32: keep the exact least square of all that tie.
        const before = exactNearest(header, row);
        const now = exactTo(h, row, centre);
        if (now < before) store<f64>(h.exact + (row << 3), now);
      }
      if (square < nearest) {
        nearest = square;
        far = <f32>(<f64>nearest * (1 + h.relative) + h.absolute);
        near = <f32>(<f64>nearest * (1 - h.relative) - h.absolute);
        shadowFar = shadowLimit(h, nearest);
        if (<f64>nearest * weight < limit) break;
      }
    }
    store<f32>(h.nearest + (row << 2), nearest);
    store<u32>(h.seen + (row << 2), seen);
  }
}

/** Keeps those of the list whose weighted square is at least `limit`, in order. Returns how many. */
export function keepAtLeast(header: usize, list: usize, length: usize, limit: f64, into: usize): usize {
  const h = changetype<Header>(header);
  let kept: usize = 0;
  for (let index: usize = 0; index < length; index++) {
    const row = <usize>load<u32>(list + (index << 2));
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
    const row = <usize>load<u32>(list + (index << 2));
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
    const row = <usize>load<u32>(list + (index << 2));
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
 * Links for the centres `from` … `to` − 1: bit t in the row of centre j < t is set unless their squared distance is above
 * `limit`. With a limit of 0 or more every pair is measured, otherwise all are linked.
 */
export function link(start: usize, end: usize, header: usize, from: usize, to: usize, limit: f64): void {
  const h = changetype<Header>(header);
  const width = h.columns << 2;
  const reach = Math.sqrt(limit) + h.slack;
  const shadowLimit = <f32>(reach * reach * (1 + 1e-5));
  for (let j = start; j < end; j++) {
    const bits = h.links + j * h.linkBytes;
    const x = h.points + <usize>load<u32>(h.centres + (j << 2)) * width;
    for (let t = max(from, j + 1); t < to; t++) {
      if (limit >= 0) {
        if (h.shadows != 0 && squareUpTo(h.centreShadows + (j << 6), h.centreShadows + (t << 6), 16, shadowLimit) > shadowLimit) continue;
        const y = h.points + <usize>load<u32>(h.centres + (t << 2)) * width;
        if (<f64>squareUpTo(x, y, h.columns, <f32>limit) > limit) continue;
      }
      const place = bits + ((t >> 6) << 3);
      store<u64>(place, load<u64>(place) | (<u64>1 << <u64>(t & 63)));
    }
  }
}

/** Sums of columns start … end over the listed rows, in float64 and in the order of the list. */
export function sumColumns(start: usize, end: usize, header: usize, list: usize, length: usize, into: usize): void {
  const h = changetype<Header>(header);
  const width = h.columns << 2;
  for (let index: usize = 0; index < length; index++) {
    const row = <usize>load<u32>(list + (index << 2));
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
    const ra = <usize>load<u32>(list + (index << 2));
    const rb = <usize>load<u32>(list + (index << 2), 4);
    const rc = <usize>load<u32>(list + (index << 2), 8);
    const rd = <usize>load<u32>(list + (index << 2), 12);
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
    const row = <usize>load<u32>(list + (index << 2));
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
