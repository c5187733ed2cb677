import fc from "fast-check";
import { expect, test } from "vitest";
import { isId, newId } from "./ids.ts";

test("ids are well-formed, different, and sort in the order in which they are made", () => {
  const ids = Array.from({ length: 50_000 }, () => newId());
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every(isId)).toBe(true);
  expect(ids.toSorted()).toEqual(ids);
});

test("a clock that goes back doesn't change the order", () => {
  const now = Date.now() + 1_000;
  const ids = [newId(now), newId(now - 500), newId(now), newId(now + 1), newId(0)];
  expect(ids.toSorted()).toEqual(ids);
});

test("what is no id", () => {
  for (const text of ["", "a".repeat(23), "a".repeat(25), "A".repeat(24), "g".repeat(24), `${"a".repeat(24)}\n`, ` ${"a".repeat(23)}`]) expect(isId(text), text).toBe(false);
  fc.assert(
    fc.property(fc.string({ minLength: 23, maxLength: 25, unit: fc.constantFrom("a", "0", "f", "g", "A") }), (text) => {
      expect(isId(text)).toBe(text.length === 24 && [..."gA"].every((wrong) => !text.includes(wrong)));
    }),
  );
});
