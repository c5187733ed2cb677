/** Long lists in JSON, an item at a time: the text of a million samples is longer than a string may be. */
import { RuntimeError } from "./errors.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN = 91;
const CLOSE = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * The objects of a JSON array. What stands between them isn't looked at closely; the objects themselves are parsed.
 * @throws RuntimeError when it is no array of objects, or ends too early
 */
export async function* jsonItems(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  let depth = 0;
  let inString = false;
  let escaped = false;
  let closed = false;
  /** Beginning of an item that an earlier piece held. */
  let held: Uint8Array[] = [];
  for await (const piece of source) {
    let start = 0; // of the item that is open
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) {
        inString = true;
      } else if (byte === OPEN || byte === OPEN_BRACE) {
        if (depth === 0 && (byte !== OPEN || closed)) throw noList();
        if (depth === 1) {
          if (byte !== OPEN_BRACE) throw noList();
          start = at;
        }
        depth++;
      } else if (byte === CLOSE || byte === CLOSE_BRACE) {
        depth--;
        if (depth < 0) throw noList();
        if (depth === 0) closed = true;
        if (depth === 1) {
          const last = piece.subarray(start, at + 1);
          yield parsed(held.length === 0 ? decoder.decode(last) : decoder.decode(joined([...held, last])));
          held = [];
        }
      }
    }
    // Copied: the piece may be overwritten by the next one.
    if (depth > 1) held.push(piece.slice(start));
  }
  if (!closed || depth !== 0) throw noList();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw noList();
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function noList(): RuntimeError {
  return new RuntimeError("the server's answer is not a complete list of objects");
}
