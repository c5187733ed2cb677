import type { StrategyTask, Walk } from "./task.ts";

/** Collects picks in order. */
export interface WalkRecorder {
  readonly count: number;
  readonly full: boolean;
  /** @param share what each strategy contributes, by its place */
  pick(ordinal: number, distance: number, share: (index: number) => number): void;
  /** The coverage radius after the latest pick. */
  radius(value: number): void;
  progress(): void;
  finish(stopped: Walk["stopped"]): Walk;
}

export function walkRecorder({ request, candidates, picksWanted, strategyCount }: StrategyTask): WalkRecorder {
  const capacity = Math.min(picksWanted, candidates.length);
  const ordinals = new Uint32Array(capacity);
  const shares = new Float64Array(capacity * strategyCount);
  const distances = new Float64Array(capacity);
  const radii = new Float64Array(capacity).fill(Number.NaN);
  let count = 0;
  const progress = (): void => request.onProgress?.(count, capacity);
  return {
    get count() {
      return count;
    },
    get full() {
      return count >= picksWanted;
    },
    pick(ordinal, distance, share) {
      ordinals[count] = ordinal;
      distances[count] = distance;
      for (let index = 0; index < strategyCount; index++) shares[count * strategyCount + index] = share(index);
      count++;
      request.onPick?.(ordinal, count - 1);
    },
    radius(value) {
      radii[count - 1] = value;
    },
    progress,
    finish(stopped) {
      progress();
      return {
        ordinals: ordinals.slice(0, count),
        shares: shares.slice(0, count * strategyCount),
        distances: distances.slice(0, count),
        radii: radii.slice(0, count),
        stopped,
      };
    },
  };
}
