import type { Kysely } from "kysely";
import { DomainError } from "../app/errors.ts";
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
      await touchToken(this.db, found.tokenId, now);
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
      await touchSession(this.db, found.sessionId, now);
    }
    return { user: found.user, credential: `session ${found.sessionId}` };
  }
}
