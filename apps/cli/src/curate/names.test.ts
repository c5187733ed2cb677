import fc from "fast-check";
import { expect, test } from "vitest";
import { datasetNameOf, isDatasetName, stateFolderOf, unusableName } from "./names.ts";

test("a dataset is named like its folder", () => {
  expect(datasetNameOf("/home/ada/Street scenes_2026-1")).toBe("Street scenes_2026-1");
  expect(datasetNameOf("/home/ada/Überflüge (neu)")).toBe("Uberfluge -neu");
  expect(datasetNameOf("/data/ab")).toBe("ab images");
  expect(datasetNameOf("/data/写真")).toBe("images");
  expect(datasetNameOf("/")).toBe("images");
});

test("whatever the folder is called, the dataset's name is a valid one", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 40 }), (name) => isDatasetName(datasetNameOf(`/x/${name}`))));
});

test("state folders differ when names differ in case only", () => {
  expect(stateFolderOf("Photos").toLowerCase()).not.toBe(stateFolderOf("photos").toLowerCase());
});

test("names that can't be samples", () => {
  expect(unusableName("a/b c.jpg")).toBeUndefined();
  expect(unusableName("写真/ü.jpg")).toBeUndefined();
  expect(unusableName("a,b.jpg")).toMatch(/comma/);
  expect(unusableName(`${"x".repeat(252)}.jpg`)).toMatch(/256 characters/);
  expect(unusableName("a\nb.jpg")).toMatch(/control character/);
  expect(unusableName("a\ufffdb.jpg")).toMatch(/UTF-8/);
});
