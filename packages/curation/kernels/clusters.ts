// k-means (see src/clusters/k-means.ts): assignment with Hamerly's bounds, and means in a fixed order.
import { exactSquare, squareUpTo } from "./distance";

// @ts-ignore: decorator
@unmanaged
class Assignment {
  points: usize; // float32 rows
  columns: usize;
  centres: usize; // float32 × columns per centre
  count: usize; // how many centres
  labels: usize; // uint32 per row
  upper: usize; // float64 per row: at least the distance to its own centre
  lower: usize; // float64 per row: at most the distance to every other centre
  gaps: usize; // float32, count × count: at most the distance between two centres
  half: usize; // float64 per centre: half the distance to the nearest other one, at most
  drifts: usize; // float64 per centre: how far it moved last, at least
  changed: usize; // uint32 per row: 1 when its label is another than before
  most: u32; // the centre that moved most
  padding: u32;
  mostDrift: f64; // how far that was, at least
  nextDrift: f64; // the same for all other centres
  relative: f64; // largest relative error of a float32 square
  absolute: f64; // and the absolute one
}

/** Lowers the least squared distance of rows by a new centre. */
export function lessen(start: usize, end: usize, points: usize, columns: usize, centre: usize, least: usize): void {
  for (let row = start; row < end; row++) {
    const known = load<f32>(least + (row << 2));
    const square = squareUpTo(points + row * (columns << 2), centre, columns, known);
    if (square < known) store<f32>(least + (row << 2), square);
  }
}

/** For centres start … end: the lower bounds of their distances to all others, and half the least of those. */
export function centreGaps(start: usize, end: usize, header: usize): void {
  const h = changetype<Assignment>(header);
  const width = h.columns << 2;
  for (let one = start; one < end; one++) {
    let least: f64 = Infinity;
    for (let other: usize = 0; other < h.count; other++) {
      if (other == one) continue;
      const square = <f64>squareUpTo(h.centres + one * width, h.centres + other * width, h.columns, Infinity);
      const gap = Math.sqrt(max<f64>(0, square * (1 - h.relative) - h.absolute)) * (1 - 1e-6);
      store<f32>(h.gaps + ((one * h.count + other) << 2), <f32>gap);
      least = min(least, gap);
    }
    store<f64>(h.half + (one << 3), least / 2);
  }
}

/** The nearest centre by exact squares, ties to the lower one, among those whose float32 square is at most `limit`. */
function exactBest(h: Assignment, x: usize, limit: f32): u32 {
  const width = h.columns << 2;
  let best: f64 = Infinity;
  let result: u32 = 0;
  for (let centre: usize = 0; centre < h.count; centre++) {
    if (squareUpTo(x, h.centres + centre * width, h.columns, limit) > limit) continue;
    const square = exactSquare(x, h.centres + centre * width, h.columns);
    if (square < best) {
      best = square;
      result = <u32>centre;
    }
  }
  return result;
}

/** Gives rows start … end their nearest centre. */
export function assignCentres(start: usize, end: usize, header: usize): void {
  const h = changetype<Assignment>(header);
  const width = h.columns << 2;
  for (let row = start; row < end; row++) {
    const label = load<u32>(h.labels + (row << 2));
    const x = h.points + row * width;
    let upper = (load<f64>(h.upper + (row << 3)) + load<f64>(h.drifts + (<usize>label << 3))) * (1 + 1e-12);
    const lower = (load<f64>(h.lower + (row << 3)) - (label == h.most ? h.nextDrift : h.mostDrift)) * (1 - 1e-12);
    store<f64>(h.lower + (row << 3), lower);
    store<f64>(h.upper + (row << 3), upper);
    const bound = max(lower, load<f64>(h.half + (<usize>label << 3)));
    if (upper < bound) continue;
    const own = squareUpTo(x, h.centres + <usize>label * width, h.columns, Infinity);
    upper = Math.sqrt(<f64>own * (1 + h.relative) + h.absolute) * (1 + 1e-12);
    store<f64>(h.upper + (row << 3), upper);
    if (upper < bound) continue;

    let best = own;
    let next: f32 = Infinity;
    let now = label;
    const gaps = h.gaps + ((<usize>label * h.count) << 2);
    let reach: f64 = Infinity;
    for (let centre: usize = 0; centre < h.count; centre++) {
      // The triangle: a centre that far from the row's own is farther from the row than two others.
      if (<u32>centre == label || <f64>load<f32>(gaps + (centre << 2)) > reach) continue;
      const square = squareUpTo(x, h.centres + centre * width, h.columns, next);
      if (square >= next) continue;
      if (square < best) {
        next = best;
        best = square;
        now = <u32>centre;
      } else {
        next = square;
      }
      reach = (upper + Math.sqrt(<f64>next * (1 + h.relative) + h.absolute)) * (1 + 1e-9);
    }
    let other: f64 = next;
    const most = <f64>best * (1 + h.relative) + h.absolute;
    if (<f64>next * (1 - h.relative) - h.absolute <= most) {
      now = exactBest(h, x, <f32>((most * (1 + h.relative) + h.absolute) * (1 + 2 * h.relative)));
      other = best;
      store<f64>(h.upper + (row << 3), Infinity);
    } else {
      store<f64>(h.upper + (row << 3), Math.sqrt(most) * (1 + 1e-12));
    }
    store<f64>(h.lower + (row << 3), Math.sqrt(max<f64>(0, other * (1 - h.relative) - h.absolute)) * (1 - 1e-12));
    if (now != label) {
      store<u32>(h.labels + (row << 2), now);
      store<u32>(h.changed + (row << 2), 1);
    }
  }
}

/** Columns of a mean that are summed together. */
const PART: usize = 32;

/**
 * Means of the clusters in `list`, in float64, rows ascending. Entry e is part e % parts of the columns of cluster
 * list[e / parts]; members[starts[c] … starts[c + 1]) are the rows of cluster c, `sums` float64 × columns per cluster.
 */
export function meansOf(
  start: usize, end: usize, points: usize, columns: usize, list: usize, members: usize, starts: usize, sums: usize, centres: usize,
): void {
  const parts = (columns + PART - 1) / PART;
  for (let entry = start; entry < end; entry++) {
    const cluster = <usize>load<u32>(list + ((entry / parts) << 2));
    const from = (entry % parts) * PART;
    const to = min(from + PART, columns);
    const first = <usize>load<u32>(starts + (cluster << 2));
    const last = <usize>load<u32>(starts + (cluster << 2), 4);
    const sum = sums + ((cluster * columns) << 3);
    const centre = centres + ((cluster * columns) << 2);
    memory.fill(sum + (from << 3), 0, (to - from) << 3);
    for (let index = first; index < last; index++) {
      const row = points + ((<usize>load<u32>(members + (index << 2)) * columns) << 2);
      for (let column = from; column < to; column++) {
        const at = sum + (column << 3);
        store<f64>(at, load<f64>(at) + <f64>load<f32>(row + (column << 2)));
      }
    }
    const size = <f64>(last - first);
    for (let column = from; column < to; column++) store<f32>(centre + (column << 2), <f32>(load<f64>(sum + (column << 3)) / size));
  }
}
