/** Columns: one value per sample, in the dataset's order, as bytes (additions of ours: what the web app draws from). */
import { Type, type Static } from "typebox";
import { Enumeration, domain, get, post } from "./model.ts";
import { Id } from "./values.ts";

/**
 * How a column's bytes are laid out; all little-endian, entry i for ordinal i.
 * - `number`: float32, NaN where the value is missing
 * - `time`: float64, milliseconds since the epoch, NaN where missing
 * - `category`: uint16, index into `labels`, 65535 where missing
 * - `points`: two float32 (x, y) per sample, NaN where missing
 * - `text`: uint32 offsets, one more than there are samples, then the texts as UTF-8, one after the other
 */
export const ColumnKind = Enumeration(["number", "time", "category", "points", "text"]);
export type ColumnKind = Static<typeof ColumnKind>;

/** Where a column comes from. */
export const ColumnGroup = Enumeration(["sample", "metadata", "customMetadata", "score", "prediction", "map", "selection", "analysis"]);
export type ColumnGroup = Static<typeof ColumnGroup>;

export const ColumnData = Type.Object({
  /** What to ask for the column by. */
  name: Type.String(),
  title: Type.String(),
  group: ColumnGroup,
  kind: ColumnKind,
  /** Changes when its values do; absent where the version of all columns says it. */
  version: Type.Optional(Type.String()),
  /** Smallest and largest number or time there is; absent when there is none. */
  minimum: Type.Optional(Type.Number()),
  maximum: Type.Optional(Type.Number()),
  /** Samples without a value. */
  missing: Type.Optional(Type.Integer({ minimum: 0 })),
  labels: Type.Optional(Type.Array(Type.String())),
  /** Samples per label. */
  counts: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }))),
});
export type ColumnData = Static<typeof ColumnData>;

export const ColumnsData = Type.Object({
  /** Changes when a sample does. Columns asked for with it can be kept for good. */
  version: Type.String(),
  nSamples: Type.Integer({ minimum: 0 }),
  columns: Type.Array(ColumnData),
  /** What is in the metadata but has no column, and why. */
  notices: Type.Array(Type.String()),
});
export type ColumnsData = Static<typeof ColumnsData>;

export const OrdinalsRequest = Type.Object({ ordinals: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 1000 }) });
export type OrdinalsRequest = Static<typeof OrdinalsRequest>;

export const SampleCard = Type.Object({
  ordinal: Type.Integer({ minimum: 0 }),
  id: Id,
  fileName: Type.String(),
  type: Type.String(),
  width: Type.Optional(Type.Number()),
  height: Type.Optional(Type.Number()),
});
export type SampleCard = Static<typeof SampleCard>;

export const columns = domain({
  getColumnsByDatasetId: get("/v1/datasets/{datasetId}/columns", {
    id: "get_columns_by_dataset_id",
    summary: "Columns that there are of a dataset's samples",
    access: "viewer",
    since: "winnow",
    replies: { 200: ColumnsData },
  }),
  getColumnByName: get("/v1/datasets/{datasetId}/columns/values", {
    id: "get_column_by_name",
    summary: "The values of a column as bytes",
    access: "viewer",
    since: "winnow",
    query: Type.Object({ name: Type.String(), version: Type.Optional(Type.String()) }),
    replies: { 200: Type.Unknown() },
  }),
  getSampleCardsByOrdinals: post("/v1/datasets/{datasetId}/columns/cards", {
    id: "get_sample_cards_by_ordinals",
    summary: "Names and sizes of some samples, by ordinal",
    access: "viewer",
    since: "winnow",
    body: OrdinalsRequest,
    replies: { 200: Type.Array(SampleCard) },
  }),
  getPictureByOrdinal: get("/v1/datasets/{datasetId}/pictures/{ordinal}", {
    id: "get_picture_by_ordinal",
    summary: "The picture of a sample, no larger than asked for, as WebP",
    access: "viewer",
    since: "winnow",
    query: Type.Object({ size: Type.Optional(Type.Integer({ minimum: 16, maximum: 2048 })) }),
    replies: { 200: Type.Unknown() },
  }),
});
