import { type Matrix, matrix, nearestNeighbours } from "@winnow/curation";
import type { DistanceSearch } from "./facts.ts";

export interface DistanceOptions {
  /** Rows of the matrix to compare, ascending; all of them by default. */
  readonly rows?: ArrayLike<number>;
  /** `memory_requirement_in_GB`: what the search may take (10⁹ bytes); default 2. Where that isn't enough a random part is compared. */
  readonly memoryInGB?: number;
  /** Decides which part; default 1. */
  readonly seed?: number;
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface NearestDistances {
  /** For each row that was asked for, in the order asked, the euclidean distance to the nearest other of them; NaN where it wasn't compared or is alone. */
  readonly distances: Float64Array;
  readonly search: DistanceSearch;
}

/** Up to here the engine compares all pairs; beyond it keeps lists of neighbours, and longer lists find more. */
const EXACT_ROWS_MAX = 8192;
const LIST_LENGTH = 8;
/** Bytes per row beside its vector: lists of neighbours and their distances twice, reverse lists, trees. */
const ROW_BYTES = LIST_LENGTH * 4 * 4 + 15 * 4 + 24;
/** Fewer would say nothing. */
const ROWS_MIN = 100;

/**
 * Distances between nearest neighbours. Exact up to 8,192 rows, with a good approximate search beyond. The same on any
 * number of threads.
 * @throws RangeError for a value that isn't finite, a row that isn't there, or memory that isn't a positive number.
 */
export async function nearestDistances(points: Matrix, options: DistanceOptions = {}): Promise<NearestDistances> {
  const { memoryInGB = 2, seed = 1 } = options;
  if (!(memoryInGB > 0)) throw new RangeError(`memory_requirement_in_GB must be above 0, got ${memoryInGB}`);
  const total = options.rows?.length ?? points.rows;
  const affordable = Math.max(ROWS_MIN, Math.floor((memoryInGB * 1e9) / (points.columns * 4 + ROW_BYTES)));
  const places = affordable < total ? randomPlaces(total, affordable, seed) : undefined;
  const compared = places?.length ?? total;
  const distances = new Float64Array(total).fill(NaN);
  const search = { compared, total, exact: compared <= EXACT_ROWS_MAX };
  if (compared < 2) return { distances, search };
  const chosen = places === undefined && isAll(options.rows, points.rows) ? points : gathered(points, options.rows, places, compared);
  const { threads, signal, onProgress } = options;
  const neighbours = await nearestNeighbours(chosen, { k: search.exact ? 1 : LIST_LENGTH, seed, threads, signal, onProgress });
  for (let i = 0; i < compared; i++) distances[places ? places[i]! : i] = neighbours.distances[i * neighbours.k]!;
  return { distances, search };
}

/**
 * Distances between each of `rows` and the nearest other of `rows` or `others` (what the dataset already had): what the
 * report shows as distances after the selection.
 */
export async function nearestDistancesAmong(points: Matrix, rows: ArrayLike<number>, others: Matrix, options: Omit<DistanceOptions, "rows"> = {}): Promise<NearestDistances> {
  if (others.rows === 0) return nearestDistances(points, { ...options, rows });
  if (others.columns !== points.columns) throw new RangeError(`vectors of ${others.columns} dimensions can't be compared with those of ${points.columns}`);
  const all = matrix(rows.length + others.rows, points.columns);
  copyRows(points, rows, all);
  all.data.set(others.data.subarray(0, others.rows * others.columns), rows.length * points.columns);
  const { distances, search } = await nearestDistances(all, options);
  return { distances: distances.slice(0, rows.length), search };
}

/** Whether all rows are asked for in their order, so that nothing needs to be copied. */
function isAll(rows: ArrayLike<number> | undefined, count: number): boolean {
  if (rows === undefined) return true;
  if (rows.length !== count) return false;
  for (let i = 0; i < count; i++) if (rows[i] !== i) return false;
  return true;
}

function gathered(points: Matrix, rows: ArrayLike<number> | undefined, places: Uint32Array | undefined, count: number): Matrix {
  const chosen = matrix(count, points.columns);
  const wanted = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const place = places ? places[i]! : i;
    wanted[i] = rows ? rows[place]! : place;
  }
  copyRows(points, wanted, chosen);
  return chosen;
}

function copyRows(points: Matrix, rows: ArrayLike<number>, into: Matrix): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (!Number.isSafeInteger(row) || row < 0 || row >= points.rows) throw new RangeError(`row ${row} is not one of the ${points.rows} rows`);
    into.data.set(points.data.subarray(row * points.columns, (row + 1) * points.columns), i * points.columns);
  }
}

/** A random subset of given size of 0 … total − 1, ascending, each equally likely: one pass, no shuffle. */
function randomPlaces(total: number, size: number, seed: number): Uint32Array {
  const places = new Uint32Array(size);
  let taken = 0;
  let state = (Math.trunc(seed) ^ 0x9e3779b9) >>> 0;
  for (let i = 0; taken < size; i++) {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const random = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    if (random * (total - i) < size - taken) places[taken++] = i;
  }
  return places;
}
