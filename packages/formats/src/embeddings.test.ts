import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EmbeddingsCsvError, checkEmbeddingsHeader, embeddingsColumns, readAlignedEmbeddingsCsv, readEmbeddingsCsv, scanEmbeddingsCsv, uploadedColumns, writeEmbeddingsCsv } from "./index.ts";

function* source(text: string, sizes: readonly number[] = [1 << 20]): Generator<Uint8Array> {
  const all = new TextEncoder().encode(text);
  for (let at = 0, turn = 0; at < all.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield all.subarray(at, at + size);
    at += size;
  }
}
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("was taken");
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(EmbeddingsCsvError);
      const { problem, line, fileName, message } = error as EmbeddingsCsvError;
      return { problem, line, fileName, message };
    },
  );
async function joined(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of chunks) text += new TextDecoder().decode(chunk);
  return text;
}

const table = fc.integer({ min: 1, max: 5 }).chain((width) =>
  fc.uniqueArray(
    fc.record({
      fileName: fc.oneof(fc.string(), fc.stringMatching(/^[",\r\n/a]+$/)).map((name) => `${Buffer.from(name).toString()}.jpg`),
      values: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: width, maxLength: width }).map((values) => Float32Array.from(values)),
      label: fc.integer({ min: -3, max: 100 }),
    }),
    { selector: (row) => row.fileName, minLength: 1, maxLength: 20 },
  ),
);

describe("an embeddings file", () => {
  it("reads back as it was written, however it is cut, and in any order of ordinals", async () => {
    await fc.assert(
      fc.asyncProperty(table, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), fc.infiniteStream(fc.nat()), async (rows, sizes, random) => {
        const text = await joined(writeEmbeddingsCsv(rows));
        const width = rows[0]!.values.length;
        const flat = Float32Array.from(rows.flatMap((row) => [...row.values]));
        const read = await readEmbeddingsCsv(source(text, sizes));
        expect(await readEmbeddingsCsv(source(text, sizes), { sizeInBytes: text.length })).toEqual(read);
        expect(read).toEqual({
          fileNames: rows.map((row) => row.fileName),
          labels: rows.map((row) => String(row.label)),
          columns: embeddingsColumns(width),
          width,
          rows: rows.length,
          data: flat,
        });
        const shuffled = rows.map((row) => ({ row, key: random.next().value! })).sort((a, b) => a.key - b.key).map(({ row }) => row);
        const ordinalOf = new Map(shuffled.map((row, at) => [row.fileName, at]));
        const aligned = await readAlignedEmbeddingsCsv(source(text, sizes), { ordinalOf, samples: rows.length });
        expect(aligned.data).toEqual(Float32Array.from(shuffled.flatMap((row) => [...row.values])));
      }),
    );
  });

  it("may have special columns, text behind the labels, CRLF, a byte order mark and no last line end", async () => {
    const read = await readEmbeddingsCsv(source("\uFEFFfilenames,embedding_0,masked,embedding_1,al_score,labels,x\r\na,1,0,2e0,0.5,cat,y\r\nb,3,1,-4,,12,"), { rows: 1 });
    expect(read).toMatchObject({ fileNames: ["a", "b"], labels: ["cat", "12"], width: 2, rows: 2 });
    expect([...read.data]).toEqual([1, 2, 3, -4]);
  });

  it("passes by row by row", async () => {
    const seen: unknown[] = [];
    const result = await scanEmbeddingsCsv(source("filenames,embedding_0,labels\na,1,0\n\"b,c\",2,7\na,3,0\n"), (row) => seen.push([row.line, row.fileName, row.label, ...row.values]));
    expect(seen).toEqual([[2, "a", "0", 1], [3, "b,c", "7", 2], [4, "a", "0", 3]]);
    expect(result).toEqual({ columns: ["filenames", "embedding_0", "labels"], width: 1, rows: 3 });
    const rows: string[] = [];
    await readEmbeddingsCsv(source("filenames,embedding_0,labels\na,1,0\nb,2,0\n"), { onRow: (row) => rows.push(row.fileName + row.values[0]) });
    expect(rows).toEqual(["a1", "b2"]);
  });

  it("fills a matrix of the caller's", async () => {
    const memory = new Float32Array(new SharedArrayBuffer(8));
    const { data } = await readAlignedEmbeddingsCsv(source("filenames,embedding_0,labels\nb,2,0\na,1,0\n"), { ordinalOf: (name) => (name === "a" ? 0 : 1), samples: 2, allocate: () => memory });
    expect(data).toBe(memory);
    expect([...memory]).toEqual([1, 2]);
  });

  describe("is refused, naming line and file, for", () => {
    const rows = (body: string) => readAlignedEmbeddingsCsv(source(`filenames,embedding_0,embedding_1,labels\n${body}`), { ordinalOf: new Map([["a", 0], ["b", 1], ["c", 2]]), samples: 3 });

    it("a row that is missing", async () => {
      expect(await refusal(rows("a,1,2,0\nc,1,2,0\n"))).toMatchObject({ problem: "missing", fileName: "b", message: expect.stringContaining('"b"') });
      const byFunction = readAlignedEmbeddingsCsv(source("filenames,embedding_0,labels\n"), { ordinalOf: () => 0, samples: 2 });
      expect((await refusal(byFunction)).message).toContain("ordinal 0");
      const named = readAlignedEmbeddingsCsv(source("filenames,embedding_0,labels\n"), { ordinalOf: () => 0, samples: 2, nameOf: (ordinal) => `n${ordinal}` });
      expect((await refusal(named)).fileName).toBe("n0");
    });

    it("a row that comes twice, or is of no sample", async () => {
      expect(await refusal(rows("a,1,2,0\na,1,2,0\n"))).toMatchObject({ problem: "repeated", line: 3, fileName: "a" });
      expect(await refusal(readEmbeddingsCsv(source("filenames,embedding_0,labels\na,1,0\na,1,0\n")))).toMatchObject({ problem: "repeated", line: 3, fileName: "a" });
      expect(await refusal(rows("a,1,2,0\nx/y.jpg,1,2,0\n"))).toMatchObject({ problem: "unknown", line: 3, fileName: "x/y.jpg" });
    });

    it("a value that isn't a finite number", async () => {
      for (const value of ["nan", "inf", "-Infinity", "1e39", "", "abc", "1,5"]) {
        expect(await refusal(rows(`a,1,2,0\n"b",${value.includes(",") ? `"${value}"` : value},2,0\n`))).toMatchObject({ problem: "non-finite", line: 3, fileName: "b" });
      }
      expect(await refusal(rows(`a,1,NaN,0\n`))).toMatchObject({ problem: "non-finite", line: 2, fileName: "a", message: 'line 2: `embedding_1` of "a" is "NaN", which is not a finite number' });
    });

    it("another width", async () => {
      for (const row of ["b,1,2", "b,1", "b", "b,1,2,0,0", "b,1,2,0,", '"b",1,2', '"b",1,2,3,4']) {
        expect(await refusal(rows(`a,1,2,0\n${row}\n`))).toMatchObject({ problem: "width", line: 3, fileName: "b" });
      }
    });

    it("an empty row and what isn't CSV", async () => {
      expect(await refusal(rows("a,1,2,0\n\nb,1,2,0\n"))).toMatchObject({ problem: "empty-row", line: 3 });
      expect(await refusal(rows('"a,1,2,0\n'))).toMatchObject({ problem: "csv", line: 2 });
    });

    it("a bad header", async () => {
      for (const header of ["", "\n", "embedding_0,filenames,labels", " filenames,embedding_0,labels", "filenames,embedding_0", "filenames,embedding_x,labels", "filenames,value,labels", "filenames,labels", "filenames,labels,embedding_0", "\u0000\u0001"]) {
        expect(await refusal(readEmbeddingsCsv(source(header))), header).toMatchObject({ problem: "header", line: 1 });
      }
    });
  });

  it("stops when told to", async () => {
    await expect(readEmbeddingsCsv(source("filenames,embedding_0,labels\na,1,0\n"), { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });

  it("isn't written with values that aren't finite, or rows of different width", async () => {
    expect(await refusal(joined(writeEmbeddingsCsv([{ fileName: "a", values: [1, NaN] }])))).toMatchObject({ problem: "non-finite", line: 2, fileName: "a" });
    expect(await refusal(joined(writeEmbeddingsCsv([{ fileName: "a", values: [1] }, { fileName: "b", values: [1, 2] }])))).toMatchObject({ problem: "width", line: 3, fileName: "b" });
    expect(await joined(writeEmbeddingsCsv([], { width: 2 }))).toBe("filenames,embedding_0,embedding_1,labels\n");
    expect(await joined(writeEmbeddingsCsv([{ fileName: "a,b", values: [0.1], label: "x" }]))).toBe('filenames,embedding_0,labels\n"a,b",0.1,x\n');
  });
});

describe("the header", () => {
  it("is checked as the protocol's clients do: by the beginning of names, and only up to the labels", () => {
    expect(checkEmbeddingsHeader(["filenames", "embedding_0x", "selected", "labels", "whatever"])).toMatchObject({ values: [1], labels: 3 });
    expect(checkEmbeddingsHeader(["filenames", "embedding_0", "worth", "labels"], ["worth"])).toMatchObject({ values: [1], labels: 3 });
  });

  it("says which columns are uploaded", () => {
    expect(uploadedColumns(["filenames", "embedding_0", "masked", "labels", "embedding_1", "labels2", "x"])).toEqual([true, true, false, true, true, true, false]);
  });
});
