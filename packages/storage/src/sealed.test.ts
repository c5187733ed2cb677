import fc from "fast-check";
import { expect, it } from "vitest";
import { isSealedWith, seal, SealError, unseal } from "./sealed.ts";

const key = Buffer.alloc(32, 1);
const other = Buffer.alloc(32, 2);

it("gives back what was sealed, for the same place only", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string(), fc.string(), (secret, place, elsewhere) => {
      const sealed = seal(secret, key, place);
      expect(unseal(sealed, key, place)).toBe(secret);
      expect(unseal(sealed, [other, key], place)).toBe(secret);
      if (elsewhere !== place) expect(() => unseal(sealed, key, elsewhere)).toThrow(SealError);
      expect(() => unseal(sealed, other, place)).toThrow(/another key/);
      expect([isSealedWith(sealed, key), isSealedWith(sealed, other)]).toEqual([true, false]);
    }),
  );
});

it("notices every changed character", () => {
  const sealed = seal("hunter2", key, "a");
  for (let i = 0; i < sealed.length; i++) {
    // The last character of base64 holds bits that are not used.
    const changed = `${sealed.slice(0, i)}${sealed[i] === "A" ? "Q" : "A"}${sealed.slice(i + 1)}`;
    expect(() => unseal(changed, key, "a"), `character ${i}`).toThrow(SealError);
  }
  for (let i = 0; i < sealed.length; i++) expect(() => unseal(sealed.slice(0, i), key, "a")).toThrow(SealError);
});

it("never seals the same twice, and shows nothing of the secret", () => {
  const sealed = Array.from({ length: 100 }, () => seal("hunter2", key, "a"));
  expect(new Set(sealed).size).toBe(100);
  for (const one of sealed) expect(one).toMatch(/^w1\.[0-9a-f]{8}\.[A-Za-z0-9_-]{47}$/);
});

it("refuses keys of another length", () => {
  expect(() => seal("a", Buffer.alloc(16), "b")).toThrow(RangeError);
});

it("opens what the first version sealed", () => {
  expect(unseal("w1.93696081.NlnDrtwiaVezYDDmJ_-lWaclUffftFwkG4E6d6Q1eeCxPWiUE6WJDASrn86L", key, "datasource/1")).toBe("a secret of today");
});
