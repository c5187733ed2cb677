/** Sessions of browsers: a cookie that scripts can't read, and that other sites can't use. */
import { randomBytes } from "node:crypto";
import { hashToken } from "./token.ts";

const name = "winnow_session";
export const sessionSeconds = 30 * 24 * 3600;

export interface NewSession {
  readonly secret: string;
  readonly hash: string;
}

export function newSession(): NewSession {
  const secret = randomBytes(32).toString("hex");
  return { secret, hash: hashToken(secret) };
}

/** The session's secret in a Cookie header. */
export function sessionOf(cookies: string | undefined): string | undefined {
  for (const part of cookies?.split(";") ?? []) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) {
      const value = part.slice(at + 1).trim();
      return /^[0-9a-f]{64}$/.test(value) ? value : undefined;
    }
  }
  return undefined;
}

/** Set-Cookie header that begins a session. `secure`: the client came by https. */
export function sessionCookie(secret: string, secure: boolean): string {
  return `${name}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${sessionSeconds}${secure ? "; Secure" : ""}`;
}

/** Set-Cookie header that ends it. */
export function endedCookie(secure: boolean): string {
  return `${name}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0${secure ? "; Secure" : ""}`;
}
