import fc from "fast-check";
import { expect, test } from "vitest";
import { tagBytes, tagHex } from "./tag-bytes.ts";

test("masks are read and written as one large number", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 70 }), (bits) => {
      const hex = `0x${bits.reduce((sum, bit, i) => sum | (BigInt(bit) << BigInt(i)), 0n).toString(16)}`;
      expect(tagHex(Uint8Array.from(bits))).toBe(hex);
      expect([...tagBytes(hex, bits.length)]).toEqual(bits);
    }),
  );
  expect([...tagBytes("0xff", 3)]).toEqual([1, 1, 1]);
  expect([...tagBytes("0x1", 6)]).toEqual([1, 0, 0, 0, 0, 0]);
});
