import type { Metric } from "../kernels/distance.plain.ts";
import type { Matrix } from "../matrix/matrix.ts";

export type SelectionMethod = "RANDOM" | "CORESET" | "ACTIVE_LEARNING" | "CORAL";

/** What to select from, how, and when to stop. At least one of `nSamples` and `minDistance` is required. */
export interface SelectionRequest {
  method: SelectionMethod;
  /** Number of samples in the dataset; ordinals are 0 … size − 1. */
  size: number;
  /**
   * Row i is the embedding of ordinal i; `rows` equals `size`. CORESET, CORAL and `minDistance` need it. Given to the
   * other methods it makes them report distances and radii, at the cost of one pass over the query per pick.
   */
  points?: Matrix;
  /** One score per ordinal, NaN where there is none. ACTIVE_LEARNING and CORAL need it. */
  scores?: Float64Array;
  /** Ordinals that may be picked, in any order; without it all. Repetitions count once. */
  query?: Uint32Array;
  /** Ordinals chosen already: never picked again, and distances count from them. They need not be in the query. */
  preselected?: Uint32Array;
  /** Samples wanted in total, the preselected included. */
  nSamples?: number;
  /** Stop before (RANDOM, ACTIVE_LEARNING: skip) a sample nearer than this to a chosen one. In units of the metric. */
  minDistance?: number;
  /** Default `euclidean`. */
  metric?: Metric;
  /** For RANDOM; any finite number, default 0. The other methods leave nothing to chance. */
  seed?: number;
  /** Threads to use at most, this one included; default: what the machine offers. Never changes the result. */
  threads?: number;
  /** Aborting rejects the promise with the signal's reason, within some tens of milliseconds. */
  signal?: AbortSignal;
  /** Picks made and picks wanted (of those possible); called now and then, and at the end. */
  onProgress?: (done: number, total: number) => void;
  /** Called for every pick at the time it is made, `index` counting from 0. */
  onPick?: (ordinal: number, index: number) => void;
}

/** The configuration as it was understood, with defaults filled in; `null` where a condition was not set. */
export interface SelectionConfiguration {
  readonly method: SelectionMethod;
  readonly size: number;
  readonly nSamples: number | null;
  readonly minDistance: number | null;
  readonly metric: Metric;
  readonly seed: number;
}

/** Ordered picks with their reasons, as columns: entry i of each belongs to pick i. The preselected are not repeated. */
export interface Selection {
  /** The ordinals in order of picking. The first k of a run are the run with k picks. */
  readonly ordinals: Uint32Array;
  /**
   * Distance to the nearest chosen sample (preselected or picked before) at the time of picking; Infinity for the
   * first when there was none, NaN throughout when no points were given.
   */
  readonly distances: Float64Array;
  /** The score of each pick, NaN where it has none. */
  readonly scores: Float64Array;
  /** After each pick, how far the worst covered sample of the query is from its nearest chosen one; NaN without points. */
  readonly radii: Float64Array;
  /**
   * `count`: nSamples reached; `distance`: whatever is left is nearer than minDistance; `exhausted`: nothing is left.
   */
  readonly stopped: "count" | "distance" | "exhausted";
  readonly configuration: SelectionConfiguration;
  /** 16 hex digits over points, scores, query and preselected: with the configuration enough to reproduce the run. */
  readonly inputHash: string;
}
