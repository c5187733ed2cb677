import type { Database } from "../db/database.ts";
import { newId } from "../db/ids.ts";
import type { ScoreTable } from "../db/schema.ts";

/** Stores scores in place of earlier ones of that type. @returns the id, which stays the same */
export async function upsertScore(db: Database, row: Omit<ScoreTable, "id" | "created_at">): Promise<string> {
  // Never the same time twice for a tag: the type sent last is what clients get when they name none.
  const { newest } = await db.selectFrom("scores").select((e) => e.fn.max("created_at").as("newest")).where("tag_id", "=", row.tag_id).executeTakeFirstOrThrow();
  const now = Math.max(Date.now(), Number(newest ?? 0) + 1);
  const id = newId();
  const stored = await db
    .insertInto("scores")
    .values({ ...row, id, created_at: now })
    .onConflict((conflict) => conflict.columns(["tag_id", "score_type"]).doUpdateSet({ scores: row.scores, created_at: now }))
    .returning("id")
    .executeTakeFirstOrThrow();
  return stored.id;
}

export async function findScore(db: Database, tagId: string, id: string): Promise<ScoreTable | undefined> {
  return db.selectFrom("scores").selectAll().where("id", "=", id).where("tag_id", "=", tagId).executeTakeFirst();
}

export async function findScoreOfType(db: Database, tagId: string, scoreType: string): Promise<ScoreTable | undefined> {
  return db.selectFrom("scores").selectAll().where("tag_id", "=", tagId).where("score_type", "=", scoreType).executeTakeFirst();
}

/** Scores of a tag without the numbers, the type sent last first. */
export async function listScores(db: Database, tagId: string): Promise<Omit<ScoreTable, "scores">[]> {
  return db.selectFrom("scores").select(["id", "dataset_id", "tag_id", "score_type", "created_at"]).where("tag_id", "=", tagId).orderBy("created_at", "desc").orderBy("id", "desc").execute();
}

export function scoreBytes(scores: readonly number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(scores).buffer);
}

export function scoreNumbers(bytes: Uint8Array): Float64Array {
  return new Float64Array(bytes.slice().buffer);
}
