import type { PasswordUpdateRequest, SessionCreateRequest, TokenCreateRequest, TokenData } from "@winnow/contract";
import type { Kysely } from "kysely";
import { DomainError } from "../app/errors.ts";
import { isStorable } from "../app/storable.ts";
import { record } from "../audit/record.ts";
import type { Database } from "../db/database.ts";
import type { Schema } from "../db/schema.ts";
import { isId } from "../db/ids.ts";
import { inTurn } from "../db/turns.ts";
import type { Attempts } from "./attempts.ts";
import { hashPassword, isPassword } from "./password.ts";
import { newSession, sessionSeconds } from "./session.ts";
import * as store from "./store.ts";
import { hashToken, newToken } from "./token.ts";
import type { Bounds, User } from "./user.ts";

/** @throws DomainError BAD_REQUEST when the text is no mail address */
export function normaliseEmail(email: string): string {
  const lower = email.trim().toLowerCase();
  if (!/^[^\s@,]+@[^\s@,]+$/.test(lower) || lower.length > 254 || !isStorable(lower)) throw new DomainError("BAD_REQUEST", `${JSON.stringify(email.slice(0, 300))} is not a mail address.`);
  return lower;
}

/**
 * Makes sure that there is an owner.
 * @returns the owner, and the token when one was made: it is shown this once
 */
export async function ensureOwner(db: Kysely<Schema>, { email, token }: { email: string; token?: string }): Promise<{ owner: User; newToken?: string }> {
  return inTurn(db, "accounts", async (transaction) => {
    const known = await store.firstUser(transaction);
    const owner = known ?? (await store.insertUser(transaction, normaliseEmail(email)));
    if (token !== undefined) {
      await store.ensureToken(transaction, { userId: owner.id, name: "environment", hash: hashToken(token) });
      return { owner };
    }
    if (known) return { owner };
    const made = newToken();
    await store.insertToken(transaction, { userId: owner.id, name: "first start", hash: hashToken(made) });
    return { owner, newToken: made };
  });
}

/** Adds a user with a first token. @throws DomainError when the address is taken */
export async function addUser(db: Kysely<Schema>, email: string): Promise<{ user: User; token: string }> {
  const address = normaliseEmail(email);
  return inTurn(db, "accounts", async (transaction) => {
    if (await store.findUserByEmail(transaction, address)) throw new DomainError("BAD_REQUEST", `There is already a user ${address}. Use another address, or make a token for this one.`);
    const user = await store.insertUser(transaction, address);
    const token = newToken();
    await store.insertToken(transaction, { userId: user.id, name: "first token", hash: hashToken(token) });
    await record(transaction, { action: "add_user", target: { email: address } });
    return { user, token };
  });
}

/** Removes a user. @throws DomainError when there is no such user, it is the owner, or still has datasets */
export async function removeUser(db: Kysely<Schema>, email: string): Promise<void> {
  const address = normaliseEmail(email);
  await inTurn(db, "accounts", async (transaction) => {
    const user = await requireUser(transaction, address);
    if ((await store.firstUser(transaction))?.id === user.id) throw new DomainError("BAD_REQUEST", `${address} is the owner of this installation and can't be removed.`);
    const count = await store.countDatasetsOf(transaction, user.id);
    if (count > 0) throw new DomainError("ILLEGAL_ACTION_RESOURCE_IN_USE", `${address} still has ${count} dataset${count === 1 ? "" : "s"}. Delete them first.`);
    await store.deleteUser(transaction, user.id);
    await record(transaction, { action: "remove_user", target: { email: address } });
  });
}

/** Makes a token of a user. @throws DomainError USER_NOT_KNOWN; BAD_REQUEST for an end in the past */
export async function createToken(db: Kysely<Schema>, email: string, name: string, bounds?: Bounds): Promise<{ id: string; token: string }> {
  const user = await requireUser(db, normaliseEmail(email));
  if (bounds?.expiresAt !== undefined && bounds.expiresAt <= Date.now()) throw new DomainError("BAD_REQUEST", '"expiresAt" must lie in the future: milliseconds since the epoch.');
  const token = newToken();
  return db.transaction().execute(async (transaction) => {
    const id = await store.insertToken(transaction, { userId: user.id, name, hash: hashToken(token), bounds });
    await record(transaction, { action: "create_token", target: { tokenId: id, name, of: user.email, ...bounds } });
    return { id, token };
  });
}

/** A token of one's own, made by another that ends no earlier. @throws DomainError BAD_REQUEST, FORBIDDEN */
export async function createOwnToken(db: Kysely<Schema>, user: User, { name, expiresAt, readOnly, datasetIds }: TokenCreateRequest): Promise<{ id: string; token: string }> {
  const end = user.bounds?.expiresAt;
  if (end !== undefined && !(typeof expiresAt === "number" && expiresAt <= end)) throw new DomainError("FORBIDDEN", `This token ends at ${new Date(end).toISOString()}, so the ones that it makes have to end by then: set "expiresAt" to at most ${end}.`);
  return createToken(db, user.email, name, { readOnly: readOnly ?? false, ...(datasetIds && { datasetIds }), ...(typeof expiresAt === "number" && { expiresAt }) });
}

export async function revokeToken(db: Kysely<Schema>, id: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    if (!(await store.revokeToken(transaction, id))) throw new DomainError("NOT_FOUND", `There is no token ${id} that could be revoked. \`winnow token ls\` lists them.`);
    await record(transaction, { action: "revoke_token_by_id", target: { tokenId: id } });
  });
}

/**
 * Begins a session of a browser.
 * @throws DomainError UNAUTHORIZED when token or password are wrong, TOO_MANY_REQUESTS after too many of those
 */
export async function signIn(db: Kysely<Schema>, { token, email, password }: SessionCreateRequest, attempts: Attempts, remoteAddress: string): Promise<{ user: User; secret: string }> {
  const byPassword = email !== undefined && password !== undefined;
  if (byPassword === (token !== undefined)) throw new DomainError("BAD_REQUEST", 'Sign in by "token", or by "email" and "password".');
  // Behind a proxy everybody comes from one address, so only names are counted there.
  const keys = [...(byPassword ? [] : [`from ${remoteAddress}`]), ...(byPassword ? [`as ${email.trim().toLowerCase()}`] : [])];
  attempts.check(keys);
  const byToken = byPassword ? undefined : await store.findUserByTokenHash(db, hashToken(token!.trim()));
  const user = byPassword ? await userByPassword(db, email, password) : byToken?.user;
  if (!user) {
    attempts.failed(keys);
    await record(db, { action: "sign_in_refused", status: 401, credential: byPassword ? "password" : "token", target: byPassword ? { email: email.slice(0, 254) } : {} });
    throw new DomainError("UNAUTHORIZED", byPassword ? "Mail address or password is wrong." : "The token is not valid. It may have been revoked, have ended, or belong to another server.");
  }
  for (const key of keys) attempts.succeeded(key);
  const { secret, hash } = newSession();
  await db.transaction().execute(async (transaction) => {
    await store.insertSession(transaction, { userId: user.id, hash, expiresAt: Date.now() + sessionSeconds * 1000, tokenId: byToken?.tokenId ?? null });
    await record(transaction, { user, credential: byToken ? `token ${byToken.tokenId}` : "password" });
  });
  return { user, secret };
}

async function userByPassword(db: Kysely<Schema>, email: string, password: string): Promise<User | undefined> {
  const user = isStorable(email) ? await store.findUserByEmail(db, email.trim().toLowerCase()) : undefined;
  const right = await isPassword(password, user && (await store.findPasswordHash(db, user.id)));
  return right ? user : undefined;
}

export async function signOut(db: Kysely<Schema>, secret: string | undefined): Promise<void> {
  if (secret !== undefined) await store.deleteSession(db, hashToken(secret));
}

/** Sets a user's password and ends the user's other sessions. @throws DomainError FORBIDDEN when the current one is wrong or missing */
export async function setPassword(db: Kysely<Schema>, user: User, { currentPassword, password }: PasswordUpdateRequest, session: string | undefined, attempts: Attempts): Promise<void> {
  // A password has no end: it must not be what is left of a token that had one.
  if (user.bounds?.expiresAt !== undefined) throw new DomainError("FORBIDDEN", "A token that ends can't set a password. Sign in by the password, or by a token without an end.");
  const known = await store.findPasswordHash(db, user.id);
  if (known !== undefined) {
    const keys = [`change ${user.id}`];
    attempts.check(keys);
    if (!(await isPassword(currentPassword ?? "", known))) {
      attempts.failed(keys);
      throw new DomainError("FORBIDDEN", '"currentPassword" is not the password that you have now.');
    }
  }
  const hash = await hashPassword(password);
  await inTurn(db, `password of ${user.id}`, async (transaction) => {
    await store.putPasswordHash(transaction, user.id, hash);
    await store.deleteOtherSessions(transaction, user.id, session && hashToken(session));
    await record(transaction);
  });
}

export async function listTokensOf(db: Kysely<Schema>, user: User): Promise<TokenData[]> {
  const rows = await store.listWorkingTokens(db, user.id);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    createdAt: Number(row.created_at),
    ...(row.last_used_at === null ? {} : { lastUsedAt: Number(row.last_used_at) }),
    ...(row.expires_at === null ? {} : { expiresAt: Number(row.expires_at) }),
    ...(row.read_only === 1 ? { readOnly: true } : {}),
    ...(row.dataset_ids === null ? {} : { datasetIds: JSON.parse(row.dataset_ids) as string[] }),
  }));
}

export async function revokeTokenOf(db: Kysely<Schema>, user: User, id: string): Promise<void> {
  await inTurn(db, "accounts", async (transaction) => {
    if (!isId(id) || !(await store.revokeTokenOf(transaction, user.id, id))) throw new DomainError("NOT_FOUND", "You have no such token, or it has been revoked already.");
    await record(transaction);
  });
}

async function requireUser(db: Database, email: string): Promise<User> {
  const user = await store.findUserByEmail(db, email);
  if (!user) throw new DomainError("USER_NOT_KNOWN", `There is no user ${email}. \`winnow user ls\` lists them.`, { status: 404 });
  return user;
}
