import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commands } from "./commands/index.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./program.ts";
import { runWords } from "./testing/run-words.ts";

const winnowOf = (list: readonly Command[], words: readonly string[]) => runWords(words, { cwd: tmpdir() }, list);
const winnow = (...words: string[]) => winnowOf(commands, words);

function lines(list: readonly Command[], before: readonly string[] = []): string[][] {
  return list.flatMap((one) => [[...before, one.name], ...lines(one.commands ?? [], [...before, one.name])]);
}

test.each(lines(commands).map((words) => [words.join(" "), words] as const))("winnow %s has help", async (_, words) => {
  const { code, stdout, stderr } = await winnow(...words, "--help");
  expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: "" });
  expect(stdout).toMatch(/^Usage: winnow /);
});

/** Commands with a `run`, by their words. */
function runnable(list: readonly Command[], before: readonly string[] = []): (readonly [string, Command])[] {
  return list.flatMap((one) => (one.commands === undefined ? [[[...before, one.name].join(" "), one] as const] : runnable(one.commands, [...before, one.name])));
}

/** What prints a script for a shell, or is a former spelling of a command that takes --json. */
const WITHOUT_JSON = /^(completion|lightly-.*)$/;

test.each(runnable(commands))("winnow %s prints JSON where it makes sense, and its examples are command lines", async (words, item) => {
  expect(item.flags !== undefined && "json" in item.flags).toBe(!WITHOUT_JSON.test(words));
  expect(item.examples?.length ?? 0).toBeGreaterThan(0);
  const ran: string[] = [];
  const idle = (list: readonly Command[], before: readonly string[] = []): Command[] =>
    list.map((one) => {
      const path = [...before, one.name];
      return one.commands === undefined ? { ...one, run: async () => void ran.push(path.join(" ")) } : { ...one, commands: idle(one.commands, path) };
    });
  for (const example of item.examples!) {
    // Of a pipe or a substitution, the part that is ours.
    const own = /(?:^|[\s(])winnow ((?:(?![|)>]).)*)(?=[|)>]|$)/g;
    const parts = [...example.replace(/^npm start --/, "winnow start").matchAll(own)].map(([, line]) => line!.trim());
    expect(parts).not.toEqual([]);
    for (const line of parts) {
      const { code, stderr } = await winnowOf(idle(commands), line.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', "")));
      expect({ line, code, stderr }).toEqual({ line, code: EXIT.ok, stderr: "" });
    }
  }
  expect(ran).toContain(words);
});

test("without a word: help; with a wrong one: what was meant", async () => {
  expect(await winnow()).toMatchObject({ code: EXIT.ok, stdout: expect.stringContaining("start") });
  expect(await winnow("sevrer")).toMatchObject({ code: EXIT.usage, stdout: "", stderr: expect.stringContaining("Did you mean server?") });
  expect(await winnow("start", "--selct", "3")).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("Did you mean --select?") });
});

test("the version", async () => {
  const { code, stdout } = await winnow("version");
  expect(code).toBe(EXIT.ok);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await winnow("--version")).stdout).toBe(stdout);
});

test.each([
  [["server", "--port", "80x"], "--port must be a whole number"],
  [["server", "--public-url", "here"], "--public-url must be an address"],
  [["server", "--log-level", "loud"], "--log-level must be one of"],
  [["server", "--database-url", "mysql://db/winnow"], "--database-url must be the address of a PostgreSQL"],
  [["user", "ls", "--database-url", "db:5432"], "--database-url must be the address of a PostgreSQL"],
  [["server", "--blob-store", "s3://bucket"], "--blob-store: the region of the bucket is missing"],
  [["start", "--blob-store", "/srv/files"], '--blob-store: the blob store must be "folder"'],
  [["server", "--role", "worker"], "--role must be one of all, api, jobs"],
  [["start", "--select", "0"], "--select must be"],
  [["start", "--method", "best"], "--method must be one of coreset, random"],
  [["start", "--name", "a"], "--name must have at least 3 characters"],
  [["start", "a", "b"], "too many arguments"],
  [["user", "add"], "missing required argument 'MAIL'"],
])("winnow %j is refused as usage", async (words, sentence) => {
  const { code, stdout, stderr } = await winnow(...words);
  expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: "" });
  expect(stderr).toContain(sentence);
});

test("what can't be done is one sentence, and more with --debug", async () => {
  const folder = mkdtempSync(join(tmpdir(), "winnow-program-"));
  try {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const cases: [string[], RegExp][] = [
      [["start", join(folder, "missing")], /There is no folder .*missing/],
      [["start", file], /is a file, not a folder/],
      [["start", folder, "--out", join(folder, "no", "list.txt")], /There is no folder .*no for the file of --out/],
      [["server", "--data", file], /there is a file in its place/],
      [["user", "ls", "--data", join(folder, "nowhere")], /There is no data folder/],
      [["server", "--data", join(folder, "data"), "--role", "api"], /the role api needs other servers/],
      [["server", "--data", join(folder, "data"), "--port", "0", "--database-url", "postgres://me:hunter2@127.0.0.1:1/winnow"], /^(?!.*hunter2).*PostgreSQL at 127\.0\.0\.1:1\/winnow can't be used/],
    ];
    for (const [words, sentence] of cases) {
      const { code, stdout, stderr } = await winnow(...words);
      expect({ words, code, stdout }).toEqual({ words, code: EXIT.failure, stdout: "" });
      expect(stderr).toMatch(sentence);
      expect(stderr.split("\n")).toHaveLength(2);
      expect((await winnow(...words, "--debug")).stderr).toContain("    at ");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
