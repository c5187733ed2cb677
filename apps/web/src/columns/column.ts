import type { ColumnData } from "@winnow/contract";

/** The values of a column, one per sample in the dataset's order. */
export type Column =
  | { readonly kind: "number"; readonly values: Float32Array }
  | { readonly kind: "time"; readonly values: Float64Array }
  | { readonly kind: "category"; readonly values: Uint16Array }
  | { readonly kind: "points"; readonly values: Float32Array }
  | { readonly kind: "text"; readonly offsets: Uint32Array; readonly bytes: Uint8Array };

/** Code of a missing category. */
export const missingCategory = 65_535;

/** Reads a column from its bytes. */
export function decodeColumn(kind: ColumnData["kind"], buffer: ArrayBuffer, samples: number): Column {
  switch (kind) {
    case "number":
      return { kind, values: new Float32Array(buffer) };
    case "points":
      return { kind, values: new Float32Array(buffer) };
    case "time":
      return { kind, values: new Float64Array(buffer) };
    case "category":
      return { kind, values: new Uint16Array(buffer) };
    case "text":
      return { kind, offsets: new Uint32Array(buffer, 0, samples + 1), bytes: new Uint8Array(buffer, 4 * (samples + 1)) };
  }
}

const decoder = new TextDecoder();

/** Entry of a text column. */
export function textAt(column: Extract<Column, { kind: "text" }>, ordinal: number): string {
  return decoder.decode(column.bytes.subarray(column.offsets[ordinal], column.offsets[ordinal + 1]));
}
