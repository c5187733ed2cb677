import { type Matrix, fitProjection, matrix, placePoints } from "@winnow/curation";
import { nearestDistances, nearestDistancesAmong } from "../report/distances.ts";
import type { ItemColumns } from "../report/facts.ts";
import type { RunContext } from "../run/context.ts";

export interface MeasureOptions {
  readonly context: RunContext;
  readonly points: Matrix;
  /** Rows that counted as chosen from the start are those before this one. */
  readonly firstUnit: number;
  /** Rows of all candidates, ascending. */
  readonly candidates: ArrayLike<number>;
  /** Rows in order of picking. */
  readonly picked: ArrayLike<number>;
  readonly memoryInGB: number;
  readonly threads: number | undefined;
  readonly seed: number;
}

/** Beyond so many, the map is made of a part, into which the others are placed. */
const FITTED_MAX = 3_000;

/** What a report tells of distances, and its maps; by candidate and by pick. */
export async function measureItems({ context, points, firstUnit, candidates, picked, memoryInGB, threads, seed }: MeasureOptions): Promise<Pick<ItemColumns, "nearestBefore" | "nearestAfter" | "distanceSearch" | "projections">> {
  const { signal } = context;
  const options = { memoryInGB, seed, signal, ...(threads === undefined ? {} : { threads }) };
  const progress = (what: string) => ({ onProgress: (done: number, total: number) => context.progress(what, done, total) });
  const before = await nearestDistances(points, { ...options, rows: candidates, ...progress("measuring distances") });
  const held: Matrix = { data: points.data.subarray(0, firstUnit * points.columns), rows: firstUnit, columns: points.columns };
  const after = await nearestDistancesAmong(points, picked, held, options);
  const projections: { method: "PCA" | "UMAP"; coordinates: Float32Array }[] = [];
  if (candidates.length >= 3) {
    const isWhole = candidates.length <= FITTED_MAX;
    const fittedCount = Math.min(candidates.length, FITTED_MAX);
    const fitted = gathered(points, Array.from({ length: fittedCount }, (_, i) => candidates[Math.floor((i * candidates.length) / fittedCount)]!));
    const threaded = threads === undefined ? {} : { threads };
    let start: Matrix | undefined;
    for (const method of ["PCA", "UMAP"] as const) {
      const { model, map } = await fitProjection(fitted, method, { seed, ...(start === undefined ? {} : { start }), signal, ...threaded, ...progress(`drawing ${method}`) });
      start = map;
      const placed = isWhole ? map : await placePoints(model, rowsOf(points, candidates), { signal, ...threaded, ...progress(`drawing ${method}`) });
      const coordinates = Float32Array.from(placed.data.subarray(0, 2 * candidates.length));
      projections.push({ method, coordinates });
    }
  }
  return { nearestBefore: before.distances, nearestAfter: after.distances, distanceSearch: { before: before.search, after: after.search }, projections };
}

/** Rows as a matrix; where they follow one another it is a part of the same memory, since a copy would hold all vectors twice. */
function rowsOf(points: Matrix, rows: ArrayLike<number>): Matrix {
  const [first, { columns }] = [rows[0]!, points];
  for (let i = 1; i < rows.length; i++) if (rows[i] !== first + i) return gathered(points, rows);
  return { data: points.data.subarray(first * columns, (first + rows.length) * columns), rows: rows.length, columns };
}

function gathered({ data, columns }: Matrix, rows: ArrayLike<number>): Matrix {
  const some = matrix(rows.length, columns);
  for (let i = 0; i < rows.length; i++) some.data.set(data.subarray(rows[i]! * columns, (rows[i]! + 1) * columns), i * columns);
  return some;
}
