import { indexOfByte } from "../csv-records.ts";
import type { DecimalKernel } from "../decimals/decimal-kernel.ts";
import { type Cursor, float32At } from "../float32.ts";

/** What the header says, as far as rows need it. */
export interface RowLayout {
  /** Number of columns. */
  readonly columns: number;
  /** Positions of the vector's components among the columns, in file order. */
  readonly values: readonly number[];
  readonly labels: number;
}

/** A piece of a file that holds whole rows, and room for what they say. Shared memory, so that any thread can do the work. */
export interface Slab {
  readonly text: Uint8Array;
  readonly values: Float32Array;
  /** File names as they are written, each with a line feed behind it. */
  readonly names: Uint8Array;
  /** Labels, the same way. */
  readonly labels: Uint8Array;
}

const SPARE_BYTES = 64;

/** @param bytes the longest text that it can hold */
export function newSlab(bytes: number): Slab {
  const half = Math.ceil(bytes / 2) + SPARE_BYTES;
  return {
    text: new Uint8Array(new SharedArrayBuffer(bytes + SPARE_BYTES)),
    // A value takes two bytes at least, with its comma.
    values: new Float32Array(new SharedArrayBuffer(4 * half)),
    names: new Uint8Array(new SharedArrayBuffer(bytes + SPARE_BYTES)),
    labels: new Uint8Array(new SharedArrayBuffer(bytes + SPARE_BYTES)),
  };
}

/** What was read of a slab. */
export interface PlainRows {
  readonly rows: number;
  /** Bytes of the text that these rows take; less than all when the next row isn't plain. */
  readonly bytes: number;
  readonly nameBytes: number;
  readonly labelBytes: number;
  /** Whether all names, and all labels, are ASCII. */
  readonly ascii: boolean;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const COMMA = 44;

/**
 * Reads rows of a text without quotes, `text[0 … length)`, of which the last byte is a line feed. Ends before the first
 * row that has something wrong with it, which is for the reader of single records to name.
 */
export function readPlainRows({ text, values, names, labels }: Slab, length: number, layout: RowLayout, kernel: DecimalKernel | undefined): PlainRows {
  const width = layout.values.length;
  const last = layout.values[width - 1]!;
  // Which is how everybody writes them.
  const adjacent = last - layout.values[0]! === width - 1;
  const isValue = new Uint8Array(layout.columns);
  for (const column of layout.values) isValue[column] = 1;
  const cursor: Cursor = { at: 0 };
  if (kernel !== undefined && adjacent) kernel.take(text, 0, length - 1, width);
  let rows = 0;
  let start = 0;
  let nameBytes = 0;
  let labelBytes = 0;
  let bits = 0;
  while (start < length) {
    const lineFeed = indexOfByte(text, LINE_FEED, start);
    const end = lineFeed > start && text[lineFeed - 1] === CARRIAGE_RETURN ? lineFeed - 1 : lineFeed;
    if (end === start) break;
    let at = start;
    let nameEnd = nameBytes;
    for (let byte = text[at]!; at < end && byte !== COMMA; byte = text[++at]!) {
      bits |= byte;
      names[nameEnd++] = byte;
    }
    names[nameEnd++] = LINE_FEED;
    let labelEnd = labelBytes;
    let offset = rows * width;
    let column = 1;
    while (column < layout.columns && at < end) {
      at++;
      if (isValue[column] === 1 && adjacent && kernel !== undefined) {
        const found = kernel.read(at, end, last + 1 - column, values, offset);
        if (found > 0) {
          offset += found;
          column += found;
          at = kernel.stoppedAt;
          continue;
        }
      }
      if (isValue[column] === 1) {
        cursor.at = at;
        const value = float32At(cursor, text, end);
        // Finite and only then: the difference of anything else with itself is NaN.
        if (value - value !== 0) break;
        values[offset++] = value;
        at = cursor.at;
      } else if (column === layout.labels) {
        for (; at < end && text[at] !== COMMA; at++) {
          bits |= text[at]!;
          labels[labelEnd++] = text[at]!;
        }
        labels[labelEnd++] = LINE_FEED;
      } else {
        while (at < end && text[at] !== COMMA) at++;
      }
      column++;
    }
    if (column < layout.columns || at < end) break;
    nameBytes = nameEnd;
    labelBytes = labelEnd;
    rows++;
    start = lineFeed + 1;
  }
  return { rows, bytes: start, nameBytes, labelBytes, ascii: bits < 128 };
}
