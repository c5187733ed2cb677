import { expect, test } from "vitest";
import type { FileFacts } from "./collection-state.ts";
import { planCollection } from "./plan.ts";

/** Contents by file name: equal texts are equal bytes, and a text with "!" can't be decoded. */
function plan(folder: Record<string, string>, registered: readonly string[] = [], contents: Record<string, string> = {}) {
  const facts = (name: string): FileFacts | undefined => {
    const text = folder[name];
    if (text === undefined || text === "unreadable") return undefined;
    return { sizeBytes: 1, modifiedMs: 1, hash: text, ...(text.includes("!") ? { broken: "cut off" } : {}) };
  };
  return planCollection(Object.keys(folder).sort(), facts, registered, (name) => contents[name]);
}
const names = (samples: readonly { fileName: string }[]) => samples.map(({ fileName }) => fileName);

test("a new folder: samples in byte order, the first of equal ones kept, broken ones left out", () => {
  const made = plan({ "b.jpg": "x", "a.jpg": "x", "c.jpg": "y", "d.jpg": "z!", "e.jpg": "unreadable" });
  expect(made.samples).toEqual([
    { fileName: "a.jpg", hash: "x" },
    { fileName: "c.jpg", hash: "y" },
  ]);
  expect(made.duplicates).toEqual([{ fileName: "b.jpg", of: "a.jpg" }]);
  expect(made.broken).toEqual([{ fileName: "d.jpg", reason: "cut off" }]);
});

test("samples keep their places; new ones come behind, also those with earlier names", () => {
  const made = plan({ "a.jpg": "new", "b.jpg": "x", "c.jpg": "y" }, ["c.jpg", "b.jpg"], { "b.jpg": "x", "c.jpg": "y" });
  expect(names(made.samples)).toEqual(["c.jpg", "b.jpg", "a.jpg"]);
  expect(made.registered).toBe(2);
  expect(made.changed).toEqual([]);
});

test("an interrupted run continued gives the same plan as one that wasn't interrupted", () => {
  const folder = { "a.jpg": "1", "b.jpg": "2", "c.jpg": "1", "d.jpg": "3" };
  const whole = plan(folder);
  const after = plan(folder, ["a.jpg", "b.jpg"], { "a.jpg": "1", "b.jpg": "2" });
  expect(after.samples).toEqual(whole.samples);
  expect(after.duplicates).toEqual(whole.duplicates);
});

test("a copy of a sample is a duplicate even when its name comes first", () => {
  const made = plan({ "a.jpg": "x", "b.jpg": "x" }, ["b.jpg"], { "b.jpg": "x" });
  expect(made.duplicates).toEqual([{ fileName: "a.jpg", of: "b.jpg" }]);
});

test("changed, deleted and broken samples stay samples", () => {
  const before = { "a.jpg": "1", "b.jpg": "2", "c.jpg": "3" };
  const made = plan({ "a.jpg": "other", "c.jpg": "3!" }, ["a.jpg", "b.jpg", "c.jpg"], before);
  expect(made.samples).toEqual([
    { fileName: "a.jpg", hash: "other" },
    { fileName: "b.jpg", hash: "2" },
    { fileName: "c.jpg", hash: "3" },
  ]);
  expect(made.changed).toEqual(["a.jpg"]);
  expect(made.deleted).toEqual(["b.jpg"]);
  expect(names(made.broken)).toEqual(["c.jpg"]);
});

test("when the kept one of two equal files changes, the other one becomes a sample", () => {
  const made = plan({ "a.jpg": "other", "b.jpg": "x" }, ["a.jpg"], { "a.jpg": "x" });
  expect(names(made.samples)).toEqual(["a.jpg", "b.jpg"]);
});
