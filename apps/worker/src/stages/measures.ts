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
const PLACED_AT_ONCE = 4_096;

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
      const coordinates = new Float32Array(2 * candidates.length);
      if (isWhole) coordinates.set(map.data);
      // A point's place is its own, so that a part of the vectors is copied at a time.
      for (let from = 0; !isWhole && from < candidates.length; from += PLACED_AT_ONCE) {
        const some = gathered(points, Array.from({ length: Math.min(PLACED_AT_ONCE, candidates.length - from) }, (_, i) => candidates[from + i]!));
        coordinates.set((await placePoints(model, some, { signal, ...threaded })).data, 2 * from);
        context.progress(`drawing ${method}`, from + some.rows, candidates.length);
      }
      projections.push({ method, coordinates });
    }
  }
  return { nearestBefore: before.distances, nearestAfter: after.distances, distanceSearch: { before: before.search, after: after.search }, projections };
}

function gathered({ data, columns }: Matrix, rows: ArrayLike<number>): Matrix {
  const some = matrix(rows.length, columns);
  for (let i = 0; i < rows.length; i++) some.data.set(data.subarray(rows[i]! * columns, (rows[i]! + 1) * columns), i * columns);
  return some;
}
