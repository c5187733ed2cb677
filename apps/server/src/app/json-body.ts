import { DomainError } from "./errors.ts";

const depthMax = 64;

/** A body, and where it held numbers that JSON doesn't know. */
export interface JsonBody {
  readonly value: unknown;
  /** Paths of NaN, Infinity and -Infinity, which stand as null in the value. */
  readonly notNumbers: readonly string[];
}

/**
 * Parses a body as JSON, also as Python writes it (NaN, Infinity).
 * @throws DomainError MALFORMED_REQUEST when it isn't JSON or is nested more than 64 levels deep
 */
export function parseJsonBody(text: string): JsonBody {
  checkDepth(text);
  let failure: unknown;
  try {
    return { value: JSON.parse(text), notNumbers: [] };
  } catch (error) {
    failure = error;
  }
  const marker = `\u0001${Math.random()}`;
  const marked = markNotNumbers(text, marker);
  if (marked !== undefined) {
    try {
      const notNumbers: string[] = [];
      const value = unmark(JSON.parse(marked), marker, "", notNumbers);
      return { value, notNumbers };
    } catch {
      // The first failure says more: it is about the text that was sent.
    }
  }
  throw new DomainError("MALFORMED_REQUEST", `The body is not valid JSON: ${failure instanceof Error ? failure.message : String(failure)}`);
}

function checkDepth(text: string): void {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inText) {
      if (code === 92) i++;
      else if (code === 34) inText = false;
    } else if (code === 34) inText = true;
    else if (code === 91 || code === 123) {
      if (++depth > depthMax) throw new DomainError("MALFORMED_REQUEST", `The body is nested more than ${depthMax} levels deep.`);
    } else if (code === 93 || code === 125) depth--;
  }
}

/** Puts a marker text for each NaN and Infinity outside of texts; undefined when there is none. */
function markNotNumbers(text: string, marker: string): string | undefined {
  let found = false;
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) => {
    if (token.startsWith('"')) return token;
    found = true;
    return JSON.stringify(marker + token);
  });
  return found ? marked : undefined;
}

function unmark(value: unknown, marker: string, path: string, notNumbers: string[]): unknown {
  if (typeof value === "string" && value.startsWith(marker)) {
    notNumbers.push(path);
    return null;
  }
  if (Array.isArray(value)) return value.map((item, i) => unmark(item, marker, `${path}[${i}]`, notNumbers));
  if (value !== null && typeof value === "object") {
    for (const [key, item] of Object.entries(value)) {
      Object.defineProperty(value, key, { value: unmark(item, marker, path ? `${path}.${key}` : key, notNumbers), enumerable: true, writable: true, configurable: true });
    }
  }
  return value;
}
