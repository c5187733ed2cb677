import { createHash, randomBytes } from "node:crypto";

/** A new token: 40 hex digits of chance, as long as users of the protocol know them. */
export function newToken(): string {
  return randomBytes(20).toString("hex");
}

/** How a token is stored. A plain hash does: a token holds 160 bits of chance, so there is nothing to guess. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
