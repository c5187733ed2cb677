import { expect, test } from "vitest";
import { filterOf } from "./filter.ts";

test("what the address asks for", () => {
  expect(filterOf(new URLSearchParams())).toEqual({});
  expect(filterOf(new URLSearchParams({ email: " a@example.org ", action: "Create Token", datasetId: "" }))).toEqual({ email: "a@example.org", action: "create_token" });
});

test("days are whole, from midnight to midnight of the reader", () => {
  const { from, to } = filterOf(new URLSearchParams({ from: "2026-02-28", to: "2026-02-28" }));
  expect(new Date(from!).toString()).toBe(new Date(2026, 1, 28).toString());
  expect(new Date(to!).toString()).toBe(new Date(2026, 2, 1).toString());
  for (const wrong of ["yesterday", "2026-2-3", "1900-01-01"]) expect(filterOf(new URLSearchParams({ from: wrong })), wrong).toEqual({});
});
