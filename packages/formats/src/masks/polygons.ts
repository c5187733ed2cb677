import { MASK_PIXELS_MAX, RunLengthBuilder } from "./run-lengths.ts";

/** Edges are followed row by row; polygons that would take more steps than this are no outlines of objects. */
const CROSSINGS_MAX = 50_000_000;

/**
 * Run lengths of the area inside polygons, taken together. A pixel is inside when its centre is; where a polygon crosses
 * itself, the rule is even-odd. (COCO's own tools round outlines differently, by up to a pixel.)
 * @param polygons corners as x, y, x, y, … in pixels, three corners or more each
 * @throws RangeError for a polygon with fewer corners, an odd number of values, a value that isn't finite, or too much of either
 */
export function polygonRunLengths(polygons: readonly ArrayLike<number>[], width: number, height: number): number[] {
  if (!(width * height <= MASK_PIXELS_MAX)) throw new RangeError(`a mask may have at most ${MASK_PIXELS_MAX} pixels, got ${width} × ${height}`);
  const spansByRow: (number[] | undefined)[] = [];
  let crossings = 0;
  for (const polygon of polygons) {
    const byRow = new Map<number, number[]>();
    crossings = crossRows(polygon, height, byRow, crossings);
    for (const [row, xs] of byRow) {
      xs.sort((a, b) => a - b);
      const spans = (spansByRow[row] ??= []);
      for (let i = 0; i + 1 < xs.length; i += 2) {
        const from = Math.max(0, Math.ceil(xs[i]! - 0.5));
        const to = Math.min(width, Math.ceil(xs[i + 1]! - 0.5));
        if (from < to) spans.push(from, to);
      }
    }
  }
  const runs = new RunLengthBuilder();
  for (let row = 0; row < spansByRow.length; row++) {
    const flat = spansByRow[row] ?? [];
    const spans = Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!] as const).sort((a, b) => a[0] - b[0]);
    let filled = 0;
    for (const [from, to] of spans) {
      const start = Math.max(from, filled);
      if (start < to) {
        runs.add(row * width + start, to - start);
        filled = to;
      }
    }
  }
  return runs.finish(width * height);
}

/** Where the edges of a polygon cross the middles of rows. @returns the number of crossings so far */
function crossRows(polygon: ArrayLike<number>, height: number, byRow: Map<number, number[]>, before: number): number {
  if (polygon.length < 6 || polygon.length % 2 !== 0) throw new RangeError(`a polygon must have three corners or more, as x, y, x, y, …; got ${polygon.length} values`);
  let crossings = before;
  for (let i = 0; i < polygon.length; i += 2) {
    const next = (i + 2) % polygon.length;
    const [x0, y0, x1, y1] = [polygon[i]!, polygon[i + 1]!, polygon[next]!, polygon[next + 1]!];
    if (!Number.isFinite(x0) || !Number.isFinite(y0)) throw new RangeError(`corner ${i / 2} of a polygon must have finite coordinates, got ${x0}, ${y0}`);
    // Half-open, so that a corner on the middle of a row counts once.
    const first = Math.max(0, Math.ceil(Math.min(y0, y1) - 0.5));
    const last = Math.min(height, Math.ceil(Math.max(y0, y1) - 0.5));
    crossings += Math.max(0, last - first);
    if (crossings > CROSSINGS_MAX) throw new RangeError("the polygons have too many corners for their size");
    for (let row = first; row < last; row++) {
      const x = x0 + ((row + 0.5 - y0) * (x1 - x0)) / (y1 - y0);
      const xs = byRow.get(row);
      if (xs === undefined) byRow.set(row, [x]);
      else xs.push(x);
    }
  }
  return crossings;
}
