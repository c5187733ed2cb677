import { type ByteSource, CsvError, type RecordBlock, asciiText, csvRecords, firstField, splitRecord } from "./csv-records.ts";
import { type DecimalKernel, decimalKernel } from "./decimals/decimal-kernel.ts";
import { EmbeddingsCsvError } from "./embeddings-error.ts";
import { type EmbeddingsHeader, checkEmbeddingsHeader } from "./embeddings-header.ts";
import { type Cursor, float32At, float32FromText } from "./float32.ts";
import type { PlainRows, Slab } from "./slabs/plain-rows.ts";
import { type Rest, readSlabs } from "./slabs/read-slabs.ts";

/** A row of an embeddings file. */
export interface EmbeddingsRow {
  readonly fileName: string;
  /** The label as it is written. */
  readonly label: string;
  /** The vector; overwritten by the next row. */
  readonly values: Float32Array;
  /** Line of the file, from 1. */
  readonly line: number;
}

/** A whole embeddings file. */
export interface EmbeddingsTable {
  readonly fileNames: string[];
  readonly labels: string[];
  /** The header, special columns included. */
  readonly columns: readonly string[];
  /** Length of a vector. */
  readonly width: number;
  readonly rows: number;
  /** Row `i` is `data[i * width … (i + 1) * width)`. */
  readonly data: Float32Array;
}

/** An embeddings file brought into the order of a dataset. */
export interface AlignedEmbeddings {
  readonly columns: readonly string[];
  readonly width: number;
  readonly rows: number;
  /** Row `i` belongs to ordinal `i`. */
  readonly data: Float32Array;
}

/** How the work is shared out. The result is the same on any number of threads. */
interface Sharing {
  /** How many threads at most, this one counted; as many as the machine offers by default. */
  readonly threads?: number;
  /** Read at a time by one thread, 1 MiB by default. A file smaller than this is read by this thread alone. */
  readonly slabBytes?: number;
}

export interface ReadOptions extends Sharing {
  /** Expected number of rows; saves growing the matrix. */
  readonly rows?: number;
  /** Size of the file, where it is known: the number of rows is guessed from it. */
  readonly sizeInBytes?: number;
  /** Called for every row in file order; `values` is only valid during the call. */
  readonly onRow?: (row: EmbeddingsRow) => void;
  /** Columns beside the usual ones that may stand before the labels; they are read over. */
  readonly otherColumns?: readonly string[];
  /** Stops reading. */
  readonly signal?: AbortSignal;
}

export interface AlignOptions extends Sharing {
  /** Place of a file name in the dataset; undefined or -1 for a name that it doesn't have. */
  readonly ordinalOf: ReadonlyMap<string, number> | ((fileName: string) => number | undefined);
  /** Number of samples; every one must have exactly one row. */
  readonly samples: number;
  /** File name of an ordinal, for the error about a missing row; not needed when `ordinalOf` is a map. */
  readonly nameOf?: (ordinal: number) => string | undefined;
  /** Makes the matrix, for example on shared memory; a plain array by default. */
  readonly allocate?: (length: number) => Float32Array;
  readonly signal?: AbortSignal;
}

/** Where rows go. */
interface Sink {
  /** Called once, before any row. */
  begin(header: EmbeddingsHeader): void;
  /** Where the row's values are to be written: an offset into `data`. */
  place(fileName: string, line: number): number;
  data: Float32Array;
  /** Kept up to date: how much of the file lies before the rows that come next. */
  bytesBefore?: number;
  /** Whether `end` looks at the row's values. */
  readonly watched: boolean;
  end(fileName: string, label: string, line: number): void;
}

/**
 * Reads an embeddings file as a stream: names, labels and vectors in file order.
 * @throws EmbeddingsCsvError naming line and file name; the signal's reason when aborted.
 * @example
 * const { fileNames, data, width } = await readEmbeddingsCsv(createReadStream("embeddings.csv"));
 */
export async function readEmbeddingsCsv(source: ByteSource, options: ReadOptions = {}): Promise<EmbeddingsTable> {
  const names = new Set<string>();
  const labels: string[] = [];
  let columns: readonly string[] = [];
  let width = 0;
  const sink: Sink = {
    data: new Float32Array(0),
    bytesBefore: 0,
    watched: options.onRow !== undefined,
    begin(header) {
      columns = header.columns;
      width = header.values.length;
      sink.data = new Float32Array((options.rows ?? 1024) * width);
    },
    place(fileName, line) {
      if (names.has(fileName)) throw repeated(fileName, line);
      const offset = names.size * width;
      names.add(fileName);
      if (offset + width > sink.data.length) {
        // A little more than rows of this length would be, so that it is done once.
        const guessed = options.sizeInBytes === undefined || !sink.bytesBefore ? 0 : Math.ceil(((1.02 * offset) / width) * (options.sizeInBytes / sink.bytesBefore)) * width;
        const larger = new Float32Array(Math.max(guessed > offset + width ? guessed : 2 * sink.data.length, offset + width));
        larger.set(sink.data);
        sink.data = larger;
      }
      return offset;
    },
    end(fileName, label, line) {
      labels.push(label);
      options.onRow?.({ fileName, label, line, values: sink.data.subarray((names.size - 1) * width, names.size * width) });
    },
  };
  await readInto(source, sink, options);
  return { fileNames: [...names], labels, columns, width, rows: names.size, data: sink.data.subarray(0, names.size * width) };
}

/**
 * Reads an embeddings file row by row and keeps nothing: for files larger than memory. Repeated names are not noticed.
 * @throws EmbeddingsCsvError naming line and file name; the signal's reason when aborted.
 */
export async function scanEmbeddingsCsv(
  source: ByteSource,
  onRow: (row: EmbeddingsRow) => void,
  options: { readonly signal?: AbortSignal } & Sharing = {},
): Promise<{ columns: readonly string[]; width: number; rows: number }> {
  let columns: readonly string[] = [];
  let rows = 0;
  const sink: Sink = {
    data: new Float32Array(0),
    watched: true,
    begin(header) {
      columns = header.columns;
      sink.data = new Float32Array(header.values.length);
    },
    place: () => 0,
    end(fileName, label, line) {
      rows++;
      onRow({ fileName, label, line, values: sink.data });
    },
  };
  await readInto(source, sink, options);
  return { columns, width: sink.data.length, rows };
}

/**
 * Reads an embeddings file into the order of a dataset: one row for every sample, nothing else. Besides the matrix and
 * what `ordinalOf` needs, one bit per sample is kept.
 * @throws EmbeddingsCsvError naming line and file name: of rows that are missing, repeated, unknown, of other width or
 *   not finite, and for a bad header; the signal's reason when aborted.
 */
export async function readAlignedEmbeddingsCsv(source: ByteSource, options: AlignOptions): Promise<AlignedEmbeddings> {
  const { samples } = options;
  const lookUp = options.ordinalOf;
  const ordinalOf = typeof lookUp === "function" ? lookUp : (fileName: string) => lookUp.get(fileName);
  const allocate = options.allocate ?? ((length: number) => new Float32Array(length));
  const seen = new Uint8Array(Math.ceil(samples / 8));
  let columns: readonly string[] = [];
  let width = 0;
  let rows = 0;
  const sink: Sink = {
    data: new Float32Array(0),
    watched: false,
    begin(header) {
      columns = header.columns;
      width = header.values.length;
      sink.data = allocate(samples * width);
    },
    place(fileName, line) {
      const ordinal = ordinalOf(fileName);
      if (ordinal === undefined || ordinal < 0 || ordinal >= samples) {
        throw new EmbeddingsCsvError("unknown", `line ${line}: the dataset has no sample ${JSON.stringify(fileName)}`, { line, fileName });
      }
      const bit = 1 << (ordinal & 7);
      if ((seen[ordinal >> 3]! & bit) !== 0) throw repeated(fileName, line);
      seen[ordinal >> 3]! |= bit;
      rows++;
      return ordinal * width;
    },
    end() {},
  };
  await readInto(source, sink, options);
  if (rows < samples) {
    let ordinal = 0;
    while ((seen[ordinal >> 3]! & (1 << (ordinal & 7))) !== 0) ordinal++;
    const fileName = nameOf(options, ordinal);
    const named = fileName === undefined ? `the sample with ordinal ${ordinal}` : JSON.stringify(fileName);
    throw new EmbeddingsCsvError(
      "missing",
      `the file has ${rows} rows for ${samples} samples; the first one without a row is ${named}`,
      fileName === undefined ? {} : { fileName },
    );
  }
  return { columns, width, rows, data: sink.data };
}

function nameOf(options: AlignOptions, ordinal: number): string | undefined {
  if (options.nameOf !== undefined) return options.nameOf(ordinal);
  if (typeof options.ordinalOf === "function") return undefined;
  for (const [fileName, place] of options.ordinalOf) if (place === ordinal) return fileName;
  return undefined;
}

/** A row must fit into a slab, or it is read record by record. */
const SLAB_BYTES = 1 << 20;

async function readInto(source: ByteSource, sink: Sink, { signal, otherColumns, threads, slabBytes = SLAB_BYTES }: Pick<ReadOptions, "signal" | "otherColumns"> & Sharing): Promise<void> {
  try {
    let header: EmbeddingsHeader | undefined;
    const rest = await readSlabs(source, {
      slabBytes,
      threads,
      signal,
      async begin(firstLine) {
        for await (const block of csvRecords([firstLine])) header = readHeader(splitRecord(block, 0), otherColumns);
        sink.begin(header!);
        return { columns: header!.columns.length, values: header!.values, labels: header!.labels };
      },
      take: (slab, rows, line, fileOffset) => takeRows(slab, rows, line, fileOffset, header!.values.length, sink),
    });
    await readRecords(rest, sink, header, signal, otherColumns);
  } catch (error) {
    if (error instanceof CsvError) throw new EmbeddingsCsvError("csv", error.message, { line: error.line });
    throw error;
  }
}

function takeRows({ names, labels, values }: Slab, { rows, nameBytes, labelBytes, ascii }: PlainRows, line: number, fileOffset: number, width: number, sink: Sink): boolean {
  let fileNames: string[];
  let texts: string[];
  if (ascii && asciiText !== undefined) {
    fileNames = asciiText(names, 0, nameBytes).split("\n");
    texts = asciiText(labels, 0, labelBytes).split("\n");
  } else {
    try {
      fileNames = strictDecoder.decode(names.slice(0, nameBytes)).split("\n");
    } catch {
      return false;
    }
    texts = [];
    for (let at = 0; at < labelBytes; ) {
      const end = labels.indexOf(LINE_FEED, at);
      texts.push(decoder.decode(labels.slice(at, end)));
      at = end + 1;
    }
  }
  if (sink.bytesBefore !== undefined) sink.bytesBefore = fileOffset;
  // Rows that come to lie one behind the other are copied at once, if nobody looks at them before.
  let from = 0;
  let start = 0;
  for (let row = 0; row < rows; row++) {
    const fileName = fileNames[row]!;
    const offset = sink.place(fileName, line + row);
    if (sink.watched) sink.data.set(values.subarray(row * width, (row + 1) * width), offset);
    else if (offset !== start + (row - from) * width) {
      sink.data.set(values.subarray(from * width, row * width), start);
      from = row;
      start = offset;
    }
    sink.end(fileName, texts[row]!, line + row);
  }
  if (!sink.watched) sink.data.set(values.subarray(from * width, rows * width), start);
  return true;
}

async function readRecords({ source, from }: Rest, sink: Sink, known: EmbeddingsHeader | undefined, signal: AbortSignal | undefined, otherColumns?: readonly string[]): Promise<void> {
  let header: EmbeddingsHeader | undefined;
  let kinds = new Uint8Array(0);
  let kernel: DecimalKernel | undefined;
  const cursor: Cursor = { at: 0 };
  const available = await decimalKernel();
  function prepare(found: EmbeddingsHeader): void {
    header = found;
    kinds = new Uint8Array(found.columns.length);
    for (const at of found.values) kinds[at] = VALUE;
    kinds[found.labels] = LABEL;
    // Which is how everybody writes them.
    if (found.values.every((at, index) => at === found.values[0]! + index)) kernel = available;
  }
  if (known !== undefined) prepare(known);
  for await (const block of csvRecords(source, from)) {
    signal?.throwIfAborted();
    kernel?.take(block.bytes, block.start[0]!, block.end[block.count - 1]!, header!.values.length);
    if (sink.bytesBefore !== undefined) sink.bytesBefore = block.fileOffset + block.start[0]!;
    for (let i = 0; i < block.count; i++) {
      if (header === undefined) {
        const found = readHeader(splitRecord(block, i), otherColumns);
        prepare(found);
        sink.begin(found);
        kernel?.take(block.bytes, block.start[0]!, block.end[block.count - 1]!, found.values.length);
      } else if (block.quoted[i] === 1) {
        readQuotedRow(block, i, header, sink);
      } else {
        readRow(block, i, header, kinds, sink, cursor, kernel);
      }
    }
  }
  if (header === undefined) throw new EmbeddingsCsvError("header", "the file is empty", { line: 1 });
}

function readHeader(columns: string[], others: readonly string[] | undefined): EmbeddingsHeader {
  const header = checkEmbeddingsHeader(columns, others);
  if (header.values.length === 0) throw new EmbeddingsCsvError("header", "line 1: there is no column `embedding_0`", { line: 1 });
  return header;
}

const LINE_FEED = 10;
const COMMA = 44;
const VALUE = 1;
const LABEL = 2;
/** Labels are few different texts; most are one digit. */
const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit));
const decoder = new TextDecoder("utf-8");
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readRow(block: RecordBlock, i: number, header: EmbeddingsHeader, kinds: Uint8Array, sink: Sink, cursor: Cursor, kernel: DecimalKernel | undefined): void {
  const { bytes } = block;
  const end = block.end[i]!;
  const line = block.line[i]!;
  let at = block.start[i]!;
  if (at === end) throw emptyRow(line);
  const fileName = firstField(block, i);
  while (at < end && bytes[at] !== COMMA) at++;
  let offset = sink.place(fileName, line);
  const { data } = sink;
  let label = "";
  const last = kinds.length - 1;
  for (let column = 1; column <= last; column++) {
    if (at >= end) throw otherWidth(column, header, fileName, line);
    at++;
    const kind = kinds[column]!;
    if (kind === VALUE && kernel !== undefined) {
      const { values } = header;
      const found = kernel.read(at, end, values[values.length - 1]! + 1 - column, data, offset);
      if (found > 0) {
        offset += found;
        column += found - 1;
        at = kernel.stoppedAt;
        continue;
      }
    }
    if (kind === VALUE) {
      cursor.at = at;
      const value = float32At(cursor, bytes, end);
      // Finite and only then: the difference of anything else with itself is NaN.
      if (value - value !== 0) throw notFinite(header.columns[column]!, textAt(bytes, at, end), fileName, line);
      data[offset++] = value;
      at = cursor.at;
    } else {
      const start = at;
      while (at < end && bytes[at] !== COMMA) at++;
      if (kind === LABEL) {
        const digit = at - start === 1 ? bytes[start]! - 48 : -1;
        label = DIGITS[digit] ?? decoder.decode(bytes.subarray(start, at));
      }
    }
  }
  if (at < end) throw otherWidth(splitRecord(block, i).length, header, fileName, line);
  sink.end(fileName, label, line);
}

function readQuotedRow(block: RecordBlock, i: number, header: EmbeddingsHeader, sink: Sink): void {
  const fields = splitRecord(block, i);
  const line = block.line[i]!;
  const fileName = fields[0]!;
  let offset = sink.place(fileName, line);
  if (fields.length !== header.columns.length) throw otherWidth(fields.length, header, fileName, line);
  for (const column of header.values) {
    const value = float32FromText(fields[column]!);
    if (!Number.isFinite(value)) throw notFinite(header.columns[column]!, fields[column]!, fileName, line);
    sink.data[offset++] = value;
  }
  sink.end(fileName, fields[header.labels]!, line);
}

function textAt(bytes: Uint8Array, start: number, end: number): string {
  const rest = bytes.subarray(start, end);
  const comma = rest.indexOf(COMMA);
  return decoder.decode(comma === -1 ? rest : rest.subarray(0, comma));
}

function emptyRow(line: number): EmbeddingsCsvError {
  return new EmbeddingsCsvError("empty-row", `line ${line} is empty; an embeddings file must have no empty rows`, { line });
}

function repeated(fileName: string, line: number): EmbeddingsCsvError {
  return new EmbeddingsCsvError("repeated", `line ${line}: there is a row for ${JSON.stringify(fileName)} already`, { line, fileName });
}

function otherWidth(fields: number, header: EmbeddingsHeader, fileName: string, line: number): EmbeddingsCsvError {
  return new EmbeddingsCsvError(
    "width",
    `line ${line}: the row of ${JSON.stringify(fileName)} has ${fields} fields, the header has ${header.columns.length}`,
    { line, fileName },
  );
}

function notFinite(column: string, text: string, fileName: string, line: number): EmbeddingsCsvError {
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  return new EmbeddingsCsvError("non-finite", `line ${line}: \`${column}\` of ${JSON.stringify(fileName)} is ${shown}, which is not a finite number`, {
    line,
    fileName,
  });
}
