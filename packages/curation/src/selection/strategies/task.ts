import type { Metric } from "../../kernels/distance.plain.ts";
import type { Matrix } from "../../matrix/matrix.ts";
import type { Balance } from "./balance.ts";
import type { StrategyRequest } from "./request.ts";

/** A strategy whose gains never change. By position among the candidates. */
export interface FixedGain {
  /** Place among the request's strategies. */
  readonly index: number;
  readonly strength: number;
  /** The plain values, higher being better, NaN for none: what counts when this strategy is alone. */
  readonly keys: Float64Array;
  /** 0 … 1 */
  readonly gains: Float64Array;
}

export interface BalanceGain {
  readonly index: number;
  readonly strength: number;
  readonly balance: Balance;
}

export interface DiversityGain {
  readonly index: number;
  readonly strength: number;
  readonly points: Matrix;
  /** 0 for none. */
  readonly minDistance: number;
}

/** A strategy selection after checking, filtering and preparing. */
export interface StrategyTask {
  readonly request: StrategyRequest;
  readonly metric: Metric;
  /** Ascending, as thresholds leave it. */
  readonly query: Uint32Array;
  readonly preselected: Uint32Array;
  /** The query without the preselected, ascending; a position is a place here. */
  readonly candidates: Uint32Array;
  /** 1 for a position that is not typical enough. */
  readonly untypical: Uint8Array;
  /** How many picks to make at most; Infinity when only conditions stop. */
  readonly picksWanted: number;
  readonly strategyCount: number;
  readonly fixed: readonly FixedGain[];
  readonly balances: readonly BalanceGain[];
  readonly diversities: readonly DiversityGain[];
  /** What distances and radii are reported of; undefined without embeddings. */
  readonly reported: Matrix | undefined;
  readonly largestOf: (points: Matrix) => number;
}

/** What a walk through the candidates gives. */
export interface Walk {
  readonly ordinals: Uint32Array;
  readonly shares: Float64Array;
  readonly distances: Float64Array;
  readonly radii: Float64Array;
  readonly stopped: "count" | "distance" | "typicality" | "exhausted";
}
