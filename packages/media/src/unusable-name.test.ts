import { expect, test } from "vitest";
import { unusableName } from "./unusable-name.ts";

test("names that can't be samples", () => {
  expect(unusableName("a/b c.jpg")).toBeUndefined();
  expect(unusableName("写真/ü.jpg")).toBeUndefined();
  expect(unusableName("a,b.jpg")).toMatch(/comma/);
  expect(unusableName(`${"x".repeat(252)}.jpg`)).toMatch(/256 characters/);
  expect(unusableName("a\nb.jpg")).toMatch(/control character/);
  expect(unusableName("a\ufffdb.jpg")).toMatch(/UTF-8/);
});
