import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bindDataset } from "./naming.ts";

let folder: string;
const at = (...parts: string[]) => {
  const path = join(folder, ...parts);
  mkdirSync(path, { recursive: true });
  return path;
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "winnow-naming-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a folder keeps its dataset; another one of the same name gets its own", () => {
  const data = at("data", "start");
  expect(bindDataset(at("a", "photos"), data, undefined).name).toBe("photos");
  expect(bindDataset(at("b", "photos"), data, undefined).name).toBe("photos-2");
  expect(bindDataset(at("a", "photos"), data, undefined).name).toBe("photos");
  expect(bindDataset(at("b", "photos"), data, undefined).name).toBe("photos-2");
  expect(bindDataset(at("a", "photos"), data, "other").name).toBe("other");
});

test("a wanted name of another folder is refused while that folder is there", () => {
  const data = at("data", "start");
  bindDataset(at("a", "photos"), data, undefined);
  expect(() => bindDataset(at("b", "pictures"), data, "photos")).toThrow(/holds the images of .*Choose another name/);
  rmSync(join(folder, "a"), { recursive: true });
  expect(bindDataset(at("b", "pictures"), data, "photos").name).toBe("photos");
});

test("a folder inside of the data folder moves with it", () => {
  const { name } = bindDataset(at("data", "demo"), at("data", "start"), undefined);
  expect(bindDataset(join(folder, "data", "demo"), join(folder, "data", "start"), undefined).name).toBe(name);
});
