import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BitMask } from "./bitmask.ts";

const sets = fc.integer({ min: 1, max: 300 }).chain((size) =>
  fc.record({ size: fc.constant(size), ordinals: fc.uniqueArray(fc.nat({ max: size - 1 })) }),
);
const bigInt = (ordinals: Iterable<number>): bigint => [...ordinals].reduce((sum, ordinal) => sum | (1n << BigInt(ordinal)), 0n);
const ascending = (ordinals: Iterable<number>): number[] => [...ordinals].sort((a, b) => a - b);

describe("against BigInt and Set", () => {
  test("hex is the integer's", () => {
    fc.assert(
      fc.property(sets, fc.nat({ max: 9 }), fc.boolean(), fc.boolean(), ({ size, ordinals }, zeros, prefix, upper) => {
        const mask = BitMask.fromOrdinals(ordinals, size);
        const text = bigInt(ordinals).toString(16);
        expect(mask.toHex()).toBe(`0x${text}`);
        const written = "0".repeat(zeros) + (upper ? text.toUpperCase() : text);
        const read = BitMask.fromHex((prefix ? (upper ? "0X" : "0x") : "") + written, size);
        expect(read.equals(mask)).toBe(true);
        expect(BitMask.fromHex(text).size).toBe(ordinals.length === 0 ? 0 : Math.max(...ordinals) + 1);
      }),
    );
  });

  test("ordinals, count, has and bytes", () => {
    fc.assert(
      fc.property(sets, ({ size, ordinals }) => {
        const mask = BitMask.fromOrdinals(Uint32Array.from(ordinals), size);
        const truth = new Set(ordinals);
        expect(Array.from(mask.ordinals())).toEqual(ascending(truth));
        expect(mask.count).toBe(truth.size);
        for (let ordinal = -1; ordinal <= size; ordinal++) expect(mask.has(ordinal)).toBe(truth.has(ordinal));
        const bytes = mask.toBytes();
        expect(bytes.length).toBe(Math.ceil(size / 8));
        expect(bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)).toBe(bigInt(truth));
        expect(BitMask.fromBytes(bytes, size).equals(mask)).toBe(true);
      }),
    );
  });

  test("algebra on masks of any two sizes", () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const left = BitMask.fromOrdinals(a.ordinals, a.size);
        const right = BitMask.fromOrdinals(b.ordinals, b.size);
        const ours = new Set(a.ordinals);
        const theirs = new Set(b.ordinals);
        const size = Math.max(a.size, b.size);
        const cases: [BitMask, number[]][] = [
          [left.union(right), ascending(new Set([...ours, ...theirs]))],
          [left.intersection(right), ascending([...ours].filter((ordinal) => theirs.has(ordinal)))],
          [left.difference(right), ascending([...ours].filter((ordinal) => !theirs.has(ordinal)))],
        ];
        for (const [mask, truth] of cases) {
          expect(mask.size).toBe(size);
          expect(Array.from(mask.ordinals())).toEqual(truth);
        }
        expect(left.isSubsetOf(right)).toBe([...ours].every((ordinal) => theirs.has(ordinal)));
        expect(left.isSubsetOf(left.union(right))).toBe(true);
        expect(left.complement().union(left).equals(BitMask.full(a.size))).toBe(true);
        expect(left.complement().intersection(left).count).toBe(0);
        expect(Array.from(left.resize(b.size).ordinals())).toEqual(ascending(ours).filter((ordinal) => ordinal < b.size));
      }),
    );
  });
});

describe("edges", () => {
  test("empty masks", () => {
    expect(BitMask.empty(0).toHex()).toBe("0x0");
    expect(BitMask.fromHex("0x0").size).toBe(0);
    expect(BitMask.fromHex("0x0000", 5).equals(BitMask.empty(5))).toBe(true);
    expect(BitMask.full(0).complement().size).toBe(0);
    expect(BitMask.full(32).toHex()).toBe("0xffffffff");
    expect(BitMask.full(33).toHex()).toBe("0x1ffffffff");
  });

  test("a bit beyond the size is refused", () => {
    expect(() => BitMask.fromHex("0x20", 5)).toThrow(new RangeError("ordinal 5 is outside a mask of 5: it must be a whole number from 0 to 4"));
    expect(() => BitMask.fromBytes(Uint8Array.of(0, 1), 8)).toThrow(RangeError);
    expect(() => BitMask.fromOrdinals([1, 7], 7)).toThrow(RangeError);
    expect(() => BitMask.fromOrdinals([0.5], 7)).toThrow(RangeError);
    expect(() => BitMask.empty(-1)).toThrow(RangeError);
    expect(BitMask.fromBytes(Uint8Array.of(1, 0, 0, 0, 0, 0), 1).count).toBe(1);
  });

  test("other characters are refused with their position", () => {
    expect(() => BitMask.fromHex("0x12g4")).toThrow(new SyntaxError('a hex mask has only hex digits after 0x, got "g" at position 4'));
    expect(() => BitMask.fromHex(" 12")).toThrow(/position 0/);
    expect(() => BitMask.fromHex("1é2")).toThrow(/"é" at position 1/);
    expect(() => BitMask.fromHex("")).toThrow(SyntaxError);
    expect(() => BitMask.fromHex("0x")).toThrow(SyntaxError);
  });

  test("a million bits take milliseconds", () => {
    const mask = BitMask.fromOrdinals(Uint32Array.from({ length: 400_000 }, (_, index) => (index * 7919) % 1_000_000), 1_000_000);
    const text = mask.toHex();
    let best = Infinity;
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      const read = BitMask.fromHex(text, 1_000_000);
      read.union(mask).ordinals();
      read.toHex();
      best = Math.min(best, performance.now() - start);
      expect(read.equals(mask)).toBe(true);
    }
    expect(best).toBeLessThan(60);
  });
});
