import type { ColumnData } from "@winnow/contract";
import { expect, test } from "vitest";
import { draftOf, entryProblems, suggestions, usualDefault, valueOf, valueTypes } from "./entries.ts";

test("defaults are of the entry's type", () => {
  const value = (type: (typeof valueTypes)[number]["value"], fallback: string) => valueOf({ name: "", path: "", type, fallback });
  expect(value("NUMERIC_FLOAT", "1.5")).toEqual({ value: 1.5 });
  expect(value("NUMERIC_INT", "1.5").problem).toBeDefined();
  expect(value("CATEGORICAL_BOOLEAN", "true")).toEqual({ value: true });
  expect(value("CATEGORICAL_BOOLEAN", "yes").problem).toBeDefined();
  expect(value("CATEGORICAL_DATETIME", "soon").problem).toBeDefined();
  expect(value("NUMERIC_FLOAT", "").problem).toBeDefined();
  for (const { value: type } of valueTypes) {
    const { value: usual, problem } = value(type, usualDefault(type));
    expect(problem, type).toBeUndefined();
    expect(draftOf({ name: "n", path: "p", valueDataType: type, defaultValue: usual }).fallback, type).toBe(usualDefault(type));
  }
});

test("entries need a name of their own and a path", () => {
  const entry = { name: "weather", path: "weather", type: "CATEGORICAL_STRING", fallback: "unknown" } as const;
  expect(entryProblems(entry, [entry])).toEqual({});
  expect(Object.keys(entryProblems(entry, [entry, { ...entry, path: "x" }]))).toEqual(["name"]);
  expect(Object.keys(entryProblems({ ...entry, name: " ", path: "" }, []))).toEqual(["name", "path"]);
});

test("what samples hold is offered, with a type that fits, unless it is there already", () => {
  const column = (title: string, more: Partial<ColumnData>): ColumnData => ({ name: `custom.${title}`, title, group: "customMetadata", kind: "category", ...more });
  const columns = [column("camera.height", { kind: "number", minimum: 1, maximum: 3 }), column("weather", { labels: ["rain", "sun"] }), column("night", { labels: ["false", "true"] }), column("speed", { kind: "number", minimum: 0.5, maximum: 3 }), { ...column("sharp", {}), group: "metadata" as const }];
  expect(suggestions(columns, [{ name: "x", path: "weather", type: "OTHER_STRING", fallback: "" }]).map(({ name, path, type, found }) => [name, path, type, found])).toEqual([
    ["height", "camera.height", "NUMERIC_INT", "1 – 3"],
    ["night", "night", "CATEGORICAL_BOOLEAN", "false, true"],
    ["speed", "speed", "NUMERIC_FLOAT", "0.5 – 3"],
  ]);
});
