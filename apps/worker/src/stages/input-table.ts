import { createReadStream } from "node:fs";
import { type EmbeddingsTable, EmbeddingsCsvError, readEmbeddingsCsv } from "@winnow/formats";
import { RunFailure } from "../run/context.ts";

/** An embeddings file that the user gives instead of a model. */
export interface InputTable {
  readonly width: number;
  /** The vector of a file; undefined when the file has none. */
  vectorOf(fileName: string): Float32Array | undefined;
  /** The number in a column beside the vectors: `masked`, `selected`, a score. NaN where there is none. */
  numberOf(fileName: string, column: string): number;
  readonly columns: readonly string[];
}

/**
 * Reads an embeddings file. Columns that are no embedding are taken too: `masked` and `selected` (0 or 1), and scores.
 * @throws RunFailure naming file, line and what is wrong
 */
export async function readInputTable(path: string, called: string, scoreColumn: string, signal: AbortSignal): Promise<InputTable> {
  const extra = new Map<string, Float64Array>();
  let table: EmbeddingsTable;
  try {
    table = await readEmbeddingsCsv(createReadStream(path), { signal, otherColumns: [scoreColumn] });
    for (const [column, numbers] of await readNumbers(path, ["masked", "selected", scoreColumn], table.rows)) extra.set(column, numbers);
  } catch (error) {
    if (error instanceof EmbeddingsCsvError) throw new RunFailure(`The embeddings file ${called} can't be used: ${error.message}.`);
    throw error;
  }
  const rowOf = new Map(table.fileNames.map((name, row) => [name, row]));
  const { width, data, columns } = table;
  return {
    width,
    columns,
    vectorOf(fileName) {
      const row = rowOf.get(fileName);
      return row === undefined ? undefined : data.subarray(row * width, (row + 1) * width);
    },
    numberOf(fileName, column) {
      const row = rowOf.get(fileName);
      return row === undefined ? Number.NaN : (extra.get(column)?.[row] ?? Number.NaN);
    },
  };
}

/** Columns of numbers by their name, read as text since they are no part of the vectors. */
async function readNumbers(path: string, wanted: readonly string[], rows: number): Promise<Map<string, Float64Array>> {
  const { csvRecords, splitRecord } = await import("@winnow/formats");
  const found = new Map<string, { at: number; numbers: Float64Array }>();
  let row = -1;
  for await (const block of csvRecords(createReadStream(path))) {
    for (let i = 0; i < block.count; i++) {
      if (row === -1) {
        const header = splitRecord(block, i);
        for (const name of wanted) if (header.includes(name)) found.set(name, { at: header.indexOf(name), numbers: new Float64Array(rows).fill(Number.NaN) });
        if (found.size === 0) return new Map();
      } else if (row < rows) {
        const fields = splitRecord(block, i);
        for (const { at, numbers } of found.values()) numbers[row] = fields[at] === undefined || fields[at] === "" ? Number.NaN : Number(fields[at]);
      }
      row++;
    }
  }
  return new Map([...found].map(([name, { numbers }]) => [name, numbers]));
}
