/** Columns of what was computed about samples: maps, scores, the order of picks. They are read as they are asked for. */
import type { ColumnData } from "@winnow/contract";
import type { Database } from "../db/database.ts";
import type { DatasetTable } from "../db/schema.ts";
import { isId } from "../db/ids.ts";
import { scoreNumbers } from "../scores/store.ts";
import { maskOf } from "../tags/store.ts";

export async function derivedColumns(db: Database, datasetId: string): Promise<ColumnData[]> {
  const maps = await db
    .selectFrom("projections")
    .innerJoin("embeddings", "embeddings.id", "projections.embedding_id")
    .select(["projections.id as id", "projections.method as method", "embeddings.name as embedding"])
    .where("projections.dataset_id", "=", datasetId)
    .orderBy("projections.id", "desc")
    .execute();
  const scores = await db
    .selectFrom("scores")
    .innerJoin("tags", "tags.id", "scores.tag_id")
    .select(["scores.id as id", "scores.score_type as type", "tags.name as tag"])
    .where("scores.dataset_id", "=", datasetId)
    .orderBy("scores.created_at", "desc")
    .execute();
  const picks = await db
    .selectFrom("selections")
    .innerJoin("tags", "tags.id", "selections.tag_id")
    .select(["tags.id as id", "tags.name as tag"])
    .where("selections.dataset_id", "=", datasetId)
    .orderBy("tags.id", "desc")
    .execute();
  return [
    ...maps.map(({ id, method, embedding }): ColumnData => ({ name: `map.${id}`, title: `${method} of ${embedding}`, group: "map", kind: "points" })),
    ...scores.map(({ id, type, tag }): ColumnData => ({ name: `score.${id}`, title: tag === "initial-tag" ? type : `${type} (${tag})`, group: "score", kind: "number" })),
    ...picks.map(({ id, tag }): ColumnData => ({ name: `pick.${id}`, title: `Place in ${tag}`, group: "selection", kind: "number" })),
  ];
}

/** The bytes of such a column; undefined when there is none of this name. */
export async function derivedValues(db: Database, { id: datasetId, n_samples: samples }: DatasetTable, name: string): Promise<Uint8Array | undefined> {
  const [kind, id] = name.split(".", 2) as [string, string | undefined];
  if (id === undefined || !isId(id)) return undefined;
  if (kind === "map") {
    const row = await db.selectFrom("projections").select("coordinates").where("id", "=", id).where("dataset_id", "=", datasetId).executeTakeFirst();
    if (!row) return undefined;
    const points = new Float32Array(samples * 2).fill(Number.NaN);
    points.set(float64(row.coordinates).subarray(0, points.length));
    return bytesOf(points);
  }
  if (kind === "score") {
    const row = await db.selectFrom("scores").innerJoin("tags", "tags.id", "scores.tag_id").select(["scores.scores as scores", "tags.mask as mask"]).where("scores.id", "=", id).where("scores.dataset_id", "=", datasetId).executeTakeFirst();
    if (!row) return undefined;
    const values = new Float32Array(samples).fill(Number.NaN);
    const numbers = scoreNumbers(row.scores);
    maskOf(row, samples).ordinals().forEach((ordinal, i) => {
      if (ordinal < samples) values[ordinal] = numbers[i] ?? Number.NaN;
    });
    return bytesOf(values);
  }
  if (kind === "pick") {
    const row = await db.selectFrom("selections").select("ordinals").where("tag_id", "=", id).where("dataset_id", "=", datasetId).executeTakeFirst();
    if (!row) return undefined;
    const values = new Float32Array(samples).fill(Number.NaN);
    const ordinals = new Uint32Array(row.ordinals.slice().buffer);
    ordinals.forEach((ordinal, place) => {
      if (ordinal < samples) values[ordinal] = place + 1;
    });
    return bytesOf(values);
  }
  return undefined;
}

function float64(bytes: Uint8Array): Float64Array {
  return new Float64Array(bytes.slice().buffer);
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
