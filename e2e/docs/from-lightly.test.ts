/** docs/from-lightly.md leaves nothing out and makes nothing up: members, commands and keys are those that there are. */
import { readFileSync } from "node:fs";
import { type CatalogueKey, runConfigurationCatalogue } from "@winnow/contract";
import { describe, expect, it } from "vitest";
import { type Keys, SERVE_KEYS, SHARED_KEYS, WORKER_KEYS } from "../../apps/cli/src/lightly/keys.ts";
import { commands } from "../../apps/cli/src/commands/index.ts";

const page = readFileSync(new URL("../../docs/from-lightly.md", import.meta.url), "utf8");
const members = JSON.parse(readFileSync(new URL("../../packages/client/test/python-members.json", import.meta.url), "utf8")) as Record<"documented" | "undocumented" | "classes", string[]>;
/** Commands of the package in release 1.2, and the two of its container. */
const COMMANDS = ["upload", "download", "embed", "train", "crop", "magic", "version", "serve", "worker"].map((name) => `lightly-${name}`);

function section(title: string): string {
  const [, rest] = page.split(`\n${title}\n`);
  if (rest === undefined) throw new Error(`there is no section ${title}`);
  return rest.split(/\n#{1,3} /)[0]!;
}

const rows = (title: string) => [...section(title).matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm)].map(([, name, status]) => ({ name: name!, status: status! }));

describe("the page for people who come from Lightly", () => {
  it("names every member of the Python client once", () => {
    expect(rows("## The Python client").map(({ name }) => name).sort()).toEqual([...members.documented, ...members.undocumented, ...members.classes].sort());
  });

  it("names every command of the old command line once", () => {
    expect(rows("## The command line").map(({ name }) => name).sort()).toEqual([...COMMANDS].sort());
  });

  it("names every argument of theirs under what becomes of it", () => {
    const named = (beginning: string) => [...section("### Arguments").split("\n").find((line) => line.startsWith(beginning))!.split(". ")[0]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!).sort();
    const keys = (works: boolean) => Object.entries(SHARED_KEYS as Keys).flatMap(([name, { without }]) => ((without === undefined) === works ? [name] : [])).sort();
    expect(named("Work as before: ")).toEqual(keys(true));
    expect(named("Taken, but without effect, which is said: ")).toEqual(keys(false));
    for (const name of Object.keys({ ...SERVE_KEYS, ...WORKER_KEYS }).filter((key) => !(key in SHARED_KEYS))) expect(section("### Arguments"), name).toContain(`\`${name}\``);
  });

  it("says of each old command what there is: the old spelling, and the new one", () => {
    for (const { name } of rows("## The command line")) expect(commands.map((one) => one.name), name).toContain(name);
    for (const [, name] of section("## The command line").matchAll(/`winnow ([a-z]+)/g)) expect(commands.map((one) => one.name), name).toContain(name);
  });

  it("says one of three things of each", () => {
    for (const { name, status } of [...rows("## The Python client"), ...rows("## The command line")]) expect(["unchanged", "differently", "not there"], name).toContain(status);
  });

  it.each([
    ["### Works unchanged", "works"],
    ["### Accepted, since a scheduled run knows it", "start"],
    ["### Accepted, without effect", "training"],
  ] as const)("%s: every key of the worker that is so", (title, use) => {
    for (const dictionary of ["docker", "lightly"] as const) {
      const line = section(title).split("\n").find((text) => text.startsWith(`In \`${dictionary}\`: `));
      const named = [...(line ?? "").slice(`In \`${dictionary}\`: `.length).matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
      expect(named.sort(), dictionary).toEqual(keysOf(dictionary, use).sort());
    }
  });

  it("says that training isn't there", () => {
    expect(section("### Not there")).toContain("`enable_training`");
  });

  it("shows a script before and after that differ by a word", () => {
    const diff = [...section("### A script, before and after").matchAll(/^([+-])(.*)$/gm)].map(([, sign, line]) => ({ sign, line: line! }));
    const [before, after] = ["-", "+"].map((wanted) => diff.filter(({ sign }) => sign === wanted).map(({ line }) => line));
    expect(before!.length).toBeGreaterThan(0);
    expect(after).toEqual(before!.map((line) => `winnow ${line}`));
    // The block that is run is the one that is shown.
    expect(section("### A script, before and after")).toContain(`\`\`\`sh\n${after!.join("\n")}\n\`\`\``);
  });

  it("shows a change of two variables and nothing else", () => {
    const [, change] = /```diff\n([^]*?)```/.exec(page)!;
    expect(new Set([...change!.matchAll(/^[+-]export (\w+)=/gm)].map(([, name]) => name))).toEqual(new Set(["LIGHTLY_SERVER_LOCATION", "LIGHTLY_TOKEN"]));
    expect(change!.trim().split("\n").every((line) => /^[+-]export /.test(line))).toBe(true);
  });
});

function keysOf(dictionary: CatalogueKey["dictionary"], use: CatalogueKey["use"]): string[] {
  return runConfigurationCatalogue.filter((key) => key.dictionary === dictionary && key.use === use && key.path !== "enable_training").map(({ path }) => path);
}
