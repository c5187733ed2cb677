import fc from "fast-check";
import { expect, test } from "vitest";
import { type Change, changed, chosenOf, ordinalsOf } from "./chosen.ts";

test("choosing is set algebra", () => {
  const some = fc.uniqueArray(fc.nat(19));
  fc.assert(
    fc.property(some, fc.array(fc.tuple(some, fc.constantFrom<Change>("only", "add", "remove", "toggle"))), (first, changes) => {
      let plain = new Set(first);
      let chosen = chosenOf(20, first);
      for (const [ordinals, change] of changes) {
        const given = new Set(ordinals);
        const without = (set: Set<number>, other: Set<number>) => new Set([...set].filter((one) => !other.has(one)));
        plain = change === "only" ? given : change === "add" ? new Set([...plain, ...given]) : change === "remove" ? without(plain, given) : new Set([...without(plain, given), ...without(given, plain)]);
        chosen = changed(chosen, ordinals, change);
      }
      expect([...ordinalsOf(chosen)]).toEqual([...plain].toSorted((a, b) => a - b));
      expect(chosen.count).toBe(plain.size);
    }),
  );
});
