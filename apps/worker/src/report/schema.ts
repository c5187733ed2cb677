import { type Static, Type } from "typebox";

/** Forms of the two JSON reports. Numbers that aren't known are null. All times are seconds unless they say otherwise. */
const Count = Type.Integer({ minimum: 0 });
const Known = Type.Union([Type.Number(), Type.Null()]);

const Run = Type.Object(
  {
    id: Type.String(),
    datasetId: Type.String(),
    datasetName: Type.String(),
    workerName: Type.String(),
    version: Type.String({ description: "Of the worker." }),
    startedAt: Type.Number({ description: "Milliseconds since the epoch." }),
    endedAt: Type.Number({ description: "Milliseconds since the epoch." }),
    seconds: Type.Number({ minimum: 0 }),
  },
  { additionalProperties: false },
);

const Counts = Type.Object(
  {
    listed: Count,
    images: Count,
    videos: Count,
    frames: Count,
    corrupt: Count,
    duplicates: Count,
    missingRelevant: Count,
    refusedSideFiles: Count,
    candidates: Count,
    preselected: Count,
    selected: Count,
    removed: Count,
    uploaded: Count,
  },
  { additionalProperties: false },
);

const Stage = Type.Object(
  { name: Type.String(), seconds: Type.Number(), items: Count, itemsPerSecond: Known },
  { additionalProperties: false },
);

const Summary = Type.Object({ known: Count, zeros: Count, least: Known, median: Known, mean: Known, most: Known }, { additionalProperties: false });

const Search = Type.Union([Type.Object({ compared: Count, total: Count, exact: Type.Boolean() }, { additionalProperties: false }), Type.Null()]);

const Distances = Type.Object(
  {
    metric: Type.Literal("euclidean"),
    before: Summary,
    after: Summary,
    histogram: Type.Object(
      {
        edges: Type.Array(Type.Number(), { description: "Of bins of equal ratio; one more than there are bins. Zeros are in none of them." }),
        before: Type.Array(Count),
        after: Type.Array(Count),
      },
      { additionalProperties: false },
    ),
    searchBefore: Search,
    searchAfter: Search,
  },
  { additionalProperties: false },
);

const Distribution = Type.Object(
  {
    name: Type.String(),
    kind: Type.Union([Type.Literal("categories"), Type.Literal("numbers")]),
    labels: Type.Array(Type.Union([Type.String(), Type.Number()]), { description: "Categories, or the lower edges of the bins." }),
    before: Type.Array(Type.Number()),
    after: Type.Array(Type.Number()),
  },
  { additionalProperties: false },
);

const Corrupt = Type.Object({ fileName: Type.String(), reason: Type.String() }, { additionalProperties: false });
const Duplicate = Type.Object({ fileName: Type.String(), keptFileName: Type.String() }, { additionalProperties: false });
const Encoder = Type.Union([Type.Object({ name: Type.String(), dimensions: Count }, { additionalProperties: false }), Type.Null()]);
const Configuration = Type.Object(
  { docker: Type.Record(Type.String(), Type.Unknown()), lightly: Type.Record(Type.String(), Type.Unknown()), selection: Type.Optional(Type.Record(Type.String(), Type.Unknown())) },
  { additionalProperties: false },
);

const SHARED = {
  run: Run,
  summary: Type.String({ description: "The sentence at the head of the report." }),
  configuration: Configuration,
  notices: Type.Array(Type.String()),
  counts: Counts,
  stages: Type.Array(Stage),
  encoder: Encoder,
  distances: Distances,
  classes: Type.Array(Distribution),
  metadata: Type.Array(Distribution),
};

/** `report.json`: everything, with a column for each thing that is known of the items. */
export const FullReport = Type.Object(
  {
    format: Type.Literal("winnow-report"),
    formatVersion: Type.Literal(1),
    ...SHARED,
    selection: Type.Object(
      {
        method: Type.String(),
        stopped: Type.String(),
        seed: Type.Number(),
        inputHash: Type.String(),
        picks: Type.Array(
          Type.Object(
            { fileName: Type.String(), item: Count, reason: Type.String(), coverageRadius: Known, nearestAfter: Known },
            { additionalProperties: false, description: "In order of picking; `item` is the index into the columns of `items`." },
          ),
        ),
      },
      { additionalProperties: false },
    ),
    corrupt: Type.Array(Corrupt),
    duplicates: Type.Array(Duplicate),
    videos: Type.Array(
      Type.Object({ fileName: Type.String(), frames: Count, seconds: Known, selected: Type.Array(Count, { description: "Frame indices, ascending." }) }, { additionalProperties: false }),
    ),
    examples: Type.Array(Type.Object({ removed: Type.String(), retained: Type.String(), distance: Known }, { additionalProperties: false })),
    pretagging: Type.Array(Type.String()),
    items: Type.Object(
      {
        fileNames: Type.Array(Type.String()),
        selected: Type.Array(Type.Union([Type.Literal(0), Type.Literal(1)])),
        nearestBefore: Type.Array(Known),
        projections: Type.Array(Type.Object({ method: Type.Union([Type.Literal("PCA"), Type.Literal("UMAP")]), coordinates: Type.Array(Known, { description: "x, y, x, y, …" }) }, { additionalProperties: false })),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false, $id: "winnow-report-1" },
);
export type FullReport = Static<typeof FullReport>;

/** `report_v2.json`: the same without what grows with the items; a few kilobytes. */
export const CompactReport = Type.Object(
  {
    format: Type.Literal("winnow-report"),
    formatVersion: Type.Literal(2),
    ...SHARED,
    selection: Type.Object(
      {
        method: Type.String(),
        stopped: Type.String(),
        seed: Type.Number(),
        inputHash: Type.String(),
        coverage: Type.Array(Type.Object({ picks: Count, radius: Type.Number() }, { additionalProperties: false }), { description: "Up to 100 points of the curve, the first and the last among them." }),
      },
      { additionalProperties: false },
    ),
    videos: Type.Object({ count: Count, frames: Count, selectedFrames: Count }, { additionalProperties: false }),
  },
  { additionalProperties: false, $id: "winnow-report-2" },
);
export type CompactReport = Static<typeof CompactReport>;
