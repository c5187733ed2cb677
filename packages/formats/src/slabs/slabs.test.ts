import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimalKernel } from "../decimals/decimal-kernel.ts";
import { EmbeddingsCsvError, type EmbeddingsRow, readAlignedEmbeddingsCsv, readEmbeddingsCsv, scanEmbeddingsCsv } from "../index.ts";
import { newSlab, readPlainRows } from "./plain-rows.ts";
import { shareReading, startThreads } from "./threads.ts";

function* source(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** What came of it: the result, or the error's facts. */
const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => {
    expect(error).toBeInstanceOf(EmbeddingsCsvError);
    const { problem, line, fileName, message } = error as EmbeddingsCsvError;
    return { problem, line, fileName, message };
  });

// Mostly rows as they should be, some of which need the plain way, and now and then one that is wrong.
const field = fc.oneof(
  { weight: 60, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 5, arbitrary: fc.constantFrom("1", "-0", " 2.5 ", "+3", "0.1234567890123456789012345", "1e-30", "7.") },
  { weight: 1, arbitrary: fc.constantFrom("nan", "", "1e39", "x", '"4"', "5 5", "1,2") },
);
const name = fc.oneof(
  { weight: 40, arbitrary: fc.nat(10_000).map((number) => `folder/image_${number}.jpg`) },
  { weight: 4, arbitrary: fc.stringMatching(/^[a-zäß丈\uFEFF]{0,6}$/) },
  { weight: 1, arbitrary: fc.constantFrom('"a,b"', '"a\nb"', 'a"b', "", '"open') },
);
const label = fc.oneof({ weight: 30, arbitrary: fc.nat(12).map(String) }, { weight: 2, arbitrary: fc.constantFrom("cat", "", "žába", "\uFEFFx", " ") }, { weight: 1, arbitrary: fc.constantFrom('"q"', "1,2") });
const row = fc.tuple(name, fc.array(field, { minLength: 3, maxLength: 3 }), label).map(([named, [a, b, c], labelled]) => `${named},${a},0,${b},${c},${labelled}`);
const text = fc
  .record({
    mark: fc.constantFrom("", "", "", "\uFEFF"),
    header: fc.constantFrom("filenames,embedding_0,masked,embedding_1,embedding_2,labels", "filenames,embedding_0,embedding_1,embedding_2,al_score,labels", '"filenames",embedding_0,masked,embedding_1,embedding_2,labels', "filenames,embedding_0"),
    rows: fc.array(fc.oneof({ weight: 80, arbitrary: row }, { weight: 1, arbitrary: fc.constantFrom("", "short", "a,1", "b,1,2,3,4,5,6,7", "c,1,2,3,4") }), { maxLength: 60 }),
    lineEnd: fc.constantFrom("\n", "\n", "\r\n"),
    last: fc.boolean(),
    broken: fc.boolean(),
  })
  .map(({ mark, header, rows, lineEnd, last, broken }) => {
    const bytes = new TextEncoder().encode(mark + [header, ...rows].join(lineEnd) + (last ? lineEnd : ""));
    // A byte that no UTF-8 has.
    if (broken && bytes.length > 200 && bytes.length % 5 === 0) bytes[200] = 0xff;
    return bytes;
  });
const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 });

describe("a file read by several threads", () => {
  it("gives what one thread gives: the same rows, or the same complaint", async () => {
    let several = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(text, sizes, fc.integer({ min: 80, max: 600 }), fc.integer({ min: 2, max: 3 }), async (bytes, cut, slabBytes, threads) => {
        const seen: unknown[][] = [[], []];
        const noting = (at: number) => ({ line, fileName, label: labelled, values }: EmbeddingsRow) => void seen[at]!.push([line, fileName, labelled, ...values]);
        const one = await outcome(readEmbeddingsCsv(source(bytes, cut), { threads: 1, onRow: noting(0) }));
        expect(await outcome(readEmbeddingsCsv(source(bytes, cut), { threads, slabBytes, onRow: noting(1), sizeInBytes: bytes.length }))).toEqual(one);
        expect(seen[1]).toEqual(seen[0]);
        seen.forEach((rows) => rows.splice(0));
        const scanned = await outcome(scanEmbeddingsCsv(source(bytes, cut), noting(0), { threads: 1 }));
        expect(await outcome(scanEmbeddingsCsv(source(bytes, cut), noting(1), { threads, slabBytes }))).toEqual(scanned);
        expect(seen[1]).toEqual(seen[0]);
        if (typeof one === "object" && "problem" in one!) refused++;
        if (bytes.length > 3 * slabBytes) several++;
      }),
      { numRuns: 250 },
    );
    expect(several).toBeGreaterThan(25);
    expect(refused).toBeGreaterThan(25);
  });

  it("comes in the order of a dataset", async () => {
    const rows = Array.from({ length: 500 }, (_, at) => [`image_${(at * 7) % 500}`, at / 8] as const);
    const bytes = new TextEncoder().encode(`filenames,embedding_0,labels\n${rows.map(([named, value]) => `${named},${value},0\n`).join("")}`);
    const ordinalOf = new Map(rows.map(([named]) => [named, Number(named.slice(6))]));
    const one = await readAlignedEmbeddingsCsv(source(bytes, [1000]), { ordinalOf, samples: 500, threads: 1 });
    expect(await readAlignedEmbeddingsCsv(source(bytes, [1000]), { ordinalOf, samples: 500, threads: 2, slabBytes: 300 })).toEqual(one);
    for (const ordinal of [0, 1, 499]) expect(one.data[ordinal]).toBe(rows.find(([named]) => named === `image_${ordinal}`)![1]);
  });

  it("is read by a real thread as by this one", async ({ skip }) => {
    const others = await startThreads(2);
    if (others === 0) skip("not built: threads start from dist");
    const layout = { columns: 4, values: [1, 2], labels: 3 };
    const bytes = new TextEncoder().encode("a.jpg,0.5, -1250 ,7\nä,2,0.1234567890123456,cat\nb,1,x,0\n");
    const [here, there] = [newSlab(100), newSlab(100)];
    for (const slab of [here, there]) slab.text.set(bytes);
    const reading = shareReading([here, there], layout, others);
    let answer = reading.send(1, bytes.length);
    while (answer === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      answer = reading.send(1, bytes.length);
    }
    const rows = await answer;
    reading.close();
    expect(rows).toEqual(readPlainRows(here, bytes.length, layout, await decimalKernel()));
    expect(rows).toMatchObject({ rows: 2, ascii: false });
    expect(there).toEqual(here);
    expect([...there.values.subarray(0, 4)]).toEqual([0.5, -1250, 2, Math.fround(0.1234567890123456)]);
  });

  it("is read once, by who begins first", async ({ skip }) => {
    const others = await startThreads(2);
    if (others === 0) skip("not built: threads start from dist");
    const slabs = [newSlab(100)];
    slabs[0]!.text.set(new TextEncoder().encode("a.jpg,1,0\n"));
    const reading = shareReading(slabs, { columns: 3, values: [1], labels: 2 }, others);
    for (let round = 0; round < 50; round++) {
      const answer = reading.send(0, 10);
      if (answer === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      const mine = reading.takeBack(0);
      expect(reading.takeBack(0)).toBe(false);
      expect((await answer)?.rows).toBe(mine ? undefined : 1);
    }
    reading.close();
  });

  it("stops when told to", async () => {
    const controller = new AbortController();
    function* endless(): Generator<Uint8Array> {
      yield new TextEncoder().encode("filenames,embedding_0,labels\n");
      for (let at = 0; ; at++) {
        if (at === 1000) controller.abort(new Error("enough"));
        yield new TextEncoder().encode(`image_${at},1,0\n`);
      }
    }
    await expect(readEmbeddingsCsv(endless(), { threads: 2, slabBytes: 100, signal: controller.signal })).rejects.toThrow("enough");
  });
});
