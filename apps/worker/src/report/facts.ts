/**
 * Everything a report is made from. Plain data: a run's folder keeps it, and reports can be drawn again from it. What is
 * not known is left empty: an empty array, NaN, no entry; the report then leaves the part out or says why it is missing.
 */
export interface RunFacts {
  readonly run: {
    readonly id: string;
    readonly datasetId: string;
    readonly datasetName: string;
    readonly workerName: string;
    readonly version: string;
    /** Milliseconds since the epoch. */
    readonly startedAt: number;
    readonly endedAt: number;
  };
  /** What the items are, in the plural, for people: "images", "frames", "objects", "sequences". Default "items". */
  readonly itemWord?: string;
  /** The effective configuration, without secrets: what the user wrote, with the defaults filled in. */
  readonly configuration: { readonly docker: Readonly<Record<string, unknown>>; readonly lightly: Readonly<Record<string, unknown>>; readonly selection?: Readonly<Record<string, unknown>> };
  /** Remarks that a reader must see: what was switched off, which files were not understood. */
  readonly notices: readonly string[];
  readonly counts: Counts;
  /** Seconds and throughput of each stage, in the order in which they began. */
  readonly stages: readonly StageTime[];
  readonly encoder?: { readonly name: string; readonly dimensions: number };
  /** All items that selection looked at, in order; the columns below have one entry for each. An item is an image, a frame, a crop or a sequence. */
  readonly items: ItemColumns;
  readonly selection: SelectionFacts;
  readonly corrupt: readonly { readonly fileName: string; readonly reason: string }[];
  /** A file and the earlier one that it equals. */
  readonly duplicates: readonly { readonly fileName: string; readonly keptFileName: string }[];
  readonly videos: readonly VideoFacts[];
  /** Whether timelines of the videos are drawn (`show_video_sampling_timeline`); default true. */
  readonly showVideoTimelines?: boolean;
  /** Class counts by task before and after. */
  readonly classes: readonly Distribution[];
  /** Metadata distributions before and after. */
  readonly metadata: readonly Distribution[];
  /** Pairs of a removed item and the nearest retained one, as small JPEG images. */
  readonly examples: readonly ExamplePair[];
  /** Some images with the boxes that the detector drew on them, as small JPEG images. */
  readonly pretagging: readonly { readonly fileName: string; readonly jpeg: Uint8Array }[];
}

export interface Counts {
  /** Files that the datasource listed for this run. */
  readonly listed: number;
  readonly images: number;
  readonly videos: number;
  readonly frames: number;
  readonly corrupt: number;
  readonly duplicates: number;
  /** Names asked for that don't exist. */
  readonly missingRelevant: number;
  /** Prediction and metadata files that were refused, with reasons in `notices`. */
  readonly refusedSideFiles: number;
  /** Items that could be selected. */
  readonly candidates: number;
  /** Samples the dataset had before; they count as chosen from the start. */
  readonly preselected: number;
  readonly selected: number;
  readonly uploaded: number;
}

export interface StageTime {
  readonly name: string;
  readonly seconds: number;
  readonly items: number;
}

export interface ItemColumns {
  readonly fileNames: readonly string[];
  /** Whether the item was selected. */
  readonly selected: Uint8Array;
  /** Distance to the nearest other candidate before; NaN when not known. */
  readonly nearestBefore: Float64Array;
  /** For each selected item, in order of picking, distance to the nearest other selected or preselected one; NaN when not known. */
  readonly nearestAfter: Float64Array;
  /** How the distances were found (see `nearestDistances`); said in the report when they are not exact or not of all items. */
  readonly distanceSearch?: { readonly before: DistanceSearch; readonly after: DistanceSearch };
  /** Interleaved x, y by method, one point per item; empty for fewer than three items. */
  readonly projections: readonly { readonly method: "PCA" | "UMAP"; readonly coordinates: Float32Array }[];
}

/** How nearest-neighbour distances were found. */
export interface DistanceSearch {
  /** Vectors that were compared with each other: fewer than there are where memory is capped. */
  readonly compared: number;
  readonly total: number;
  /** False: by an approximate search, so that a few distances are too large. */
  readonly exact: boolean;
}

export interface SelectionFacts {
  readonly method: string;
  /** Why it stopped, a sentence. */
  readonly stopped: string;
  /** Indices into the items, in order of picking. */
  readonly picks: readonly number[];
  /** A sentence for each pick. */
  readonly reasons: readonly string[];
  /** Coverage radius after each pick; empty for methods without distance. */
  readonly coverage: Float64Array;
  readonly seed: number;
  readonly inputHash: string;
}

export interface VideoFacts {
  readonly fileName: string;
  readonly frames: number;
  readonly seconds: number;
  /** Frame indices that were selected, ascending. */
  readonly selected: readonly number[];
}

export interface Distribution {
  readonly name: string;
  readonly kind: "categories" | "numbers";
  /** Class names, or the lower edges of the bins. */
  readonly labels: readonly (string | number)[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export interface ExamplePair {
  readonly removed: string;
  readonly retained: string;
  readonly distance: number;
  readonly removedJpeg: Uint8Array;
  readonly retainedJpeg: Uint8Array;
}
