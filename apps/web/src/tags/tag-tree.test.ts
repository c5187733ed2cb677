import type { TagData } from "@winnow/contract";
import { expect, test } from "vitest";
import { freeName, nameProblem, reasonToKeep, tagTree, visibleRows } from "./tag-tree.ts";

let made = 0;
const tag = (name: string, more: Partial<TagData> = {}): TagData => ({ id: (++made).toString(16).padStart(24, "0"), datasetId: "", name, bitMaskData: "0x1", totSize: 4, createdAt: made, ...more });
const initial = tag("initial-tag");
const child = tag("child", { prevTagId: initial.id });
const grandchild = tag("grandchild", { prevTagId: child.id });
const sibling = tag("sibling", { prevTagId: initial.id, queryTagId: grandchild.id });
const upload = tag("second upload");
const tags = [upload, sibling, grandchild, child, initial];
const outline = (all: readonly TagData[], folded: string[] = []) => visibleRows(tagTree(all), new Set(folded)).map(({ tag: { name }, depth }) => `${"-".repeat(depth)}${name}`);

test("tags hang below what they were made from, older ones first", () => {
  expect(outline(tags)).toEqual(["initial-tag", "-child", "--grandchild", "-sibling", "second upload"]);
  expect(outline(tags, [child.id])).toEqual(["initial-tag", "-child", "-sibling", "second upload"]);
});

test("no tag is lost when its parent is missing or parents go round", () => {
  const orphan = tag("orphan", { prevTagId: "f".repeat(24) });
  const [a, b] = [tag("ring a"), tag("ring b")];
  const ring = [{ ...a, prevTagId: b.id }, { ...b, prevTagId: a.id }, { ...tag("own parent"), prevTagId: made.toString(16).padStart(24, "0") }];
  expect(outline([orphan, ...ring])).toHaveLength(4);
});

test("what keeps a tag from being deleted", () => {
  expect(reasonToKeep(initial, tags)).toContain("began with");
  expect(reasonToKeep(child, tags)).toContain("“grandchild” was made from this tag. Delete it first.");
  expect(reasonToKeep(grandchild, tags)).toContain("“sibling”");
  expect(reasonToKeep(sibling, tags)).toBeUndefined();
  expect(reasonToKeep(upload, tags)).toBeUndefined();
});

test("names are as the contract has them, and free", () => {
  expect(nameProblem("ab", tags)).toContain("3");
  expect(nameProblem("-abc", tags)).toContain("beginning");
  expect(nameProblem("a/b c", tags)).toContain("only");
  expect(nameProblem("child", tags)).toContain("already");
  expect(nameProblem("child", tags, child.id)).toBeUndefined();
  expect(nameProblem("new: 10.5 @home", tags)).toBeUndefined();
  expect(freeName("child", tags)).toBe("child 2");
  expect(freeName("a+b", tags)).toBe("a-b");
  expect(nameProblem(freeName("✂", tags), tags)).toBeUndefined();
});
