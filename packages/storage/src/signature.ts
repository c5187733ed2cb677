import { createHmac, timingSafeEqual } from "node:crypto";

/** What a signature vouches for: short texts and numbers by name. */
export type SignedFacts = Readonly<Record<string, string | number>>;

/**
 * Signs facts for the query of a URL or for a token, so that they can't be widened.
 * HMAC-SHA-256 over a purpose and every fact in the order of their names.
 */
export class UrlSigner {
  /** @param key at least 32 random bytes */
  constructor(readonly key: Uint8Array) {
    if (key.length < 32) throw new RangeError(`a signing key needs at least 32 bytes, got ${key.length}`);
  }

  sign(purpose: string, facts: SignedFacts): string {
    const text = JSON.stringify([purpose, Object.entries(facts).map(([name, value]) => [name, String(value)]).sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1))]);
    return createHmac("sha256", this.key).update(text).digest("base64url");
  }

  verify(purpose: string, facts: SignedFacts, signature: string): boolean {
    const expected = Buffer.from(this.sign(purpose, facts));
    const given = Buffer.from(signature);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  /** A token that carries its facts: readable by anyone, changeable by nobody. */
  token(purpose: string, facts: SignedFacts): string {
    return `${Buffer.from(JSON.stringify(facts)).toString("base64url")}.${this.sign(purpose, facts)}`;
  }

  /** The facts of a token of this purpose; undefined when it is not one of ours. */
  open(purpose: string, token: string): SignedFacts | undefined {
    const [body, signature, ...rest] = token.split(".");
    if (!body || !signature || rest.length > 0) return undefined;
    try {
      const facts = JSON.parse(Buffer.from(body, "base64url").toString("utf8")) as SignedFacts;
      if (facts === null || typeof facts !== "object" || Array.isArray(facts)) return undefined;
      return this.verify(purpose, facts, signature) ? facts : undefined;
    } catch {
      return undefined;
    }
  }
}
