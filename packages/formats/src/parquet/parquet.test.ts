import fc from "fast-check";
import { compressors } from "hyparquet-compressors";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { expect, test } from "vitest";
import { checkRuns } from "./page-runs.ts";
import { ParquetError } from "./parquet-error.ts";
import { readParquet } from "./read-parquet.ts";
import { writeParquet } from "./write-parquet.ts";

const rows = 50;
const names = Array.from({ length: rows }, (_, row) => `folder/${row},é.jpg`);
const vector = (row: number, width = 5): number[] => Array.from({ length: width }, (_, column) => Math.fround(Math.sin(row * 7 + column)));
const vectors = Array.from({ length: rows }, (_, row) => vector(row));
const filenames: ColumnSource = { name: "filenames", data: names, type: "STRING" };
const each = (width = 5, type: "FLOAT" | "DOUBLE" = "FLOAT"): ColumnSource[] => Array.from({ length: width }, (_, column) => ({ name: `embedding_${column}`, data: vectors.map((one) => one[column]!), type }));

type Writing = Omit<Parameters<typeof parquetWriteBuffer>[0], "columnData">;
const listSchema = (name: string, type: "FLOAT" | "DOUBLE" = "FLOAT"): NonNullable<Writing["schema"]> => [
  { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  { name: "element", type, repetition_type: "OPTIONAL" },
];
const withList = (lists: unknown[], more: Writing = {}, name = "embedding") =>
  parquetWriteBuffer({
    columnData: [{ name: "filenames", data: names }, { name, data: lists }],
    schema: [{ name: "root", num_children: 2 }, { name: "filenames", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" }, ...listSchema(name)],
    ...more,
  });
const read = async (bytes: ArrayBuffer) => {
  const { data, ...facts } = await readParquet(bytes);
  return { ...facts, data: [...data] };
};
const whole = { rows, columns: 5, names, data: vectors.flat() };

test.each(["UNCOMPRESSED", "SNAPPY"] as const)("a column for each dimension, in groups of rows, %s", async (codec) => {
  for (const rowGroupSize of [7, 1000]) expect(await read(parquetWriteBuffer({ columnData: [filenames, ...each()], codec, rowGroupSize }))).toEqual(whole);
  expect(await read(parquetWriteBuffer({ columnData: [...each(5, "DOUBLE").reverse(), filenames], codec }))).toEqual(whole);
});

test("one column of lists, in groups of rows and pages of any size", async () => {
  for (const rowGroupSize of [9, 1000]) for (const pageSize of [100, 1 << 20]) expect(await read(withList(vectors, { rowGroupSize, pageSize }))).toEqual(whole);
});

test("more columns than are unpacked at once, and values that repeat", async () => {
  const data = Array.from({ length: rows }, (_, row) => row % 3);
  const columnData: ColumnSource[] = Array.from({ length: 40 }, (_, column) => ({ name: `embedding_${column}`, data: data.map((value) => value * column), type: "FLOAT" }));
  const found = await readParquet(parquetWriteBuffer({ columnData, rowGroupSize: 20 }));
  expect([found.columns, found.names]).toEqual([40, undefined]);
  for (let row = 0; row < rows; row++) for (let column = 0; column < 40; column++) expect(found.data[row * 40 + column]).toBe(data[row]! * column);
});

test("which columns are taken", async () => {
  const path: ColumnSource = { name: "path", data: names.map((name) => `x/${name}`), type: "STRING" };
  const score: ColumnSource = { name: "score", data: vectors.map(([first]) => first!), type: "DOUBLE" };
  // embedding_… go before other numbers, a known name before other texts.
  expect(await read(parquetWriteBuffer({ columnData: [path, score, ...each(), filenames] }))).toEqual(whole);
  expect((await read(parquetWriteBuffer({ columnData: [score, { ...path, name: "what" }] }))).names![0]).toBe(`x/${names[0]}`);
  const numbered = await read(parquetWriteBuffer({ columnData: [{ name: "id", data: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row) * 10n ** 17n), type: "INT64" }, score] }));
  expect([numbered.columns, numbered.names![3]]).toEqual([1, "300000000000000000"]);
  expect((await read(parquetWriteBuffer({ columnData: [score, { ...path, name: "one" }, { ...path, name: "two" }] }))).names).toBeUndefined();
});

test("into room that is given; nothing; what isn't finite is left to whoever uses it", async () => {
  const room = new Float32Array(rows * 5 + 2);
  const { data } = await readParquet(parquetWriteBuffer({ columnData: each() }), { allocate: (n, d) => room.subarray(1, 1 + n * d) });
  expect(data.buffer).toBe(room.buffer);
  expect(await read(parquetWriteBuffer({ columnData: [{ name: "a", data: [], type: "FLOAT" }] }))).toEqual({ rows: 0, columns: 1, names: undefined, data: [] });
  expect((await read(parquetWriteBuffer({ columnData: [{ name: "a", data: [Number.NaN, Infinity], type: "FLOAT" }] }))).data).toEqual([Number.NaN, Infinity]);
});

test("it stops when told to", async () => {
  await expect(readParquet(withList(vectors), { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
});

test.each([
  ["CSV", () => new TextEncoder().encode("filenames,embedding_0,labels\na.jpg,1,0\n").buffer, "does not end with PAR1"],
  ["an empty file", () => new ArrayBuffer(0), "too short"],
  ["only texts", () => parquetWriteBuffer({ columnData: [filenames] }), "there are no vectors: a column of lists of numbers is needed, or columns of floating point numbers; the file has filenames"],
  ["a gap", () => parquetWriteBuffer({ columnData: [filenames, each()[0]!, each()[2]!] }), "embedding_1 isn't there"],
  ["lists of different length", () => withList([...vectors.slice(0, 30), [1, 2], ...vectors.slice(31)], { rowGroupSize: 20 }), "row 30: the list of the column embedding has 2 numbers, that of row 0 has 5"],
  ["a missing list", () => withList([...vectors.slice(0, 4), null, ...vectors.slice(5)]), "row 4: the column embedding has no list"],
  ["a missing number in a list", () => withList([...vectors.slice(0, 4), [1, 2, null, 4, 5], ...vectors.slice(5)]), "row 4: the column embedding has no number"],
  ["a missing number", () => parquetWriteBuffer({ columnData: [{ name: "a", data: [1, null, 3], type: "FLOAT" }] }), "row 1: the column a has no number"],
  ["a missing name", () => parquetWriteBuffer({ columnData: [{ name: "path", data: ["a", null, "c"], type: "STRING" }, { name: "a", data: [1, 2, 3], type: "FLOAT" }] }), "row 1: the column path has no name"],
])("%s is refused", async (_, bytes, sentence) => {
  await expect(readParquet(bytes() as ArrayBuffer)).rejects.toThrow(ParquetError);
  await expect(readParquet(bytes() as ArrayBuffer)).rejects.toThrow(sentence);
});

test("codecs that others write: gzip, brotli, zstd and lz4 can be unpacked", () => {
  expect(Object.keys(compressors)).toEqual(expect.arrayContaining(["GZIP", "BROTLI", "ZSTD", "LZ4", "LZ4_RAW", "SNAPPY"]));
});

test("a file cut or changed anywhere is refused or read, and never runs away", async () => {
  const good = new Uint8Array(parquetWriteBuffer({ columnData: [filenames, ...each(3)], rowGroupSize: 20 }));
  let refused = 0;
  const attempt = async (bytes: Uint8Array) => {
    try {
      const { rows: found } = await readParquet(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
      expect(found).toBeLessThanOrEqual(2 ** 31);
    } catch (error) {
      // Nothing else than what is said about a file, whatever is in it.
      expect(error).toBeInstanceOf(ParquetError);
      refused++;
    }
  };
  for (let length = 0; length < good.length; length += 97) await attempt(good.subarray(0, length));
  let state = 1;
  const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 1500; round++) {
    const bytes = good.slice();
    for (let changes = 1 + random(3); changes > 0; changes--) bytes[random(bytes.length)] = [0, 0xff, 0x7f, 0x80, random(256)][random(5)]!;
    await attempt(bytes);
  }
  expect(refused).toBeGreaterThan(300);
}, 60_000);

test("runs that announce more than their page has are refused before they are unpacked", () => {
  const runs = (...bytes: number[]) => new DataView(Uint8Array.from(bytes).buffer);
  const check = (view: DataView, width: number, count: number) => checkRuns(view, 0, view.byteLength, width, count);
  // 20 × the value 1, then 3 packed ones of 2 bits with padding.
  expect(() => check(runs(40, 1, 3, 0, 0), 2, 23)).not.toThrow();
  expect(() => check(runs(40, 1), 2, 19)).toThrow(ParquetError);
  expect(() => check(runs(0xfe, 0xff, 0xff, 0xff, 0x0f, 1), 2, 100)).toThrow(ParquetError);
  expect(() => check(runs(0xff, 0xff, 0xff, 0xff, 0x0f, 1), 0, 100)).toThrow(ParquetError);
  expect(() => check(runs(0, 0, 0, 0), 1, 1)).toThrow(ParquetError);
  expect(() => check(runs(2, 1), 1, 2)).toThrow(ParquetError);
  expect(() => check(runs(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1), 1, 2)).toThrow(ParquetError);
});

test("what is written is read back, whatever portions it comes in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 6 }), async (columns, portions) => {
      const count = portions.reduce((sum, portion) => sum + portion, 0);
      const data = Float32Array.from({ length: count * columns }, (_, at) => Math.sin(at * 1.7));
      const fileNames = Array.from({ length: count }, (_, row) => `ordner/${row}, ü.jpg`);
      let from = 0;
      const pieces = portions.map((portion) => data.subarray(from, (from += portion * columns)));
      const file = await written(pieces, fileNames, columns);
      if (count === 0) return;
      const back = await readParquet(file);
      expect([back.rows, back.columns, back.names, [...back.data]]).toEqual([count, columns, fileNames, [...data]]);
    }),
    { seed: 41, numRuns: 60 },
  );
});

test("more rows than fit into one group", async () => {
  const columns = 1 << 18;
  const data = Float32Array.from({ length: 6 * columns }, (_, at) => at);
  const back = await readParquet(await written([data], ["a", "b", "c", "d", "e", "f"], columns));
  expect([back.rows, back.names]).toEqual([6, ["a", "b", "c", "d", "e", "f"]]);
  expect(Buffer.from(back.data.buffer, back.data.byteOffset, back.data.byteLength).equals(Buffer.from(data.buffer))).toBe(true);
});

test.each<[string, Float32Array[], RegExp]>([
  ["too many rows", [new Float32Array(9)], /more rows than the 2 names/],
  ["too few rows", [new Float32Array(3)], /1 rows fewer than names/],
  ["half a row", [new Float32Array(4)], /4 numbers are no whole rows of 3/],
])("%s aren't written", async (_, pieces, sentence) => {
  await expect(written(pieces, ["a", "b"], 3)).rejects.toThrow(sentence);
});

async function written(pieces: Iterable<Float32Array>, fileNames: readonly string[], columns: number): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeParquet(pieces, { fileNames, columns })) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks)).buffer;
}
