import { type ColumnMetaData, type PageHeader, type SchemaTree, snappyUncompress } from "hyparquet";
import { compressors as unpackers, decompressZstd } from "hyparquet-compressors";
import { parquetHeader } from "hyparquet/src/column.js";
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from "hyparquet/src/schema.js";
import { CHUNK_BYTES_MAX, CHUNK_VALUES_MAX, PAGE_BYTES_MAX } from "./chunk-limits.ts";
import { checkRuns } from "./page-runs.ts";
import { ParquetError } from "./parquet-error.ts";

type Unpack = (input: Uint8Array, length: number) => Uint8Array;

/** How pages are unpacked, each into the room that its header announces and no more. */
export const compressors: Readonly<Record<string, Unpack>> = {
  ...unpackers,
  ZSTD: (input, length) => decompressZstd(input, new Uint8Array(length)),
  SNAPPY: (input, length) => {
    const output = new Uint8Array(length);
    snappyUncompress(input, output);
    return output;
  },
};

/** Others are either not for texts and numbers, or can announce sizes that nothing bounds. */
const ENCODINGS = new Set(["PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT", "DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY"]);

/**
 * Holds a column's pages against what the file says about it, before they are read.
 * @param path the column's place in the schema, from the root
 * @throws ParquetError when the pages hold more values than announced, unpack to too much, or lie outside of the column
 */
export function checkPages(bytes: ArrayBuffer, about: ColumnMetaData, path: SchemaTree[]): void {
  const column = path[1]!.element.name;
  const values = Number(about.num_values);
  const reader = { view: new DataView(bytes), offset: 0 };
  let found = 0;
  let unpacked = 0;
  // As the reader of the pages does: a last byte is no header.
  while (reader.offset < bytes.byteLength - 1) {
    const header = parquetHeader(reader);
    const { compressed_page_size: packedSize, uncompressed_page_size: size } = header;
    const outside = !(packedSize >= 0 && size >= 0) || reader.offset + packedSize > bytes.byteLength;
    if (outside) throw new ParquetError(`the file is damaged: a page of the column ${column} lies outside of it`);
    unpacked += size;
    if (size > PAGE_BYTES_MAX || unpacked > CHUNK_BYTES_MAX) throw new ParquetError(`the column ${column} unpacks to more than can be read`);
    const page = new Uint8Array(bytes, reader.offset, packedSize);
    reader.offset += packedSize;
    if (header.type === "DICTIONARY_PAGE") {
      if (!within(header.dictionary_page_header?.num_values, CHUNK_VALUES_MAX)) throw new ParquetError(`the file is damaged: the dictionary of the column ${column} is too large`);
      continue;
    }
    const facts = header.data_page_header ?? header.data_page_header_v2;
    if (facts === undefined || !within(facts.num_values, values - found)) throw new ParquetError(`the file is damaged: the column ${column} holds more values than it announces`);
    if (!ENCODINGS.has(facts.encoding)) throw new ParquetError(`the column ${column} is written with the encoding ${facts.encoding}, which can't be read; write it with PLAIN or a dictionary`);
    found += facts.num_values;
    if (header.data_page_header_v2 === undefined) checkPage(page, header, about, path);
    else checkPageOfSecondKind(page, header, about, path);
  }
}

function within(count: number | undefined, most: number): boolean {
  return count !== undefined && count >= 0 && count <= most;
}

function bits(level: number): number {
  return 32 - Math.clz32(level);
}

function unpackedPage(page: Uint8Array, size: number, codec: string): Uint8Array {
  if (codec === "UNCOMPRESSED") return page;
  const unpack = compressors[codec];
  if (unpack === undefined) throw new ParquetError(`the file is packed with ${codec}, which can't be read`);
  return unpack(page, size);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Levels stand before the values and are packed with them, each with its length in front. */
function checkPage(page: Uint8Array, header: PageHeader, { codec }: ColumnMetaData, path: SchemaTree[]): void {
  const { num_values: count, encoding } = header.data_page_header!;
  const levels = [path.length > 2 ? getMaxRepetitionLevel(path) : 0, getMaxDefinitionLevel(path)].filter((level) => level > 0);
  if (levels.length === 0 && !encoding.endsWith("DICTIONARY")) return;
  const view = viewOf(unpackedPage(page, header.uncompressed_page_size, codec));
  let at = 0;
  for (const level of levels) {
    const end = at + 4 + view.getUint32(at, true);
    if (end > view.byteLength) throw new ParquetError("the file is damaged: levels lie outside of their page");
    checkRuns(view, at + 4, end, bits(level), count);
    at = end;
  }
  // Missing values aren't there, so there may be fewer.
  checkIndices(view, at, encoding, count, levels.length > 0);
}

/** Levels stand in front, as they are. */
function checkPageOfSecondKind(page: Uint8Array, header: PageHeader, { codec }: ColumnMetaData, path: SchemaTree[]): void {
  const { num_values: count, num_nulls: nulls, encoding, definition_levels_byte_length: d, repetition_levels_byte_length: r, is_compressed: packed } = header.data_page_header_v2!;
  if (!(r >= 0 && d >= 0 && r + d <= page.length && nulls >= 0 && nulls <= count)) throw new ParquetError("the file is damaged: levels lie outside of their page");
  const repetition = path.length > 2 ? getMaxRepetitionLevel(path) : 0;
  const definition = getMaxDefinitionLevel(path);
  const view = viewOf(page);
  if (repetition > 0) checkRuns(view, 0, r, bits(repetition), count);
  if (definition > 0) checkRuns(view, r, r + d, bits(definition), count);
  const size = header.uncompressed_page_size - r - d;
  if (size < 0) throw new ParquetError("the file is damaged: levels lie outside of their page");
  if (!encoding.endsWith("DICTIONARY") || size === 0) return;
  const values = page.subarray(r + d);
  checkIndices(viewOf(packed === false ? values : unpackedPage(values, size, codec)), 0, encoding, count - nulls, false);
}

function checkIndices(view: DataView, at: number, encoding: string, count: number, fewer: boolean): void {
  if (!encoding.endsWith("DICTIONARY") || count === 0 || at >= view.byteLength) return;
  const width = view.getUint8(at);
  // No bits: all are the first of the dictionary.
  if (width === 0) return;
  checkRuns(view, at + 1, view.byteLength, width, count, fewer);
}
