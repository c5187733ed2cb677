import fc from "fast-check";
import { expect, test } from "vitest";
import { searchNames } from "./name-search.ts";

function column(names: readonly string[]) {
  const parts = names.map((name) => new TextEncoder().encode(name));
  const offsets = new Uint32Array(names.length + 1);
  parts.forEach((part, i) => (offsets[i + 1] = offsets[i]! + part.length));
  return { kind: "text", offsets, bytes: Uint8Array.from(parts.flatMap((part) => [...part])) } as const;
}
const lower = (text: string) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

test("finds what a plain search finds", () => {
  const part = fc.string({ unit: fc.constantFrom("a", "B", "b", "/", "ä", "É", "日", "."), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), part, (names, wanted) => {
      expect([...searchNames(column(names), wanted)]).toEqual(names.map((name) => Number(lower(name).includes(lower(wanted)))));
    }),
  );
});

test("a match across two names is none", () => {
  expect([...searchNames(column(["ab", "cd", "bc"]), "bc")]).toEqual([0, 0, 1]);
});
