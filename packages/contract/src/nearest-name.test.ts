import fc from "fast-check";
import { expect, test } from "vitest";
import { nearestName, probableName } from "./nearest-name.ts";

test("the nearest, whatever its case; the first of equals; of none nothing", () => {
  expect(nearestName("trehsold", ["strength", "threshold"])).toBe("threshold");
  expect(nearestName("N_SAMPLES", ["seed", "n_samples"])).toBe("n_samples");
  expect(nearestName("x", ["aa", "b", "c"])).toBe("b");
  expect(nearestName("x", [])).toBe("");
});

test("probably meant: near, measured by how long it is", () => {
  expect(probableName("WINNOW_PROT", ["WINNOW_PORT", "WINNOW_HOST"])).toBe("WINNOW_PORT");
  expect(probableName("ab", ["ac", "abc"])).toBe("ac");
  expect(probableName("ab", ["cd"])).toBeUndefined();
  expect(probableName("entirely", ["otherwise"])).toBeUndefined();
  expect(probableName("x", [])).toBeUndefined();
});

test("a name is the nearest to itself, and with a letter more it is still meant", () => {
  const word = fc.stringMatching(/^[a-f]{1,8}$/);
  fc.assert(
    fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 8 }), fc.nat(), (names, at) => {
      const name = names[at % names.length]!;
      expect(nearestName(name, names)).toBe(name);
      expect(probableName(`${name}z`, [name])).toBe(name);
    }),
    { seed: 5 },
  );
});
