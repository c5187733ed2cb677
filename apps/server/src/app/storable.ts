import { DomainError } from "./errors.ts";

/** Whether a text can be stored as UTF-8 and found again: no half of a surrogate pair, and no NUL, at which databases end a text. */
export function isStorable(text: string): boolean {
  return !/\p{Surrogate}|\0/u.test(text);
}

/** @throws DomainError BAD_REQUEST when a text that came as `field` can't be stored */
export function requireStorable(field: string, text: string): void {
  if (!isStorable(text)) throw new DomainError("BAD_REQUEST", `"${field}" must be well-formed text without NUL characters, got ${JSON.stringify(text.slice(0, 80))}.`);
}

/** Whether a number of bytes is counted exactly. */
export function requireCountable(field: string, bytes: number): void {
  if (bytes > Number.MAX_SAFE_INTEGER) throw new DomainError("BAD_REQUEST", `"${field}" must be at most ${Number.MAX_SAFE_INTEGER}, got ${bytes}.`);
}
