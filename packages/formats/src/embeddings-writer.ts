import { csvField } from "./csv-records.ts";
import { EmbeddingsCsvError } from "./embeddings-error.ts";
import { embeddingsColumns } from "./embeddings-header.ts";
import { float32Text } from "./float32.ts";

/** A row to be written. */
export interface WritableRow {
  readonly fileName: string;
  /** The vector. Float32 values are written as the shortest text that reads back as the same float32. */
  readonly values: Float32Array | readonly number[];
  /** `0` by default, as the protocol's clients write it for images without labels. */
  readonly label?: string | number;
}

export interface WriteOptions {
  /** Length of the vectors; needed only to write a file without rows. By default that of the first row. */
  readonly width?: number;
}

const CHUNK_CHARACTERS = 1 << 16;

/**
 * Writes an embeddings file in chunks of about 64 KiB: UTF-8, comma, LF, names quoted where they must be.
 * @throws EmbeddingsCsvError for a value that isn't finite and a row of other width, naming line and file name.
 * @example
 * await pipeline(writeEmbeddingsCsv([{ fileName: "a.jpg", values: new Float32Array([0.1, 0.2]) }]), createWriteStream("embeddings.csv"));
 */
export async function* writeEmbeddingsCsv(
  rows: Iterable<WritableRow> | AsyncIterable<WritableRow>,
  options: WriteOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  let { width } = options;
  let line = 1;
  let text = width === undefined ? "" : `${embeddingsColumns(width).join(",")}\n`;
  for await (const row of rows) {
    line++;
    const { fileName, values } = row;
    if (width === undefined) {
      width = values.length;
      text = `${embeddingsColumns(width).join(",")}\n`;
    }
    if (values.length !== width) {
      throw new EmbeddingsCsvError("width", `line ${line}: the vector of ${JSON.stringify(fileName)} has ${values.length} components, not ${width}`, { line, fileName });
    }
    text += csvField(fileName);
    const single = values instanceof Float32Array;
    for (let at = 0; at < width; at++) {
      const value = values[at]!;
      if (!Number.isFinite(value)) {
        throw new EmbeddingsCsvError("non-finite", `line ${line}: component ${at} of ${JSON.stringify(fileName)} is ${value}`, { line, fileName });
      }
      text += `,${single ? float32Text(value) : String(value)}`;
    }
    text += `,${csvField(String(row.label ?? 0))}\n`;
    if (text.length >= CHUNK_CHARACTERS) {
      yield encoder.encode(text);
      text = "";
    }
  }
  if (width === undefined) text = `${embeddingsColumns(0).join(",")}\n`;
  if (text !== "") yield encoder.encode(text);
}
