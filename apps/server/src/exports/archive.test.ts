import fc from "fast-check";
import { expect, test } from "vitest";
import { entryName } from "./archive.ts";

const parts = fc.oneof(fc.constantFrom("", ".", "..", "...", "a", "C:", "..\\..", "con", " "), fc.string());

test("names of entries stay inside, whatever the file is called", () => {
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 6 }), fc.constantFrom("/", "\\"), (names, separator) => {
      const name = entryName(names.join(separator), "the-id");
      expect(name.length).toBeGreaterThan(0);
      expect(name).not.toMatch(/^\/|\\|:/);
      for (const part of name.split("/")) expect(["", ".", ".."]).not.toContain(part);
    }),
  );
});

test("ordinary names stay as they are, and what is nothing gets the sample's id", () => {
  for (const name of ["a.jpg", "sub folder/ü 猫.jpg", "...", "a..b/c"]) expect(entryName(name, "id")).toBe(name);
  for (const name of ["..", "/", "./..", "\\..\\"]) expect(entryName(name, "id")).toBe("id");
});
