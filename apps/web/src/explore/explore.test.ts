import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { missingCategory } from "../columns/column.ts";
import { matching } from "./conditions.ts";
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

test("ranges of ordinals survive being written", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 200 })), (ordinals) => {
      const sorted = ordinals.toSorted((a, b) => a - b);
      expect([...readRanges(writeRanges(new Set(ordinals)), 201)]).toEqual(sorted);
    }),
  );
  expect([...readRanges("3,x,9-7,4-5,-1,999", 100)]).toEqual([3, 4, 5]);
});
