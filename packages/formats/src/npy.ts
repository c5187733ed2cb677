import type { ByteSource } from "./csv-records.ts";

/** A file that is no NPY array, or not one that can be read as numbers. The message says what is wrong. */
export class NpyError extends Error {
  override name = "NpyError";
}

/** A table of numbers, row by row. */
export interface NpyMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Row i is `data[i * columns … (i + 1) * columns)`. */
  readonly data: Float32Array;
}

export interface NpyOptions {
  /** Makes room for rows × columns zeros, for example on shared memory; a plain array by default. */
  readonly allocate?: (rows: number, columns: number) => Float32Array;
  /** How large the file is, where that is known: a header that announces something else is refused before room is made for it. */
  readonly sizeInBytes?: number | undefined;
  /** Stops reading. */
  readonly signal?: AbortSignal | undefined;
}

interface Header {
  readonly rows: number;
  readonly columns: number;
  readonly byColumn: boolean;
  readonly kind: Kind;
  readonly littleEndian: boolean;
}

interface Kind {
  readonly bytes: number;
  readonly read: (view: DataView, offset: number, littleEndian: boolean) => number;
}

const KINDS: Readonly<Record<string, Kind>> = {
  f2: { bytes: 2, read: (view, offset, littleEndian) => halfFloat(view.getUint16(offset, littleEndian)) },
  f4: { bytes: 4, read: (view, offset, littleEndian) => view.getFloat32(offset, littleEndian) },
  f8: { bytes: 8, read: (view, offset, littleEndian) => view.getFloat64(offset, littleEndian) },
  i4: { bytes: 4, read: (view, offset, littleEndian) => view.getInt32(offset, littleEndian) },
  i8: { bytes: 8, read: (view, offset, littleEndian) => Number(view.getBigInt64(offset, littleEndian)) },
};
const HEADER_BYTES_MAX = 1 << 20;
const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Reads an array of two dimensions as `numpy.save` writes it (format versions 1 to 3), as a stream. Float16,
 * float32, float64, int32 and int64 of either byte order become float32; values that it can't hold become ±Infinity, and
 * what isn't finite is left to whoever uses it.
 * @throws NpyError when it is something else, or has fewer or more bytes than its header says; the signal's reason
 */
export async function readNpy(source: ByteSource, { allocate = (rows, columns) => new Float32Array(rows * columns), sizeInBytes, signal }: NpyOptions = {}): Promise<NpyMatrix> {
  let header: Header | undefined;
  let data = new Float32Array(0);
  let bytes = new Uint8Array(0);
  let held = new Uint8Array(0);
  let done = 0;
  let count = 0;
  for await (const chunk of source) {
    signal?.throwIfAborted();
    let rest = held.length === 0 ? chunk : joined(held, chunk);
    held = new Uint8Array(0);
    if (header === undefined) {
      const found = headerOf(rest);
      if (found === undefined) {
        held = rest.slice();
        continue;
      }
      header = found.header;
      count = header.rows * header.columns;
      data = roomFor(header, found.end, sizeInBytes, allocate);
      bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      rest = rest.subarray(found.end);
    }
    const { kind, littleEndian, byColumn, rows, columns } = header;
    const whole = Math.floor(rest.length / kind.bytes);
    if (done + whole > count) throw new NpyError(`the file holds more than the ${rows} × ${columns} numbers that its header announces`);
    if (kind === KINDS["f4"] && littleEndian === hostIsLittleEndian && !byColumn) {
      bytes.set(rest.subarray(0, whole * 4), done * 4);
    } else {
      const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
      for (let index = 0; index < whole; index++) {
        const place = done + index;
        data[byColumn ? (place % rows) * columns + Math.floor(place / rows) : place] = kind.read(view, index * kind.bytes, littleEndian);
      }
    }
    done += whole;
    held = rest.slice(whole * kind.bytes);
  }
  if (header === undefined) throw new NpyError("not an NPY file: it ends within its header");
  if (done < count || held.length > 0) throw new NpyError(`the file holds ${done} numbers, its header announces ${header.rows} × ${header.columns}`);
  return { rows: header.rows, columns: header.columns, data };
}

/** Room for what the header announces, if that can be. */
function roomFor({ rows, columns, kind }: Header, begin: number, sizeInBytes: number | undefined, allocate: (rows: number, columns: number) => Float32Array): Float32Array<ArrayBuffer> {
  const announced = begin + rows * columns * kind.bytes;
  if (sizeInBytes !== undefined && announced !== sizeInBytes) throw new NpyError(`the file has ${sizeInBytes} bytes, its header announces ${rows} × ${columns} numbers, which are ${announced}`);
  if (!Number.isSafeInteger(announced)) throw new NpyError(`the header announces ${rows} × ${columns} numbers, more than any file holds`);
  try {
    return allocate(rows, columns) as Float32Array<ArrayBuffer>;
  } catch (error) {
    if (error instanceof RangeError) throw new NpyError(`the ${rows} × ${columns} numbers that the header announces don't fit into memory`, { cause: error });
    throw error;
  }
}

/** The header, and where it ends; undefined when more bytes are needed. */
function headerOf(bytes: Uint8Array): { header: Header; end: number } | undefined {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (magic.some((byte, at) => at < bytes.length && bytes[at] !== byte)) throw new NpyError("not an NPY file: it does not begin with \\x93NUMPY");
  if (bytes.length < 12) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw new NpyError(`NPY of version ${version} can't be read, only 1 to 3`);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > HEADER_BYTES_MAX) throw new NpyError(`not an NPY file: a header of ${length} bytes`);
  if (bytes.length < start + length) return undefined;
  return { header: parsed(new TextDecoder().decode(bytes.subarray(start, start + length))), end: start + length };
}

function parsed(text: string): Header {
  const kindText = /'descr':\s*'([<>|=]?)(\w+)'/.exec(text);
  const kind = kindText === null ? undefined : KINDS[kindText[2]!];
  if (kind === undefined) throw new NpyError(`an array of ${/'descr':\s*(.*?),\s*'/.exec(text)?.[1] ?? "an unknown type"} can't be read as numbers, only ${Object.keys(KINDS).join(", ")}`);
  const shape = /'shape':\s*\(([\d\s,L]*)\)/.exec(text)?.[1]?.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) => Number.parseInt(part));
  if (shape === undefined || shape.length !== 2) {
    const hint = shape?.length === 1 ? `; a single vector is the shape (1, ${shape[0]}), one number per sample (${shape[0]}, 1)` : "";
    throw new NpyError(`an array of two dimensions is needed, a row for each sample; its shape is (${shape?.join(", ") ?? "?"}${shape?.length === 1 ? "," : ""})${hint}`);
  }
  const [rows, columns] = shape as [number, number];
  const order = kindText![1];
  return { rows, columns, byColumn: /'fortran_order':\s*True/.test(text), kind, littleEndian: order === "<" || (order !== ">" && hostIsLittleEndian) };
}

function halfFloat(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
