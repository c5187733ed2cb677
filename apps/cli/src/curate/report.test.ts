import { expect, test } from "vitest";
import { type Findings, reportOf } from "./report.ts";

const selection = { tagId: "t", tagName: "coreset 2 of 3 - 0", method: "coreset", select: 2, samples: 3, total: 2, picks: [{ fileName: "a.jpg" }, { fileName: "long/b.jpg", distance: 1.25 }], coverage: { first: 1.25, last: 0.5 } };
const findings: Findings = {
  folder: "/photos",
  dataset: "photos",
  files: 4,
  samples: 3,
  added: 0,
  changed: [],
  deleted: [],
  broken: [{ fileName: "c.jpg", reason: "the file is empty" }],
  leftOut: [],
  duplicates: [],
  near: [],
  selection,
  picks: selection.picks,
  nothingNew: false,
};

test("what was found, what was selected, why, and how well it covers the rest", () => {
  expect(reportOf(findings)).toBe(`/photos: 4 image files, 3 different images in the dataset "photos"

Broken: 1 (left out)
  c.jpg: the file is empty

Exact duplicates: none
Near-duplicates: none

Selected: 2 of 3 by coreset (tag "coreset 2 of 3 - 0")
Each is the image farthest from all chosen before it; the number is how far.
  1  a.jpg       the most typical: nearest to the average
  2  long/b.jpg  1.250

Coverage: every image lies within 0.500 of a selected one (after the first pick: 1.250).
0 is the same image, 1.414 nothing in common, 2 the opposite.
`);
});

test("long lists are cut, and of earlier picks only their number is shown", () => {
  const picks = Array.from({ length: 30 }, (_, i) => ({ fileName: `${i}.jpg`, distance: 1 }));
  const text = reportOf({ ...findings, deleted: picks.map(({ fileName }) => fileName), selection: { ...selection, from: "earlier", total: 55, samples: 100, picks }, picks: [...Array.from({ length: 25 }, (_, i) => ({ fileName: `before ${i}.jpg` })), ...picks] });
  expect(text).toContain("No longer in the folder: 30 (kept in the dataset)");
  expect(text).toContain("… and 20 more");
  expect(text).toContain("Selected: 55 of 100 by coreset: 25 chosen earlier, 30 added");
  expect(text).toContain("  26  0.jpg   1.000");
  expect(text).not.toContain("before 3.jpg");
  expect(text).toContain("… and 10 more (--out FILE writes all of them)");
});

test("a random selection says so; a complete one too", () => {
  const text = reportOf({ ...findings, near: undefined, selection: { ...selection, method: "random", total: 3 } });
  expect(text).toContain("Drawn at random.");
  expect(text).toContain("Near-duplicates: not looked for");
  expect(text).toContain("Coverage: complete, every image is selected.");
});
