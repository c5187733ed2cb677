import { DomainError } from "../app/errors.ts";

const windowMs = 60_000;
const attemptsMax = 10;
const keysMax = 10_000;

/** Counts failed attempts to sign in, by whatever they are told apart by: the mail address, where they come from. */
export class Attempts {
  readonly #failures = new Map<string, number[]>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** @throws DomainError TOO_MANY_REQUESTS when one of the keys has failed ten times within a minute */
  check(keys: readonly string[]): void {
    for (const key of keys) {
      const recent = this.#recent(key);
      if (recent.length < attemptsMax) continue;
      const seconds = Math.max(1, Math.ceil((recent[0]! + windowMs - this.#now()) / 1000));
      throw new DomainError("TOO_MANY_REQUESTS", `Too many attempts to sign in. Try again in ${seconds} seconds.`, { retryAfterSeconds: seconds });
    }
  }

  failed(keys: readonly string[]): void {
    for (const key of keys) {
      const recent = [...this.#recent(key), this.#now()];
      // The oldest entry makes room: memory stays bounded whatever is tried.
      if (!this.#failures.has(key) && this.#failures.size >= keysMax) this.#failures.delete(this.#failures.keys().next().value!);
      this.#failures.set(key, recent.slice(-attemptsMax));
    }
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  #recent(key: string): number[] {
    const since = this.#now() - windowMs;
    return (this.#failures.get(key) ?? []).filter((at) => at > since);
  }
}
