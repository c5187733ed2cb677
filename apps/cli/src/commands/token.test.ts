import { expect, test } from "vitest";
import { boundsOf, parseExpiry } from "./token.ts";

const now = Date.UTC(2026, 0, 1);
const day = 24 * 3_600_000;

test("an end is a time from now or a date", () => {
  expect(parseExpiry("12h", now) - now).toBe(day / 2);
  expect(parseExpiry("30d", now) - now).toBe(30 * day);
  expect(parseExpiry("2w", now) - now).toBe(14 * day);
  expect(new Date(parseExpiry("2026-01-01", now)).toISOString()).toBe("2026-01-01T23:59:59.999Z");
  for (const wrong of ["", "30", "d", "-1d", "1.5d", "never", "2026-02-31x", "2025-12-31", "0d", "99999999999d"]) expect(() => parseExpiry(wrong, now), wrong).toThrow(/--expires/);
});

test("a scope takes away, and what isn't known is refused", () => {
  const [a, b] = ["a".repeat(24), "b".repeat(24)];
  expect(boundsOf(undefined, [])).toEqual({ readOnly: false });
  expect(boundsOf(5, ["read", `dataset:${a},dataset:${b}`])).toEqual({ readOnly: true, expiresAt: 5, datasetIds: [a, b] });
  for (const wrong of ["write", "dataset:", "dataset:short", "all", ""]) expect(() => boundsOf(undefined, [wrong]), wrong).toThrow(/--scope/);
});
