import { inputHash } from "../matrix/input-hash.ts";
import type { Problem } from "./problem.ts";
import type { Selection } from "./request.ts";

/** Collects picks in order and turns them into a Selection. */
export interface Recorder {
  readonly count: number;
  pick(ordinal: number, distance: number): void;
  /** The picks so far. */
  ordinals(): Uint32Array;
  /** The coverage radius after the latest pick. */
  radius(value: number): void;
  finish(stopped: Selection["stopped"]): Selection;
}

export function recorder({ request, configuration, inspection, scores, query, preselected, candidates, picksWanted }: Problem): Recorder {
  const capacity = Math.min(picksWanted, candidates.length);
  const ordinals = new Uint32Array(capacity);
  const distances = new Float64Array(capacity);
  const radii = new Float64Array(capacity).fill(Number.NaN);
  let count = 0;
  return {
    get count() {
      return count;
    },
    pick(ordinal, distance) {
      ordinals[count] = ordinal;
      distances[count] = distance;
      count++;
      request.onPick?.(ordinal, count - 1);
    },
    ordinals: () => ordinals.subarray(0, count),
    radius(value) {
      radii[count - 1] = value;
    },
    finish(stopped) {
      request.onProgress?.(count, capacity);
      const picked = ordinals.slice(0, count);
      return {
        ordinals: picked,
        distances: distances.slice(0, count),
        scores: Float64Array.from(picked, (ordinal) => scores?.[ordinal] ?? Number.NaN),
        radii: radii.slice(0, count),
        stopped,
        configuration,
        inputHash: inputHash([inspection, scores, query, preselected]),
      };
    },
  };
}
