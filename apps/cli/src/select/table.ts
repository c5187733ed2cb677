import { createReadStream } from "node:fs";
import { csvRecords, splitRecord } from "@winnow/formats";
import { Problem } from "../problems.ts";
import { naming } from "./vectors.ts";

/** Values beside the embeddings, as texts: one column per name, one entry per sample, undefined where there is none. */
export type Table = ReadonlyMap<string, readonly (string | undefined)[]>;

/**
 * A CSV file whose first column `filenames` says which sample a row belongs to. Samples without a row have no values.
 * @throws Problem naming the file and line of what is wrong: no header, a row of other width, an unknown or repeated name
 */
export function readTable(path: string, names: readonly string[]): Promise<Table> {
  return naming(path, table(path, names));
}

async function table(path: string, names: readonly string[]): Promise<Table> {
  const places = new Map(names.map((name, ordinal) => [name, ordinal]));
  const seen = new Uint8Array(names.length);
  let columns: { name: string; values: (string | undefined)[] }[] | undefined;
  for await (const block of csvRecords(createReadStream(path))) {
    for (let index = 0; index < block.count; index++) {
      const line = block.line[index]!;
      const fields = splitRecord(block, index);
      if (columns === undefined) {
        if (fields[0] !== "filenames" || fields.length < 2) throw new Problem(`${path}: the first line must name the columns: filenames, then one or more others.`);
        columns = fields.slice(1).map((name) => ({ name, values: Array.from({ length: names.length }) }));
        continue;
      }
      if (fields.length !== columns.length + 1) throw new Problem(`${path}: line ${line} has ${fields.length} fields, the first line has ${columns.length + 1}.`);
      const ordinal = places.get(fields[0]!);
      if (ordinal === undefined) throw new Problem(`${path}: line ${line} names ${JSON.stringify(fields[0])}, which the embeddings don't have.`);
      if (seen[ordinal] !== 0) throw new Problem(`${path}: line ${line} names ${JSON.stringify(fields[0])} a second time.`);
      seen[ordinal] = 1;
      columns.forEach(({ values }, at) => {
        if (fields[at + 1] !== "") values[ordinal] = fields[at + 1];
      });
    }
  }
  if (columns === undefined) throw new Problem(`${path} is empty.`);
  return new Map(columns.map(({ name, values }) => [name, values]));
}

/**
 * A table of its own: the names in its column `filenames`, and the other columns.
 * @throws Problem as {@link readTable}
 */
export async function columnsOf(path: string): Promise<{ readonly names: readonly string[]; readonly table: Table }> {
  const names: string[] = [];
  let begun = false;
  const read = async () => {
    for await (const block of csvRecords(createReadStream(path))) {
      for (let index = 0; index < block.count; index++) {
        if (begun) names.push(splitRecord(block, index)[0]!);
        begun = true;
      }
    }
  };
  await naming(path, read());
  return { names, table: await readTable(path, names) };
}

/** A column as numbers, NaN where there is none; undefined when something in it isn't a finite number. */
export function numeric(values: readonly (string | undefined)[]): Float64Array | undefined {
  const numbers = Float64Array.from(values, (text) => (text === undefined ? Number.NaN : text.trim() === "" ? Infinity : Number(text)));
  return numbers.some((number, at) => values[at] !== undefined && !Number.isFinite(number)) ? undefined : numbers;
}
