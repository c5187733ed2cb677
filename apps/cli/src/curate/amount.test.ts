import { expect, test } from "vitest";
import { UsageError } from "../problems.ts";
import { amountOf, parseSelect } from "./amount.ts";

test("counts, shares and percent", () => {
  expect(["100", "1", "0.1", ".25", "10%", "2.5%"].map(parseSelect)).toEqual([100, 1, 0.1, 0.25, 0.1, 0.025]);
  expect(amountOf(parseSelect("100%"), 42)).toBe(42);
});

test.each(["", "0", "0.0", "-3", "1.5", "many", "1e3", "0x10", "Infinity", "NaN", "0%", "150%x", "99999999999999999999"])("refuses %j", (text) => {
  expect(() => parseSelect(text)).toThrow(UsageError);
});

test("a share is at least one image, a count at most all", () => {
  expect(amountOf(0.1, 341)).toBe(34);
  expect(amountOf(0.1, 3)).toBe(1);
  expect(amountOf(0.1, 0)).toBe(0);
  expect(amountOf(50, 20)).toBe(20);
});
