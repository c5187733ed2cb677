import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { missingCategory } from "../columns/column.ts";
import { matching } from "./conditions.ts";
import { grouped } from "./grouping.ts";
import { ordered } from "./ordering.ts";
import { readRanges, writeRanges } from "./ordinal-ranges.ts";

const number = fc.oneof(fc.constant(Number.NaN), fc.integer({ min: -5, max: 5 }));

describe("conditions", () => {
  test("ranges and labels leave what a plain filter leaves", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(number, fc.constantFrom(0, 1, 2, missingCategory)), { maxLength: 40 }), fc.option(fc.integer({ min: -5, max: 5 })), fc.option(fc.integer({ min: -5, max: 5 })), fc.subarray([0, 1, 2]), (rows, from, to, labels) => {
        const columns = new Map([
          ["n", { kind: "number", values: Float32Array.from(rows, ([value]) => value) }],
          ["c", { kind: "category", values: Uint16Array.from(rows, ([, code]) => code) }],
        ] as const);
        const expected = rows.flatMap(([value, code], i) => (value >= (from ?? -Infinity) && value <= (to ?? Infinity) && labels.includes(code) ? [i] : []));
        expect([...matching(rows.length, [{ column: "n", from, to }, { column: "c", labels }], columns, [])]).toEqual(expected);
      }),
    );
  });

  test("only what lies within a mask", () => {
    expect([...matching(4, [], new Map(), [Uint8Array.of(1, 0, 1, 1), undefined, Uint8Array.of(1, 1, 0, 1)])]).toEqual([0, 3]);
  });
});

describe("order", () => {
  test("by number, missing last, equals in the dataset's order, both ways", () => {
    const column = { kind: "number", values: Float32Array.of(3, Number.NaN, 1, 3, 2) } as const;
    expect([...ordered(Uint32Array.of(0, 1, 2, 3, 4), column, false)]).toEqual([2, 4, 0, 3, 1]);
    expect([...ordered(Uint32Array.of(0, 1, 2, 3, 4), column, true)]).toEqual([0, 3, 4, 2, 1]);
  });

  test("by text, in bytes", () => {
    const column = { kind: "text", offsets: Uint32Array.of(0, 2, 3, 5), bytes: new TextEncoder().encode("bcaab") } as const;
    expect([...ordered(Uint32Array.of(0, 1, 2), column, false)]).toEqual([1, 2, 0]);
  });
});

describe("order and groups", () => {
  const value = fc.oneof(fc.constant(Number.NaN), fc.float({ noNaN: true }), fc.integer({ min: -3, max: 3 }));
  const all = (count: number) => Uint32Array.from({ length: count }, (_, i) => i);

  test("are those of a plain stable sort, for numbers, times, labels and texts", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, fc.double(), fc.constantFrom(0, 1, 500, missingCategory), fc.string({ unit: fc.constantFrom("a", "b", "/", "ä"), maxLength: 14 }).map((text) => `img/${text}`)), { maxLength: 60 }), fc.boolean(), (rows, descending) => {
        const numbers = Float32Array.from(rows, ([one]) => one);
        const times = Float64Array.from(rows, ([, one]) => one);
        const codes = Uint16Array.from(rows, ([, , one]) => one);
        const parts = rows.map(([, , , text]) => new TextEncoder().encode(text));
        const offsets = new Uint32Array(rows.length + 1);
        parts.forEach((part, i) => (offsets[i + 1] = offsets[i]! + part.length));
        const plain = (values: ArrayLike<number>, missing: (one: number) => boolean) => {
          const present = [...all(rows.length)].filter((i) => !missing(values[i]!));
          return [...present.toSorted((a, b) => (descending ? -1 : 1) * (values[a]! < values[b]! ? -1 : values[a]! > values[b]! ? 1 : 0) || a - b), ...[...all(rows.length)].filter((i) => missing(values[i]!))];
        };
        expect([...ordered(all(rows.length), { kind: "number", values: numbers }, descending)]).toEqual(plain(numbers, Number.isNaN));
        expect([...ordered(all(rows.length), { kind: "time", values: times }, descending)]).toEqual(plain(times, Number.isNaN));
        expect([...ordered(all(rows.length), { kind: "category", values: codes }, descending)]).toEqual(plain(codes, (code) => code === missingCategory));
        const texts = [...ordered(all(rows.length), { kind: "text", offsets, bytes: Uint8Array.from(parts.flatMap((part) => [...part])) }, descending)];
        expect(texts).toEqual([...all(rows.length)].toSorted((a, b) => (descending ? -1 : 1) * Buffer.compare(parts[a]!, parts[b]!) || a - b));
      }),
    );
  });

  test("groups hold every sample once, in the order that it had", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (numbers) => {
        const column = { kind: "number", values: Float32Array.from(numbers) } as const;
        const order = ordered(all(numbers.length), undefined, false);
        const { order: placed, groups } = grouped(order, column, { name: "n", title: "n", group: "metadata", kind: "number" });
        expect([...placed].toSorted((a, b) => a - b)).toEqual([...order]);
        expect(groups.flatMap(({ from, to }) => [from, to])).toEqual([0, ...groups.slice(1).flatMap(({ from }) => [from, from]), numbers.length]);
        for (const { from, to, label } of groups) {
          const members = [...placed.subarray(from, to)];
          expect(members).toEqual(members.toSorted((a, b) => a - b));
          expect(label === "No value").toBe(members.every((i) => Number.isNaN(column.values[i]!)));
        }
        const largest = groups.filter(({ label }) => label !== "No value").map(({ from, to }) => Math.max(...Array.from(placed.subarray(from, to), (i) => column.values[i]!)));
        expect(largest).toEqual(largest.toSorted((a, b) => a - b));
      }),
    );
  });
});

test("ranges of ordinals survive being written", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 200 })), (ordinals) => {
      const sorted = ordinals.toSorted((a, b) => a - b);
      expect([...readRanges(writeRanges(new Set(ordinals)), 201)]).toEqual(sorted);
    }),
  );
  expect([...readRanges("3,x,9-7,4-5,-1,999", 100)]).toEqual([3, 4, 5]);
});
