import { expect, test } from "vitest";
import { exportAddress, exportFileName, exportFormats, legible } from "./export-formats.ts";

const format = (id: string) => exportFormats.find((one) => one.id === id)!;
const choice = { days: 7, closed: true, metadata: true, scoreMin: 0 };

test("an export is asked for with what its format knows, and nothing else", () => {
  expect(exportAddress("d", "t", format("names"), choice, false)).toBe("/v1/datasets/d/tags/t/export/basic/filenames?format=PLAIN");
  expect(exportAddress("d", "t", format("label-studio"), choice, true)).toBe("/v1/datasets/d/tags/t/export/LabelStudio/tasks?expiresIn=604800&accessControl=default&includeMetaData=true&previewExample=true");
  expect(exportAddress("d", "t", format("labelbox"), { ...choice, closed: false, days: 0.5 }, false)).toBe("/v1/datasets/d/tags/t/export/LabelBox/datarows?expiresIn=43200");
  expect(exportAddress("d", "t", format("coco"), { ...choice, task: "cars & trucks", scoreMin: 0.25 }, false)).toBe("/v1/datasets/d/tags/t/export/COCO?taskName=cars+%26+trucks&scoreMin=0.25");
  expect(exportAddress("d", "t", format("coco"), choice, true)).toBe("/v1/datasets/d/tags/t/export/COCO?previewExample=true");
  expect(exportAddress("d", "t", format("zip"), choice, false)).toBe("/v1/datasets/d/tags/t/export/zip");
});

test("files are called after the tag", () => {
  expect(exportFormats.map((one) => exportFileName("best: 10 %", one))).toEqual(["best-10-.txt", "best-10--names-json.json", "best-10--addresses.json", "best-10--label-studio.json", "best-10--labelbox.json", "best-10--sama.json", "best-10--coco.json", "best-10-.zip"]);
});

test("JSON gets line breaks, text stays", () => {
  expect(legible('[1,{"a":2}]')).toBe('[\n  1,\n  {\n    "a": 2\n  }\n]');
  expect(legible("a.jpg\nb.jpg")).toBe("a.jpg\nb.jpg");
});
