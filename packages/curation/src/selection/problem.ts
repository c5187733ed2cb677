import { inspectMatrix, type Inspection } from "../matrix/check-matrix.ts";
import type { Matrix } from "../matrix/matrix.ts";
import type { SelectionConfiguration, SelectionRequest } from "./request.ts";

/** A request after checking: ordinals sorted and unique, limits as numbers. */
export interface Problem {
  readonly request: SelectionRequest;
  readonly configuration: SelectionConfiguration;
  readonly points: Matrix | undefined;
  /** Of the points. */
  readonly inspection: Inspection | undefined;
  readonly scores: Float64Array | undefined;
  /** Ascending, without repetitions. */
  readonly query: Uint32Array;
  readonly preselected: Uint32Array;
  /** The query without the preselected, ascending. */
  readonly candidates: Uint32Array;
  /** How many picks to make at most; Infinity when only minDistance stops. */
  readonly picksWanted: number;
  /** 0 when not set: no distance is below it. */
  readonly minDistance: number;
}

/** Rejects with a RangeError with the number that was wrong and what was expected */
export async function problemFrom(request: SelectionRequest): Promise<Problem> {
  const { method, size, points, scores, nSamples, minDistance, metric = "euclidean", seed = 0, threads } = request;
  if (!["RANDOM", "CORESET", "ACTIVE_LEARNING", "CORAL"].includes(method)) {
    throw new RangeError(`method must be RANDOM, CORESET, ACTIVE_LEARNING or CORAL, got ${String(method)}`);
  }
  if (metric !== "euclidean" && metric !== "cosine") {
    throw new RangeError(`metric must be euclidean or cosine, got ${String(metric)}`);
  }
  if (!Number.isSafeInteger(size) || size < 0 || size > 2 ** 32) {
    throw new RangeError(`size must be a whole number of at least 0, got ${size}`);
  }
  if (nSamples === undefined && minDistance === undefined) {
    throw new RangeError("a selection needs a condition to stop at: give nSamples, minDistance or both");
  }
  if (nSamples !== undefined && (!Number.isSafeInteger(nSamples) || nSamples < 0)) {
    throw new RangeError(`nSamples must be a whole number of at least 0, got ${nSamples}`);
  }
  if (minDistance !== undefined && !(minDistance >= 0)) {
    throw new RangeError(`minDistance must be a number of at least 0, got ${minDistance}`);
  }
  if (!Number.isFinite(seed)) throw new RangeError(`seed must be a finite number, got ${seed}`);
  if (threads !== undefined && (!Number.isSafeInteger(threads) || threads < 1)) {
    throw new RangeError(`threads must be a whole number of at least 1, got ${threads}`);
  }
  const usesDistance = method === "CORESET" || method === "CORAL" || minDistance !== undefined;
  if (points === undefined && usesDistance) {
    throw new RangeError(`${method === "CORESET" || method === "CORAL" ? method : "minDistance"} needs points`);
  }
  if (points !== undefined) {
    if (points.rows !== size) throw new RangeError(`points must have one row per sample: ${size} expected, got ${points.rows}`);
  }
  if (method === "ACTIVE_LEARNING" || method === "CORAL") checkScores(scores, size, method);
  else if (scores !== undefined && scores.length !== size) {
    throw new RangeError(`scores must have one entry per sample: ${size} expected, got ${scores.length}`);
  }
  const query = request.query === undefined ? counting(size) : sortedUnique(request.query, size, "query");
  const preselected = sortedUnique(request.preselected ?? new Uint32Array(), size, "preselected");
  const inspection = points && (await inspectMatrix(points, request));
  return {
    request,
    configuration: { method, size, nSamples: nSamples ?? null, minDistance: minDistance ?? null, metric, seed },
    points,
    inspection,
    scores,
    query,
    preselected,
    candidates: without(query, preselected, size),
    picksWanted: nSamples === undefined ? Infinity : Math.max(0, nSamples - preselected.length),
    minDistance: minDistance ?? 0,
  };
}

function checkScores(scores: Float64Array | undefined, size: number, method: string): void {
  if (scores === undefined) throw new RangeError(`${method} needs scores`);
  if (scores.length !== size) throw new RangeError(`scores must have one entry per sample: ${size} expected, got ${scores.length}`);
  for (let ordinal = 0; ordinal < size; ordinal++) {
    if (Math.abs(scores[ordinal]!) === Infinity) {
      throw new RangeError(`scores must be finite, or NaN for none: that of ordinal ${ordinal} is ${scores[ordinal]}`);
    }
  }
}

function counting(size: number): Uint32Array {
  const ordinals = new Uint32Array(size);
  for (let ordinal = 0; ordinal < size; ordinal++) ordinals[ordinal] = ordinal;
  return ordinals;
}

function sortedUnique(ordinals: Uint32Array, size: number, name: string): Uint32Array {
  const sorted = Uint32Array.from(ordinals).sort();
  const last = sorted[sorted.length - 1];
  if (last !== undefined && last >= size) throw new RangeError(`${name} has ordinal ${last}, but there are only ${size} samples`);
  return sorted.filter((ordinal, index) => index === 0 || sorted[index - 1] !== ordinal);
}

function without(query: Uint32Array, preselected: Uint32Array, size: number): Uint32Array {
  if (preselected.length === 0) return query;
  const chosen = new Uint8Array(size);
  for (const ordinal of preselected) chosen[ordinal] = 1;
  return query.filter((ordinal) => chosen[ordinal] === 0);
}
