import { arenaBehind, freshArena } from "../kernels/arena.ts";
import { distanceFromSquare, inverseLengths, squaredDistance, type Metric } from "../kernels/distance.plain.ts";
import { shadowBasis, shadowError } from "../kernels/shadow-basis.ts";
import { inspectMatrix } from "../matrix/check-matrix.ts";
import type { Matrix } from "../matrix/matrix.ts";
import { openSession } from "../pool/session.ts";
import { canGoFast } from "../selection/farthest.ts";
import { groupsFromPairs } from "./groups.ts";
import { plainNearDuplicates } from "./near-duplicates.plain.ts";

export interface NearDuplicateOptions {
  /** Two rows at most this far apart are near-duplicates; in units of the metric, ≥ 0. 0 finds copies only. */
  threshold: number;
  /** Default `cosine`. */
  metric?: Metric;
  /** Ordinals to look at; default all. */
  query?: Uint32Array;
  /** Threads to use at most, this one included; never changes the result. */
  threads?: number;
  /** Aborting rejects the promise with the signal's reason. */
  signal?: AbortSignal;
  /** Rows whose search is over, of all; called now and then, and at the end. */
  onProgress?: (done: number, total: number) => void;
}

const UNIT = 2 ** -24;
/** Finds per row and round; a row with more goes on in the next. */
const ROOM = 16;
const SLICE_ROWS = 8192;

/**
 * Groups of rows that are connected by chains of near-duplicates. Exact: every pair counts, by its float64 distance.
 *
 * Rows are sorted along the direction in which they differ most and only compared with those that are near enough there;
 * 16 numbers per row that never lengthen a distance rule out most of the others. In the worst case, a threshold in the
 * range of usual distances, that is still every pair.
 * @returns the groups with at least two members, members ascending, groups by their first member
 * Rejects with a RangeError when the threshold is not a number ≥ 0, an ordinal is out of range or a value is not finite.
 */
export async function nearDuplicates(points: Matrix, options: NearDuplicateOptions): Promise<Uint32Array[]> {
  const { threshold, metric = "cosine", signal, onProgress } = options;
  const { rows, columns } = points;
  if (!(threshold >= 0)) throw new RangeError(`threshold must be a number of at least 0, got ${threshold}`);
  if (metric !== "euclidean" && metric !== "cosine") throw new RangeError(`metric must be euclidean or cosine, got ${String(metric)}`);
  signal?.throwIfAborted();
  const { largest } = await inspectMatrix(points, options);
  const query = options.query === undefined ? Uint32Array.from({ length: rows }, (_, row) => row) : Uint32Array.from(new Set(options.query)).sort();
  const highest = query[query.length - 1];
  if (highest !== undefined && highest >= rows) throw new RangeError(`query has ordinal ${highest}, but there are only ${rows} rows`);
  if (query.length < 2) return [];
  if (!canGoFast(points, largest)) return plainNearDuplicates(points, query, threshold, metric);

  const inPlace = metric === "euclidean" ? arenaBehind(points.data.buffer) : undefined;
  const arena = inPlace ?? freshArena();
  try {
    const data = inPlace === undefined ? arena.take(rows * columns * 4) : points.data.byteOffset;
    const lengths = arena.take(rows * 4);
    const cast = arena.take(rows * 64);
    const places = query.length;
    const sorted = arena.take(places * 64);
    const rowOf = arena.take(places * 4);
    const next = arena.take(places * 4);
    const counts = arena.take(places * 4);
    const found = arena.take(places * ROOM * 4);
    const squares = arena.take(places * ROOM * 4);
    const list = arena.take(places * 4);
    const basis = arena.take(15 * columns * 4);
    const origin = arena.take(columns * 4);
    const header = arena.take(128);
    const search = arena.take(64);
    const { buffer } = arena.memory;
    const floats = (address: number, length: number): Float32Array => new Float32Array(buffer, address, length);
    const words = (address: number, length: number): Uint32Array => new Uint32Array(buffer, address, length);
    if (inPlace === undefined) {
      const target = floats(data, rows * columns);
      target.set(points.data);
      if (metric === "cosine") {
        const inverse = inverseLengths(points);
        for (let row = 0; row < rows; row++) {
          for (let index = row * columns; index < (row + 1) * columns; index++) target[index] = points.data[index]! * inverse[row]!;
        }
      }
    }
    let done = 0;
    const session = await openSession(arena.memory, { ...options, onTurn: () => onProgress?.(done, places) });
    try {
      const all = floats(data, rows * columns);
      const axes = shadowBasis((row) => all.subarray(row * columns, (row + 1) * columns), query, columns);
      floats(basis, 15 * columns).set(axes.basis);
      floats(origin, columns).set(axes.origin);
      words(header, 14).set([data, data, 0, columns, lengths, 0, 0, 0, 0, cast, 0, 0, basis, origin]);
      await session.run("castShadows", rows, 256, header);
      const shadows = floats(cast, rows * 16);
      const reach = Math.sqrt(floats(lengths, rows).reduce((most, square) => Math.max(most, square), 0));
      const slack = shadowError(shadows, reach, columns);
      const order = query.slice().sort((a, b) => shadows[16 * a]! - shadows[16 * b]! || a - b);
      words(rowOf, places).set(order);
      const lined = floats(sorted, places * 16);
      order.forEach((row, place) => lined.set(shadows.subarray(16 * row, 16 * row + 16), 16 * place));
      words(next, places).forEach((_, place, positions) => (positions[place] = place + 1));

      // What float32 may get wrong, as in selection/farthest.ts.
      const relative = 3 * (columns / 16 + 32) * UNIT;
      const absolute = metric === "cosine" ? 16 * UNIT : columns * 2 ** -148;
      const wanted = metric === "cosine" ? 2 * threshold : threshold * threshold;
      const atMost = wanted * (1 + relative) + absolute;
      const surely = wanted * (1 - relative) - absolute;
      const shadowReach = (Math.sqrt(atMost) + slack) * (1 + 1e-5);
      words(search, 10).set([data, columns, places, rowOf, sorted, next, found, squares, counts, ROOM]);
      floats(search + 40, 3).set([shadowReach, shadowReach * shadowReach, atMost * (1 + UNIT)]);

      const exact = squaredDistance(points, metric);
      let pairs: number[] = [];
      const foundAt = words(found, places * ROOM);
      const squareAt = floats(squares, places * ROOM);
      const countAt = words(counts, places);
      const nextAt = words(next, places);
      // Slices keep what waits to be read small; the last places of a slice that overflow go round again.
      for (let start = 0; start < places; start += SLICE_ROWS) {
        let open = Uint32Array.from({ length: Math.min(SLICE_ROWS, places - start) }, (_, index) => start + index);
        while (open.length > 0) {
          words(list, open.length).set(open);
          await session.run("pairsWithin", open.length, 32, search, list);
          for (const place of open) {
            const row = order[place]!;
            for (let index = place * ROOM; index < place * ROOM + countAt[place]!; index++) {
              const other = order[foundAt[index]!]!;
              if (squareAt[index]! <= surely || distanceFromSquare(exact(row, other), metric) <= threshold) pairs.push(row, other);
            }
          }
          const before = open.length;
          open = open.filter((place) => nextAt[place]! < places);
          done += before - open.length;
          // Pairs that join what is joined already would only take room.
          if (pairs.length > 1 << 20) pairs = spanning(rows, pairs);
        }
      }
      onProgress?.(places, places);
      return groupsFromPairs(rows, pairs);
    } finally {
      session.close();
    }
  } finally {
    arena.release();
  }
}

/** Fewer pairs that connect the same groups. */
function spanning(rows: number, pairs: number[]): number[] {
  const result: number[] = [];
  for (const group of groupsFromPairs(rows, pairs)) for (let index = 1; index < group.length; index++) result.push(group[index - 1]!, group[index]!);
  return result;
}
