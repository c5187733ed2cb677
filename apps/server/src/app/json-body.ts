import { wholeDecimals } from "@winnow/contract";
import { DomainError } from "./errors.ts";

const depthMax = 64;

/** A body, and where it held numbers that JSON doesn't know. */
export interface JsonBody {
  readonly value: unknown;
  /** Paths of NaN, Infinity and -Infinity, which stand as null in the value. */
  readonly notNumbers: readonly string[];
  /** Paths of whole numbers written as decimals (1.0), where the operation asks for them. */
  readonly decimals?: readonly string[];
}

/**
 * Parses a body as JSON, also as Python writes it (NaN, Infinity).
 * @param keepsDecimals find whole numbers written as decimals too
 * @throws DomainError MALFORMED_REQUEST when it isn't JSON or is nested more than 64 levels deep
 */
export function parseJsonBody(text: string, { keepsDecimals = false } = {}): JsonBody {
  checkDepth(text);
  let failure: unknown;
  try {
    const value: unknown = JSON.parse(text);
    return { value, notNumbers: [], ...(keepsDecimals && { decimals: wholeDecimals(text) }) };
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

/**
 * Puts a marker text for each NaN and Infinity outside of texts; undefined when there is none.
 * One walk over the text: a pattern would try every quote of an unclosed text anew.
 */
function markNotNumbers(text: string, marker: string): string | undefined {
  const pieces: string[] = [];
  let copied = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34) {
      i++;
      while (i < text.length && text.charCodeAt(i) !== 34) i += text.charCodeAt(i) === 92 ? 2 : 1;
      continue;
    }
    const word = code === 78 ? "NaN" : code === 73 ? "Infinity" : code === 45 ? "-Infinity" : undefined;
    if (word === undefined || !text.startsWith(word, i)) continue;
    pieces.push(text.slice(copied, i), JSON.stringify(marker + word));
    i += word.length - 1;
    copied = i + 1;
  }
  return copied === 0 ? undefined : pieces.join("") + text.slice(copied);
}

function unmark(value: unknown, marker: string, path: string, notNumbers: string[]): unknown {
  if (typeof value === "string" && value.startsWith(marker)) {
    notNumbers.push(path);
    return null;
  }
  if (Array.isArray(value)) return value.map((item, i) => unmark(item, marker, `${path}[${i}]`, notNumbers));
  if (value !== null && typeof value === "object") {
    for (const [key, item] of Object.entries(value)) {
      if (key.startsWith(marker)) throw new SyntaxError("a number can't be the name of a property");
      Object.defineProperty(value, key, { value: unmark(item, marker, path ? `${path}.${key}` : key, notNumbers), enumerable: true, writable: true, configurable: true });
    }
  }
  return value;
}

/** Writes JSON in which the whole numbers at some paths are decimals again: 1 as `1.0`. */
export function writeJson(value: unknown, decimals: readonly string[]): string {
  const marked = new Set(decimals);
  const write = (one: unknown, path: string): string => {
    if (typeof one === "number" && Number.isSafeInteger(one) && marked.has(path)) return `${one}.0`;
    if (Array.isArray(one)) return `[${one.map((item, i) => write(item, `${path}[${i}]`)).join(",")}]`;
    if (one === null || typeof one !== "object") return JSON.stringify(one);
    return `{${Object.entries(one).map(([key, item]) => `${JSON.stringify(key)}:${write(item, path === "" ? key : `${path}.${key}`)}`).join(",")}}`;
  };
  return write(value, "");
}
