import { expect, test } from "vitest";
import type { Io } from "../io.ts";
import { named } from "./listed.ts";
import { table } from "./table.ts";

const io = (more: Partial<Io> = {}): Io => ({ stdout: { write: () => undefined }, stderr: { write: () => undefined }, isTTY: false, env: {}, cwd: "/", stop: new AbortController().signal, ...more });
const rows = [["NAME", "N"], ["long name", "1"], ["b", "22"]];

test("columns are as wide as their widest cell; the heading stands out for people only", () => {
  const plain = "NAME       N\nlong name  1\nb          22\n";
  expect(table(io(), rows)).toBe(plain);
  expect(table(io({ stdoutIsTTY: true }), rows)).toBe(plain.replace("NAME       N", "\u001b[1mNAME       N\u001b[22m"));
  expect(table(io({ stdoutIsTTY: true, env: { NO_COLOR: "1" } }), rows)).toBe(plain);
  // https://no-color.org: set and not empty.
  expect(table(io({ stdoutIsTTY: true, env: { NO_COLOR: "" } }), rows)).toContain("\u001b[1m");
});

test("names from elsewhere can't tell the terminal what to do, or break a table", () => {
  expect(table(io({ stdoutIsTTY: true, env: { NO_COLOR: "1" } }), [["NAME"], ["\u001b]0;title\u0007\u009b31m"], ["a\nb"]])).toBe("NAME\n\ufffd]0;title\ufffd\ufffd31m\na b\n");
  expect(named("Failed", [{ fileName: "\u001b[2Ja.jpg", reason: "gone" }])).toBe("Failed: 1\n  \ufffd[2Ja.jpg: gone\n");
});

test("of many files the first are listed, and how many more there are", () => {
  expect(named("Failed", [])).toBe("");
  const text = named("Failed", Array.from({ length: 25 }, (_, i) => ({ fileName: `${i}.jpg`, reason: "gone" })), 1234);
  expect(text.split("\n")).toHaveLength(23);
  expect(text).toMatch(/^Failed: 1,234\n/);
  expect(text).toMatch(/… and 1,214 more \(--json lists them\)\n$/);
});
