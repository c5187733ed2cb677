import { newId } from "../db/ids.ts";
import type { Database } from "../db/database.ts";
import type { TokenTable } from "../db/schema.ts";
import type { Bounds, User } from "./user.ts";

export interface TokenRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
  readonly expiresAt: number | null;
  readonly readOnly: boolean;
  /** null: all. */
  readonly datasetIds: readonly string[] | null;
}

const boundColumns = ["tokens.expires_at as tokenExpiresAt", "tokens.read_only as readOnly", "tokens.dataset_ids as datasetIds"] as const;

/** Absent for a token that does all that its user may do. */
function boundsOf({ tokenExpiresAt, readOnly, datasetIds }: { tokenExpiresAt: number | null; readOnly: number | null; datasetIds: string | null }): { bounds?: Bounds } {
  if (tokenExpiresAt === null && !readOnly && datasetIds === null) return {};
  return { bounds: { readOnly: readOnly === 1, ...(datasetIds !== null && { datasetIds: JSON.parse(datasetIds) as string[] }), ...(tokenExpiresAt !== null && { expiresAt: Number(tokenExpiresAt) }) } };
}

const userColumns = ["users.id as id", "users.email as email", "users.created_at as createdAt"] as const;

export async function insertUser(db: Database, email: string): Promise<User> {
  const user = { id: newId(), email, created_at: Date.now() };
  await db.insertInto("users").values(user).execute();
  return { id: user.id, email, createdAt: user.created_at };
}

export async function findUserByEmail(db: Database, email: string): Promise<User | undefined> {
  return db.selectFrom("users").select(userColumns).where("email", "=", email).executeTakeFirst();
}

export async function listUsers(db: Database): Promise<User[]> {
  return db.selectFrom("users").select(userColumns).orderBy("id").execute();
}

export async function firstUser(db: Database): Promise<User | undefined> {
  return db.selectFrom("users").select(userColumns).orderBy("id").limit(1).executeTakeFirst();
}

export async function deleteUser(db: Database, id: string): Promise<void> {
  await db.deleteFrom("users").where("id", "=", id).execute();
}

export async function countDatasetsOf(db: Database, userId: string): Promise<number> {
  const row = await db.selectFrom("datasets").select((e) => e.fn.countAll<number>().as("count")).where("user_id", "=", userId).executeTakeFirstOrThrow();
  return Number(row.count);
}

export async function insertToken(db: Database, row: { userId: string; name: string; hash: string; bounds?: Bounds }): Promise<string> {
  const id = newId();
  const { bounds } = row;
  await db
    .insertInto("tokens")
    .values({
      id,
      user_id: row.userId,
      name: row.name,
      hash: row.hash,
      created_at: Date.now(),
      last_used_at: null,
      revoked_at: null,
      expires_at: bounds?.expiresAt ?? null,
      read_only: bounds?.readOnly ? 1 : 0,
      dataset_ids: bounds?.datasetIds ? JSON.stringify(bounds.datasetIds) : null,
    })
    .execute();
  return id;
}

/** The user of a token that is not revoked and has not ended. */
export async function findUserByTokenHash(db: Database, hash: string, nowMs = Date.now()): Promise<{ tokenId: string; user: User } | undefined> {
  const row = await db
    .selectFrom("tokens")
    .innerJoin("users", "users.id", "tokens.user_id")
    .select([...userColumns, ...boundColumns, "tokens.id as tokenId"])
    .where("tokens.hash", "=", hash)
    .where("tokens.revoked_at", "is", null)
    .where((e) => e.or([e("tokens.expires_at", "is", null), e("tokens.expires_at", ">", nowMs)]))
    .executeTakeFirst();
  return row && { tokenId: row.tokenId, user: { id: row.id, email: row.email, createdAt: Number(row.createdAt), ...boundsOf(row) } };
}

export async function touchToken(db: Database, id: string, atMs: number): Promise<void> {
  await db.updateTable("tokens").set({ last_used_at: atMs }).where("id", "=", id).execute();
}

export async function listTokens(db: Database, email?: string): Promise<TokenRow[]> {
  let query = db
    .selectFrom("tokens")
    .innerJoin("users", "users.id", "tokens.user_id")
    .select([
      "tokens.id as id",
      "users.email as email",
      "tokens.name as name",
      "tokens.created_at as createdAt",
      "tokens.last_used_at as lastUsedAt",
      "tokens.revoked_at as revokedAt",
      ...boundColumns,
    ])
    .orderBy("tokens.id");
  if (email !== undefined) query = query.where("users.email", "=", email);
  return (await query.execute()).map(({ tokenExpiresAt, readOnly, datasetIds, ...row }) => ({
    ...row,
    expiresAt: tokenExpiresAt === null ? null : Number(tokenExpiresAt),
    readOnly: readOnly === 1,
    datasetIds: datasetIds === null ? null : (JSON.parse(datasetIds) as string[]),
  }));
}

/** @returns whether there was such a token that was not revoked yet */
export async function revokeToken(db: Database, id: string): Promise<boolean> {
  const done = await db.updateTable("tokens").set({ revoked_at: Date.now() }).where("id", "=", id).where("revoked_at", "is", null).executeTakeFirst();
  return Number(done.numUpdatedRows) > 0;
}

/** Makes a token with this hash work for the user, also when it was revoked before. */
export async function ensureToken(db: Database, row: { userId: string; name: string; hash: string }): Promise<void> {
  const known = await db.selectFrom("tokens").select(["id", "user_id"]).where("hash", "=", row.hash).executeTakeFirst();
  if (!known) await insertToken(db, row);
  else await db.updateTable("tokens").set({ user_id: row.userId, revoked_at: null }).where("id", "=", known.id).execute();
}

export async function insertSession(db: Database, row: { userId: string; hash: string; expiresAt: number; tokenId: string | null }): Promise<void> {
  const now = Date.now();
  await db.deleteFrom("sessions").where("expires_at", "<", now).execute();
  await db.insertInto("sessions").values({ id: newId(now), user_id: row.userId, hash: row.hash, created_at: now, last_used_at: now, expires_at: row.expiresAt, token_id: row.tokenId }).execute();
}

export async function findUserOfSession(db: Database, hash: string, nowMs: number): Promise<{ sessionId: string; user: User } | undefined> {
  const row = await db
    .selectFrom("sessions")
    .innerJoin("users", "users.id", "sessions.user_id")
    .leftJoin("tokens", "tokens.id", "sessions.token_id")
    .select([...userColumns, ...boundColumns, "sessions.id as sessionId"])
    .where("sessions.hash", "=", hash)
    .where("sessions.expires_at", ">", nowMs)
    // A session ends with the token by which it began.
    .where("tokens.revoked_at", "is", null)
    .where((e) => e.or([e("tokens.expires_at", "is", null), e("tokens.expires_at", ">", nowMs)]))
    .executeTakeFirst();
  return row && { sessionId: row.sessionId, user: { id: row.id, email: row.email, createdAt: Number(row.createdAt), ...boundsOf(row) } };
}

export async function touchSession(db: Database, id: string, atMs: number): Promise<void> {
  await db.updateTable("sessions").set({ last_used_at: atMs }).where("id", "=", id).execute();
}

export async function deleteSession(db: Database, hash: string): Promise<void> {
  await db.deleteFrom("sessions").where("hash", "=", hash).execute();
}

/** Ends all sessions of a user but one. */
export async function deleteOtherSessions(db: Database, userId: string, keptHash: string | undefined): Promise<void> {
  let query = db.deleteFrom("sessions").where("user_id", "=", userId);
  if (keptHash !== undefined) query = query.where("hash", "!=", keptHash);
  await query.execute();
}

export async function findPasswordHash(db: Database, userId: string): Promise<string | undefined> {
  return (await db.selectFrom("passwords").select("hash").where("user_id", "=", userId).executeTakeFirst())?.hash;
}

export async function putPasswordHash(db: Database, userId: string, hash: string): Promise<void> {
  const row = { user_id: userId, hash, changed_at: Date.now() };
  await db
    .insertInto("passwords")
    .values(row)
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet({ hash, changed_at: row.changed_at }))
    .execute();
}

/** The user's tokens that work, oldest first. */
export async function listWorkingTokens(db: Database, userId: string): Promise<Pick<TokenTable, "id" | "name" | "created_at" | "last_used_at" | "expires_at" | "read_only" | "dataset_ids">[]> {
  return db
    .selectFrom("tokens")
    .select(["id", "name", "created_at", "last_used_at", "expires_at", "read_only", "dataset_ids"])
    .where("user_id", "=", userId)
    .where("revoked_at", "is", null)
    .where((e) => e.or([e("expires_at", "is", null), e("expires_at", ">", Date.now())]))
    .orderBy("id")
    .execute();
}

/** @returns whether the user had such a token that was not revoked yet */
export async function revokeTokenOf(db: Database, userId: string, id: string): Promise<boolean> {
  const done = await db.updateTable("tokens").set({ revoked_at: Date.now() }).where("id", "=", id).where("user_id", "=", userId).where("revoked_at", "is", null).executeTakeFirst();
  return Number(done.numUpdatedRows) > 0;
}
