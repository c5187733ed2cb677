import fc from "fast-check";
import { expect, test } from "vitest";
import { datasetNameOf, isDatasetName, stateFolderOf } from "./names.ts";

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
