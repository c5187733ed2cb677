import type { Column } from "./column.ts";

type Text = Extract<Column, { kind: "text" }>;
const haystacks = new WeakMap<Text, string>();

/**
 * Marks the entries of a text column that contain a text, whatever the case of its Latin letters. The whole column is
 * searched as one string of bytes, so that a million names take some milliseconds.
 * @returns 1 for each entry that contains it
 */
export function searchNames(column: Text, wanted: string): Uint8Array {
  const samples = column.offsets.length - 1;
  const found = new Uint8Array(samples);
  const needle = asBytes(new TextEncoder().encode(wanted)).toLowerCase();
  if (needle === "") return found.fill(1);
  let haystack = haystacks.get(column);
  if (haystack === undefined) haystacks.set(column, (haystack = asBytes(column.bytes).toLowerCase()));
  let entry = 0;
  for (let at = haystack.indexOf(needle); at >= 0; ) {
    entry = entryAt(column.offsets, at, entry);
    const end = column.offsets[entry + 1]!;
    if (at + needle.length <= end) {
      found[entry] = 1;
      at = haystack.indexOf(needle, end);
    } else at = haystack.indexOf(needle, at + 1);
  }
  return found;
}

/** The entry that holds a byte; entries before `low` needn't be looked at. */
function entryAt(offsets: Uint32Array, at: number, low: number): number {
  let high = offsets.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (offsets[middle]! <= at) low = middle;
    else high = middle;
  }
  return low;
}

/** One character per byte: only ASCII letters change their case then, and offsets stay offsets of bytes. */
function asBytes(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 32_768) text += String.fromCharCode(...bytes.subarray(i, i + 32_768));
  // Bytes above 127 must not be changed as if they were Latin-1 letters.
  return text.replaceAll(/[\u00c0-\u00de]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0x1000));
}
