import type { Metric } from "../../kernels/distance.plain.ts";
import type { StrategyConfiguration } from "./configuration.ts";
import type { StrategyValues } from "./values.ts";

/** What to select from, by which strategies, and when to stop. */
export interface StrategyRequest {
  /** Number of samples in the dataset; ordinals are 0 … size − 1. */
  readonly size: number;
  /** In JSON form or as `strategyConfiguration` answers it. */
  readonly selection: unknown;
  /** What each strategy's input holds, in the order of `selection.strategies`; undefined for RANDOM. */
  readonly values: readonly (StrategyValues | undefined)[];
  /** Ordinals that may be picked, in any order; without it all. Repetitions count once. */
  readonly query?: Uint32Array;
  /** Ordinals chosen already: never picked again; distances and balances count from them. They need not be in the query. */
  readonly preselected?: Uint32Array;
  /** For all embeddings; default `euclidean`. */
  readonly metric?: Metric;
  /** For RANDOM inputs without a seed of their own; any finite number, default 0. */
  readonly seed?: number;
  /** Threads to use at most, this one included; default: what the machine offers. Never changes the result. */
  readonly threads?: number;
  /** Aborting rejects the promise with the signal's reason, within some tens of milliseconds. */
  readonly signal?: AbortSignal;
  /** Picks made and picks wanted (of those possible); called now and then, and at the end. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called for every pick at the time it is made, `index` counting from 0. */
  readonly onPick?: (ordinal: number, index: number) => void;
}

/** Ordered picks with their reasons, as columns: entry i of each belongs to pick i. The preselected are not repeated. */
export interface StrategySelection {
  /** The ordinals in order of picking. The first k of a run are the run with k picks. */
  readonly ordinals: Uint32Array;
  /** What each pick's strategies promised together: the sum of its shares. */
  readonly gains: Float64Array;
  /** Entry [i · strategies + s]: what strategy s contributed to pick i, strength · gain; 0 for a THRESHOLD. */
  readonly shares: Float64Array;
  /**
   * Distance to the nearest chosen sample at the time of picking, by the points of the first DIVERSITY (without one: of
   * the first EMBEDDINGS); Infinity for the first when nothing was chosen, NaN throughout without embeddings.
   */
  readonly distances: Float64Array;
  /** After each pick, how far the worst covered sample of the query is from its nearest chosen one; NaN without embeddings. */
  readonly radii: Float64Array;
  /**
   * `count`: as many as wanted; `distance`: whatever is left is nearer than a minimum distance; `typicality`: less typical
   * than the minimum; `exhausted`: nothing is left.
   */
  readonly stopped: "count" | "distance" | "typicality" | "exhausted";
  /** How many samples of the query a THRESHOLD left out. */
  readonly filtered: number;
  readonly configuration: {
    /** With defaults and seeds filled in. */
    readonly selection: StrategyConfiguration;
    readonly size: number;
    /** Samples wanted in total, the preselected included; null: not limited. */
    readonly nSamples: number | null;
    readonly metric: Metric;
    readonly seed: number;
  };
  /** 16 hex digits over values, query and preselected: with the configuration enough to reproduce the run. */
  readonly inputHash: string;
}
