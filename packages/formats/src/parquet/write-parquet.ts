import { ByteWriter, ParquetWriter } from "hyparquet-writer";

type Schema = ConstructorParameters<typeof ParquetWriter>[0]["schema"];

/** As pandas and Arrow write a column of lists; nothing may be missing. */
const SCHEMA: Schema = [
  { name: "root", num_children: 2 },
  { name: "filenames", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
  { name: "embedding", repetition_type: "REQUIRED", num_children: 1, converted_type: "LIST" },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  { name: "element", type: "FLOAT", repetition_type: "REQUIRED" },
];
/** Numbers in a group of rows, which is put together in memory. */
const GROUP_VALUES = 1 << 20;

/**
 * Writes float32 rows with their names as a Parquet file, as a stream: the columns `filenames` (text) and `embedding`
 * (lists of `columns` numbers).
 * @param rows any number of whole rows at a time, one behind the other
 * @throws RangeError when they aren't as many as there are names, or one isn't whole
 * @example
 * await pipeline(writeParquet([vectors.data], { fileNames, columns: vectors.columns }), createWriteStream("embeddings.parquet"));
 */
export async function* writeParquet(rows: Iterable<Float32Array> | AsyncIterable<Float32Array>, { fileNames, columns }: { readonly fileNames: readonly string[]; readonly columns: number }): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = new ByteWriter();
  const file = new ParquetWriter({ writer: bytes, schema: SCHEMA, createdBy: "winnow" });
  const groupRows = Math.max(1, Math.floor(GROUP_VALUES / Math.max(1, columns)));
  let group: number[][] = [];
  let written = 0;
  const write = (): Uint8Array => {
    const names = fileNames.slice(written, written + group.length);
    // Every vector is different and fills its bits: neither a dictionary nor compression gains anything.
    file.write({ columnData: [{ name: "filenames", data: names }, { name: "embedding", data: group, encoding: "PLAIN", codec: "UNCOMPRESSED", statistics: false }], rowGroupSize: groupRows });
    written += group.length;
    group = [];
    return taken(bytes);
  };
  for await (const values of rows) {
    if (values.length % columns !== 0) throw new RangeError(`${values.length} numbers are no whole rows of ${columns}`);
    for (let from = 0; from < values.length; from += columns) {
      if (written + group.length === fileNames.length) throw new RangeError(`there are more rows than the ${fileNames.length} names`);
      group.push(Array.from(values.subarray(from, from + columns)));
      if (group.length === groupRows) yield write();
    }
  }
  if (group.length > 0) yield write();
  if (written < fileNames.length) throw new RangeError(`there are ${fileNames.length - written} rows fewer than names`);
  file.finish();
  yield taken(bytes);
}

/** What was written since the last time; the place in the file goes on. */
function taken(bytes: ByteWriter): Uint8Array {
  const piece = bytes.getBytes().slice();
  bytes.index = 0;
  return piece;
}
