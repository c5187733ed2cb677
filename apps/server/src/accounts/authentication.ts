import type { Kysely } from "kysely";
import { DomainError } from "../app/errors.ts";
import { isFull } from "../app/full-disk.ts";
import type { Schema } from "../db/schema.ts";
import { findUserByTokenHash, findUserOfSession, touchSession, touchToken } from "./store.ts";
import { hashToken } from "./token.ts";
import type { User } from "./user.ts";

const touchEveryMs = 60_000;

/** Who calls, and by what that is known. */
export interface Caller {
  readonly user: User;
  readonly credential: string;
}

/** Finds out who calls. A revoked token stops working with the next request. */
export class Authentication {
  readonly #touchedAt = new Map<string, number>();

  constructor(readonly db: Kysely<Schema>) {}

  /** @throws DomainError UNAUTHORIZED without a token, or with one that isn't valid */
  async user(token: string | undefined): Promise<Caller> {
    if (!token) throw new DomainError("UNAUTHORIZED", "This request needs a token: add ?token=… to the address, or an Authorization: Bearer header.");
    const found = await findUserByTokenHash(this.db, hashToken(token));
    if (!found) throw new DomainError("UNAUTHORIZED", "The token is not valid. It may have been revoked, have ended, or belong to another server.");
    const now = Date.now();
    if (now - (this.#touchedAt.get(found.tokenId) ?? 0) > touchEveryMs) {
      this.#touchedAt.set(found.tokenId, now);
      await evenIfFull(touchToken(this.db, found.tokenId, now));
    }
    return { user: found.user, credential: `token ${found.tokenId}` };
  }

  /** @throws DomainError UNAUTHORIZED when the session has ended */
  async userOfSession(secret: string): Promise<Caller> {
    const now = Date.now();
    const found = await findUserOfSession(this.db, hashToken(secret), now);
    if (!found) throw new DomainError("UNAUTHORIZED", "The session has ended. Sign in again.");
    if (now - (this.#touchedAt.get(found.sessionId) ?? 0) > touchEveryMs) {
      this.#touchedAt.set(found.sessionId, now);
      await evenIfFull(touchSession(this.db, found.sessionId, now));
    }
    return { user: found.user, credential: `session ${found.sessionId}` };
  }
}

/** Whoever only reads still can when the disk is full; when a token was used last is stored another time. */
async function evenIfFull(touch: Promise<void>): Promise<void> {
  await touch.catch((error: unknown) => {
    if (!isFull(error)) throw error;
  });
}
