/**
 * CSV cut into records, as bytes: nothing is decoded here, so that files of hundreds of megabytes pass at the speed of
 * the disk. Quoting is that of RFC 4180: a field that begins with a quote may hold commas, line ends and doubled quotes;
 * a quote inside any other field is an ordinary character.
 */

/** Bytes in pieces: a file stream, the body of a reply, an array of chunks. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A text that is not CSV. */
export class CsvError extends Error {
  /** Line of the file, from 1. */
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.name = "CsvError";
    this.line = line;
  }
}

/**
 * Some records of a file. Record `i` is `bytes[start[i] … end[i])`, without its line end; `bytes[end[i]]` is always there
 * and is a line end. Everything in a block is overwritten when the next one is asked for.
 */
export interface RecordBlock {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Line on which the record begins, from 1. */
  readonly line: Int32Array;
  /** 1 where a quote occurs in the record, so that {@link splitRecord} is needed to read its fields. */
  readonly quoted: Uint8Array;
  /** Where `bytes[0]` lies in the file (a byte order mark counted). */
  readonly fileOffset: number;
}

/** Scanned at once: large enough that a record cut by the block's end costs nothing, small enough for the cache. */
const BLOCK_BYTES = 1 << 18;
/** A longer record is taken for a file that isn't CSV, before it fills the memory. */
const RECORD_BYTES_MAX = 1 << 26;
const RECORDS_MAX = 1 << 14;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const COMMA = 44;

/**
 * Cuts a byte stream into records. Line ends may be LF or CRLF, a byte order mark is skipped, the last line needs no
 * end. Empty lines are records of length 0, save after the last line end.
 * @param from where the bytes begin, when they are the rest of a file: its line, from 1, and its place in the file
 * @throws CsvError for a quote that is never closed and for a record of more than 64 MiB.
 */
export async function* csvRecords(source: ByteSource, from?: { readonly line: number; readonly fileOffset: number }): AsyncGenerator<RecordBlock, void, undefined> {
  let buffer = new Uint8Array(2 * BLOCK_BYTES);
  let held = 0; // bytes in the buffer
  let fileOffset = from?.fileOffset ?? 0; // of buffer[0]
  let line = from?.line ?? 1;
  let first = from === undefined;
  let wanted = BLOCK_BYTES; // scanned only when so many are held: a long record isn't scanned again for every chunk
  const start = new Int32Array(RECORDS_MAX);
  const end = new Int32Array(RECORDS_MAX);
  const lines = new Int32Array(RECORDS_MAX);
  const quoted = new Uint8Array(RECORDS_MAX);

  function find(byte: number, from: number): number {
    return indexOfByte(buffer.subarray(0, held), byte, from);
  }

  function* scan(final: boolean): Generator<RecordBlock, void, undefined> {
    const bytes = buffer;
    buffer[held] = LINE_FEED; // searches for a line end need no other bound
    let at = 0;
    let count = 0;
    if (first && (held >= 3 || final)) {
      first = false;
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3;
    }
    let nextQuote = find(QUOTE, at);
    while (at < held) {
      let stop = indexOfByte(bytes, LINE_FEED, at);
      if (stop === held) stop = -1;
      let lineCount = 1;
      let hasQuote = 0;
      if (nextQuote !== -1 && nextQuote < at) nextQuote = find(QUOTE, at);
      if (nextQuote !== -1 && (stop === -1 || nextQuote < stop)) {
        hasQuote = 1;
        const found = recordEnd(bytes.subarray(0, held), at);
        if (found.open && final) {
          // What is wrong before it is to be found first.
          if (count > 0) yield { bytes, count, start, end, line: lines, quoted, fileOffset };
          throw new CsvError(`line ${line}: a quote is opened and never closed`, line);
        }
        stop = found.stop;
        lineCount = found.lines;
      }
      if (stop === -1) {
        if (!final) break;
        stop = held;
      }
      start[count] = at;
      end[count] = stop > at && stop < held && bytes[stop - 1] === CARRIAGE_RETURN ? stop - 1 : stop;
      lines[count] = line;
      quoted[count] = hasQuote;
      count++;
      line += lineCount;
      at = stop + 1;
      if (count === RECORDS_MAX) {
        yield { bytes, count, start, end, line: lines, quoted, fileOffset };
        count = 0;
      }
    }
    if (count > 0) yield { bytes, count, start, end, line: lines, quoted, fileOffset };
    at = Math.min(at, held);
    // What is left is the beginning of a record.
    if (at > 0) buffer.copyWithin(0, at, held);
    fileOffset += at;
    held -= at;
    if (held > RECORD_BYTES_MAX) throw new CsvError(`line ${line} is longer than ${RECORD_BYTES_MAX} bytes: this is no CSV file`, line);
    wanted = Math.max(BLOCK_BYTES, 2 * held);
  }

  for await (const chunk of source) {
    if (held + chunk.byteLength >= buffer.byteLength) {
      const larger = new Uint8Array(2 * (held + chunk.byteLength));
      larger.set(buffer.subarray(0, held));
      buffer = larger;
    }
    buffer.set(chunk, held);
    held += chunk.byteLength;
    if (held >= wanted) yield* scan(false);
  }
  yield* scan(true);
}

/** Where a byte is first, from a position on; -1 where it isn't. Node's own search looks at many bytes at once, that of typed arrays at one. */
export const indexOfByte: (bytes: Uint8Array, byte: number, from: number) => number =
  typeof Buffer === "function" ? (bytes, byte, from) => Buffer.prototype.indexOf.call(bytes, byte, from) : (bytes, byte, from) => bytes.indexOf(byte, from);

/** End of a record that holds quotes: the position of its line feed, or -1 when the bytes end before it does. */
function recordEnd(bytes: Uint8Array, start: number): { stop: number; lines: number; open: boolean } {
  let lines = 1;
  let fieldStart = true;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE && fieldStart) {
      at++;
      for (; ; at++) {
        if (at >= bytes.length) return { stop: -1, lines, open: true };
        if (bytes[at] === LINE_FEED) lines++;
        if (bytes[at] !== QUOTE) continue;
        if (bytes[at + 1] !== QUOTE) break;
        at++;
      }
      fieldStart = false;
    } else if (byte === LINE_FEED) {
      return { stop: at, lines, open: false };
    } else {
      fieldStart = byte === COMMA;
    }
  }
  return { stop: -1, lines, open: false };
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of bytes below 128, where Node offers this; a decoder takes several times as long for short texts. */
export const asciiText: ((bytes: Uint8Array, start: number, end: number) => string) | undefined =
  typeof Buffer === "function" ? (bytes, start, end) => Buffer.prototype.latin1Slice.call(bytes, start, end) : undefined;

/** @throws CsvError when the bytes are not UTF-8. */
function decode(bytes: Uint8Array, line: number): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new CsvError(`line ${line}: the text is not UTF-8`, line);
  }
}

/** Fields of record `i`, unquoted. @throws CsvError when a field is not UTF-8. */
export function splitRecord(block: RecordBlock, i: number): string[] {
  const line = block.line[i]!;
  const text = decode(block.bytes.subarray(block.start[i]!, block.end[i]!), line);
  return block.quoted[i] === 0 ? text.split(",") : splitQuoted(text);
}

/** First field of record `i`, unquoted, without looking at the others. @throws CsvError when it is not UTF-8. */
export function firstField(block: RecordBlock, i: number): string {
  if (block.quoted[i] === 1) return splitRecord(block, i)[0]!;
  const { bytes } = block;
  const start = block.start[i]!;
  const end = block.end[i]!;
  let stop = start;
  let bits = 0;
  for (let byte = bytes[start]!; stop < end && byte !== COMMA; byte = bytes[++stop]!) bits |= byte;
  return bits < 128 && asciiText !== undefined ? asciiText(bytes, start, stop) : decode(bytes.subarray(start, stop), block.line[i]!);
}

function splitQuoted(text: string): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = "";
    if (text[at] === '"') {
      at++;
      for (;;) {
        const quote = text.indexOf('"', at);
        // The scanner has made sure that quotes are closed.
        field += text.slice(at, quote === -1 ? text.length : quote);
        at = quote === -1 ? text.length : quote + 1;
        if (text[at] !== '"') break;
        field += '"';
        at++;
      }
    }
    const comma = text.indexOf(",", at);
    field += text.slice(at, comma === -1 ? text.length : comma);
    fields.push(field);
    if (comma === -1) return fields;
    at = comma + 1;
  }
}

/** A field as it is written: quoted where it holds a comma, a quote, a line end, or blanks at its ends. */
export function csvField(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
