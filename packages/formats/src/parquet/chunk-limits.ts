import type { ColumnMetaData, FileMetaData, RowGroup } from "hyparquet";
import { ParquetError } from "./parquet-error.ts";

// A few bytes can announce billions of values, and a small page can unpack to gigabytes. What a file announces is held
// against these before anything is made room for.

/** Of the description at the end of the file. */
export const FOOTER_BYTES_MAX = 1 << 28;
/** Numbers in the matrix: 32 GiB of float32. */
const VALUES_MAX = 2 ** 33;
/** Of one column in one group of rows. */
export const CHUNK_VALUES_MAX = 2 ** 28;
export const CHUNK_BYTES_MAX = 2 ** 31;
export const PAGE_BYTES_MAX = 2 ** 29;

/** @throws ParquetError when the description contradicts itself or announces more than can be meant */
export function checkAnnounced(metadata: FileMetaData): number {
  const rows = Number(metadata.num_rows);
  const grouped = metadata.row_groups.reduce((sum, group) => sum + group.num_rows, 0n);
  if (grouped !== metadata.num_rows || metadata.row_groups.some((group) => group.num_rows < 0n)) throw new ParquetError(`the file is damaged: it announces ${rows} rows, its groups have ${grouped}`);
  if (rows > 2 ** 31) throw new ParquetError(`the file announces ${rows} rows, more than can be read`);
  return rows;
}

/** @throws ParquetError for a matrix that is too large */
export function checkMatrix(rows: number, columns: number): void {
  if (rows * columns > VALUES_MAX) throw new ParquetError(`the file announces ${rows} × ${columns} numbers, more than can be read`);
}

/** The bytes of a column in a group of rows. @throws ParquetError when they lie outside the file or are too many */
export function chunkOf(group: RowGroup, column: string, fileBytes: number): { readonly start: number; readonly end: number; readonly about: ColumnMetaData } {
  const chunk = group.columns.find(({ meta_data: about }) => about?.path_in_schema[0] === column);
  const about = chunk?.meta_data;
  if (about === undefined) throw new ParquetError(`the file is damaged: the column ${column} is missing in a group of rows`);
  if (chunk!.file_path !== undefined && chunk!.file_path !== "") throw new ParquetError(`the column ${column} lies in another file, which can't be read`);
  const first = about.dictionary_page_offset && about.dictionary_page_offset < about.data_page_offset ? about.dictionary_page_offset : about.data_page_offset;
  const [start, size, values] = [Number(first), Number(about.total_compressed_size), Number(about.num_values)];
  if (start < 0 || size < 0 || start + size > fileBytes) throw new ParquetError(`the file is damaged: the column ${column} lies outside of it`);
  if (values < 0 || values > CHUNK_VALUES_MAX || Number(about.total_uncompressed_size) > CHUNK_BYTES_MAX) throw new ParquetError(`the column ${column} has more in one group of rows than can be read; write the file with smaller groups`);
  return { start, end: start + size, about };
}
