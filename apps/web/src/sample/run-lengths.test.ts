import fc from "fast-check";
import { expect, test } from "vitest";
import { paintMask, spansOf } from "./run-lengths.ts";

test("run lengths are painted where the mask is", () => {
  // Rows 0011, 0111, 0001.
  const image = new Uint32Array(12);
  expect(paintMask(image, "2 2 1 3 3 1", 7)).toBe(true);
  expect([...image]).toEqual([0, 0, 7, 7, 0, 7, 7, 7, 0, 0, 0, 7]);
  expect(paintMask(new Uint32Array(5), "2,2,1,3,3,1", 7)).toBe(false);
  expect(spansOf("1,x", 9)).toBeUndefined();
});

test("whatever the mask, its spans are its ones", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 30 }), (bits) => {
      const counts: number[] = [];
      let value = 0;
      let count = 0;
      for (const bit of bits) {
        if (bit === value) count++;
        else {
          counts.push(count);
          value = bit;
          count = 1;
        }
      }
      counts.push(count);
      const image = new Uint32Array(bits.length);
      paintMask(image, JSON.stringify(counts), 1);
      expect([...image]).toEqual(bits);
    }),
  );
});
