import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeWhole } from "../files/write-whole.ts";
import { Journal } from "./journal.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "winnow-journal-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("gives back what was written, in order", () => {
  const path = join(folder, "below", "journal");
  const first = Journal.open<{ n: number }>(path);
  expect(first.events).toEqual([]);
  first.append({ n: 1 });
  first.append({ n: 2 });
  first.close();
  const second = Journal.open<{ n: number }>(path);
  expect(second.events).toEqual([{ n: 1 }, { n: 2 }]);
  second.close();
});

test("an unfinished last line is cut off, whatever its length, and what is added then stands on a line of its own", () => {
  const whole = `{"n":1}\n{"n":"ü"}\n`;
  const bytes = Buffer.from(`${whole}{"n":"ü and more"}\n`);
  for (let length = Buffer.byteLength(whole); length < bytes.length; length++) {
    const path = join(folder, `journal-${length}`);
    writeFileSync(path, bytes.subarray(0, length));
    const journal = Journal.open<{ n: unknown }>(path);
    expect(journal.events).toEqual([{ n: 1 }, { n: "ü" }]);
    journal.append({ n: 3 });
    journal.close();
    expect(readFileSync(path, "utf8")).toBe(`${whole}{"n":3}\n`);
  }
});

test("what follows a line that makes no sense isn't trusted", () => {
  const path = join(folder, "journal");
  writeFileSync(path, `{"n":1}\n`);
  appendFileSync(path, Buffer.alloc(20));
  appendFileSync(path, `\n{"n":2}\n`);
  const journal = Journal.open(path);
  expect(journal.events).toEqual([{ n: 1 }]);
  journal.close();
  expect(readFileSync(path, "utf8")).toBe(`{"n":1}\n`);
});

test("a file written whole replaces the earlier one and leaves nothing beside it", () => {
  const path = join(folder, "state.json");
  writeWhole(path, "first");
  writeWhole(path, "second", 0o600);
  expect(readFileSync(path, "utf8")).toBe("second");
});
