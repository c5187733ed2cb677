import { type AsyncBuffer, type ColumnData, type FileMetaData, parquetMetadataAsync, parquetRead } from "hyparquet";
import { getSchemaPath } from "hyparquet/src/schema.js";
import { FOOTER_BYTES_MAX, checkAnnounced, checkMatrix, chunkOf } from "./chunk-limits.ts";
import { chosenColumns } from "./chosen-columns.ts";
import { checkPages, compressors } from "./page-check.ts";
import { ParquetError } from "./parquet-error.ts";

/** A file of which any part can be read. */
export interface RandomAccess {
  readonly byteLength: number;
  slice(start: number, end: number): ArrayBuffer | Promise<ArrayBuffer>;
}

/** Vectors row by row, and what the rows are called. */
export interface ParquetVectors {
  readonly rows: number;
  readonly columns: number;
  /** Row i is `data[i * columns … (i + 1) * columns)`. */
  readonly data: Float32Array;
  /** Undefined when no column names the rows. */
  readonly names: readonly string[] | undefined;
}

export interface ParquetOptions {
  /** Makes room for rows × columns zeros, for example on shared memory; a plain array by default. */
  readonly allocate?: (rows: number, columns: number) => Float32Array;
  /** Stops reading between two pieces. */
  readonly signal?: AbortSignal | undefined;
}

/** Columns and values that are unpacked at the same time, so that wide files and large groups of rows need little memory. */
const COLUMNS_AT_ONCE = 16;
const VALUES_AT_ONCE = 2 ** 24;

/**
 * Reads vectors and their names from a Parquet file, one group of rows after the other. See {@link chosenColumns} for
 * which columns are taken. Vectors are a column of lists of one length, or a column for each dimension; numbers become
 * float32, and what isn't finite is left to whoever uses it.
 * @throws ParquetError when it is something else, is damaged, announces more than can be read, misses a value, or has
 *   lists of different length; the signal's reason
 */
export async function readParquet(file: RandomAccess, { allocate = (rows, columns) => new Float32Array(rows * columns), signal }: ParquetOptions = {}): Promise<ParquetVectors> {
  const metadata = await described(file);
  const { rows, name, vectors } = await intact(async () => ({ rows: checkAnnounced(metadata), ...chosenColumns(metadata) }));
  const names: string[] | undefined = name === undefined ? undefined : [];
  let columns = "each" in vectors ? vectors.each.length : 0;
  let data = "each" in vectors ? room(allocate, rows, columns) : undefined;
  let first = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    const count = Number(group.num_rows);
    const read = (wanted: readonly string[]): Promise<Map<string, ArrayLike<unknown>>> => {
      signal?.throwIfAborted();
      return readColumns(file, metadata, index, first, count, wanted);
    };
    if (count > 0 && name !== undefined) {
      const values = (await read([name])).get(name)!;
      for (let row = 0; row < count; row++) names!.push(nameOf(values[row], first + row, name));
    }
    if (count > 0 && "list" in vectors) {
      const lists = (await read([vectors.list])).get(vectors.list)!;
      if (data === undefined) {
        columns = (lists[0] as ArrayLike<unknown> | null | undefined)?.length ?? 0;
        data = room(allocate, rows, columns);
      }
      for (let row = 0; row < count; row++) putList(data, first + row, columns, lists[row], vectors.list);
    }
    if (count > 0 && "each" in vectors) {
      const atOnce = Math.min(COLUMNS_AT_ONCE, Math.max(1, Math.floor(VALUES_AT_ONCE / count)));
      for (let from = 0; from < columns; from += atOnce) {
        const some = vectors.each.slice(from, from + atOnce);
        const found = await read(some);
        for (const [at, column] of some.entries()) {
          const values = found.get(column)!;
          for (let row = 0; row < count; row++) data![(first + row) * columns + from + at] = numberOf(values[row], first + row, column);
        }
      }
    }
    first += count;
  }
  return { rows, columns, data: data ?? room(allocate, rows, columns), names };
}

function room(allocate: (rows: number, columns: number) => Float32Array, rows: number, columns: number): Float32Array {
  checkMatrix(rows, columns);
  return allocate(rows, columns);
}

async function described(file: RandomAccess): Promise<FileMetaData> {
  if (file.byteLength < 12) throw new ParquetError("not a Parquet file: it is too short");
  const end = new DataView(await file.slice(file.byteLength - 8, file.byteLength));
  if (end.getUint32(4, true) !== 0x31524150) throw new ParquetError("not a Parquet file: it does not end with PAR1");
  const length = end.getUint32(0, true);
  if (length > file.byteLength - 12) throw new ParquetError("the file is damaged: its description is longer than the file");
  if (length > FOOTER_BYTES_MAX) throw new ParquetError(`the file's description has ${length} bytes, more than can be read`);
  return intact(() => parquetMetadataAsync(buffered(file), { geoparquet: false }));
}

/** The values of some columns in a group of rows, by column. */
async function readColumns(file: RandomAccess, metadata: FileMetaData, index: number, first: number, count: number, wanted: readonly string[]): Promise<Map<string, ArrayLike<unknown>>> {
  const pieces = new Map<string, ColumnData[]>(wanted.map((column) => [column, []]));
  const chunks = new Map<number, ArrayBuffer>();
  for (const column of wanted) {
    const { start, end, about } = await intact(async () => chunkOf(metadata.row_groups[index]!, column, file.byteLength));
    const bytes = await file.slice(start, end);
    await intact(async () => checkPages(bytes, about, getSchemaPath(metadata.schema, about.path_in_schema)));
    chunks.set(start, bytes);
  }
  // The pages that were checked are those that are read. Neighbours are asked for in one piece, with what lies between.
  const checked: AsyncBuffer = {
    byteLength: file.byteLength,
    slice(start, end = file.byteLength) {
      const piece = new Uint8Array(end - start);
      for (const [from, bytes] of chunks) {
        const [low, high] = [Math.max(start, from), Math.min(end, from + bytes.byteLength)];
        if (low < high) piece.set(new Uint8Array(bytes, low - from, high - low), low - start);
      }
      return piece.buffer;
    },
  };
  await intact(() =>
    parquetRead({
      file: checked, metadata, columns: [...wanted], rowStart: first, rowEnd: first + count, compressors, geoparquet: false,
      onChunk: (chunk) => pieces.get(chunk.columnName)?.push(chunk),
    }),
  );
  return new Map(Array.from(pieces, ([column, chunksOf]) => [column, whole(chunksOf, first, count, column)]));
}

/** One array for the rows of the group. */
function whole(pieces: readonly ColumnData[], first: number, count: number, column: string): ArrayLike<unknown> {
  if (pieces.length === 1 && pieces[0]!.rowStart === first && pieces[0]!.columnData.length === count) return pieces[0]!.columnData as ArrayLike<unknown>;
  const values: unknown[] = Array.from({ length: count });
  let found = 0;
  for (const { columnData, rowStart } of pieces) {
    for (let at = 0; at < columnData.length; at++) {
      const place = rowStart + at - first;
      if (place < 0 || place >= count) continue;
      values[place] = columnData[at];
      found++;
    }
  }
  if (found !== count) throw new ParquetError(`the file is damaged: the column ${column} has ${found} values for ${count} rows`);
  return values;
}

function nameOf(value: unknown, row: number, column: string): string {
  if (typeof value === "string" && value !== "") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  throw new ParquetError(`row ${row}: the column ${column} has no name`);
}

function numberOf(value: unknown, row: number, column: string): number {
  if (typeof value === "number") return value;
  throw new ParquetError(`row ${row}: the column ${column} has no number`);
}

function putList(data: Float32Array, row: number, columns: number, list: unknown, column: string): void {
  if (list === null || list === undefined) throw new ParquetError(`row ${row}: the column ${column} has no list`);
  const values = list as ArrayLike<unknown>;
  if (values.length !== columns) throw new ParquetError(`row ${row}: the list of the column ${column} has ${values.length} numbers, that of row 0 has ${columns}`);
  const start = row * columns;
  for (let at = 0; at < columns; at++) data[start + at] = numberOf(values[at], row, column);
}

function buffered(file: RandomAccess): AsyncBuffer {
  return { byteLength: file.byteLength, slice: (start, end = file.byteLength) => file.slice(start, end) };
}

/** What a reader of pages complains about is a damaged file, or one that uses what it doesn't know. */
async function intact<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ParquetError || !(error instanceof Error)) throw error;
    throw new ParquetError(`the file is damaged or uses what can't be read: ${error.message}`, { cause: error });
  }
}
