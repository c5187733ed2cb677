import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CsvError, csvField, csvRecords, firstField, splitRecord } from "./csv-records.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Cuts bytes into pieces of the given sizes, in turn. */
function* pieces(all: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < all.length; turn++) {
    const size = sizes.length === 0 ? all.length : sizes[turn % sizes.length]!;
    yield all.subarray(at, at + size);
    at += size;
  }
}

async function records(text: string | Uint8Array, sizes: readonly number[] = []): Promise<string[][]> {
  const out: string[][] = [];
  for await (const block of csvRecords(pieces(typeof text === "string" ? bytes(text) : text, sizes))) {
    for (let i = 0; i < block.count; i++) {
      const fields = splitRecord(block, i);
      if (firstField(block, i) !== fields[0]) throw new Error(`first field is ${firstField(block, i)}, not ${fields[0]}`);
      out.push(fields);
    }
  }
  return out;
}

describe("csvRecords", () => {
  it("reads back what was written, however the bytes are cut", async () => {
    const field = fc.oneof(fc.string(), fc.stringMatching(/^[",\r\na ]*$/), fc.string({ unit: "binary" }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(field, { minLength: 1, maxLength: 5 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        async (rows, sizes, lineEnd, lastEnd) => {
          // A lone surrogate has no UTF-8; a last empty record without line end is no record.
          const clean = rows.map((row) => row.map((text) => Buffer.from(text).toString().replace(/^\uFEFF/, "")));
          if (!lastEnd && clean.at(-1)?.join() === "") return;
          const text = clean.map((row) => row.map(csvField).join(",")).join(lineEnd) + (lastEnd && clean.length > 0 ? lineEnd : "");
          expect(await records(text, sizes)).toEqual(clean);
        },
      ),
    );
  });

  it("takes quotes inside a field for characters, and text behind a closing quote for the rest of it", async () => {
    expect(await records('a"b,"c"d,"e""f"\n')).toEqual([['a"b', "cd", 'e"f']]);
  });

  it("counts lines, also those within quotes, and says where records lie in the file", async () => {
    const text = '\uFEFFa\r\n"b\n\nb",1\n\nlast';
    const seen: [number, string][] = [];
    for await (const block of csvRecords(pieces(bytes(text), [3]))) {
      for (let i = 0; i < block.count; i++) {
        const from = block.fileOffset + block.start[i]!;
        const to = block.fileOffset + block.end[i]!;
        seen.push([block.line[i]!, new TextDecoder().decode(bytes(text).subarray(from, to))]);
      }
    }
    expect(seen).toEqual([
      [1, "a"],
      [2, '"b\n\nb",1'],
      [5, ""],
      [6, "last"],
    ]);
  });

  it("reads a record far longer than a block, and many short ones", async () => {
    const long = "x".repeat(3_000_000);
    expect((await records(`${long},1\nb,2`, [65_536])).map((row) => row[0]!.length)).toEqual([3_000_000, 1]);
    expect(await records("1\n".repeat(50_000), [70_000])).toHaveLength(50_000);
  });

  it("refuses an open quote, and bytes that are not UTF-8, with the line", async () => {
    await expect(records('a\nb,"c\nd\n')).rejects.toThrow(new CsvError("line 2: a quote is opened and never closed", 2));
    await expect(records(new Uint8Array([97, 10, 0xff, 10]))).rejects.toThrow("line 2: the text is not UTF-8");
  });

  it("reads nothing from nothing", async () => {
    expect(await records("")).toEqual([]);
    expect(await records("\uFEFF")).toEqual([]);
  });
});
