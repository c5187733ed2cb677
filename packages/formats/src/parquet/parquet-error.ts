/** A file that is no Parquet, or doesn't hold what is asked for. The message says what is wrong, and where there is one, in which row (from 0). */
export class ParquetError extends Error {
  override name = "ParquetError";
}
