import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ignorePatterns, isIgnored } from "./ignore-patterns.ts";
import { isRelevant, parseRelevantFilenames, RelevantFilenamesError, relevantPrefixes } from "./relevant-filenames.ts";

const relevant = (text: string, paths: readonly string[]) => {
  const parsed = parseRelevantFilenames(text);
  return paths.filter((path) => isRelevant(parsed, path));
};

describe("a list of relevant file names", () => {
  it("takes names, prefixes, and patterns that take out and take back", () => {
    const paths = ["a.jpg", "b c.jpg", "drive7/day.jpg", "drive7/night_001.jpg", "drive7/night_003.jpg", "drive7/sub/x.png", "drive70/y.jpg", "other/z.jpg"];
    expect(relevant("\ufeffa.jpg\r\n\r\nb c.jpg\r\n", paths)).toEqual(["a.jpg", "b c.jpg"]);
    expect(relevant("drive7/* drive7/night* !drive7/night_003.jpg", paths)).toEqual(["drive7/day.jpg", "drive7/night_003.jpg", "drive7/sub/x.png"]);
    expect(relevant("drive7*", paths)).toEqual(paths.filter((path) => path.startsWith("drive7")));
    expect(relevant("drive7/*.jpg", paths)).toEqual(["drive7/day.jpg", "drive7/night_001.jpg", "drive7/night_003.jpg"]);
    expect(relevant("*  *.jpg", paths)).toEqual(["drive7/sub/x.png"]);
    expect(relevant("drive7/* *.jpg\ndrive7/day.jpg", paths)).toEqual(["drive7/day.jpg", "drive7/sub/x.png"]);
  });

  it.each([
    ["", 0], ["\n \r\n", 0], ["a.jpg\n/b.jpg", 2], ["./a.jpg", 1], ["a/../b.jpg", 1], ["a//b.jpg", 1], ["a/", 1], ["../*", 1], ["a/./*", 1], ["a/* !", 1], ["a/* /", 1], ["a\0b", 1],
  ] as const)("refuses %j and names line %d", (text, line) => {
    try {
      parseRelevantFilenames(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(RelevantFilenamesError);
      expect((error as RelevantFilenamesError).line).toBe(line);
    }
  });

  const part = fc.stringMatching(/^[abc.]{1,3}$/).filter((one) => one !== "." && one !== "..");
  const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const line = fc.oneof(path, path.map((one) => `${one}*`), path.map((one) => `${one}/*`), fc.tuple(path, part).map(([one, other]) => `${one}* ${other}`));

  it("lists with its prefixes everything that is relevant, and none twice", () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), fc.array(path, { maxLength: 20 }), (lines, paths) => {
        const parsed = parseRelevantFilenames(lines.join("\n"));
        const prefixes = relevantPrefixes(parsed);
        const starts = parsed.rules.map(({ prefix }) => prefix);
        for (const one of paths) {
          // A prefix of a rule lists whatever starts with it; a name only itself.
          const listings = prefixes.filter((prefix) => (starts.includes(prefix) ? one.startsWith(prefix) : one === prefix));
          if (isRelevant(parsed, one)) expect(listings).toHaveLength(1);
          else expect(listings.length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("means the same whatever the order of its lines, and more lines never take away", () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), line, fc.array(path, { maxLength: 20 }), (lines, extra, paths) => {
        const some = relevant(lines.join("\n"), paths);
        expect(relevant([...lines].reverse().join("\r\n"), paths)).toEqual(some);
        const more = relevant([...lines, extra].join("\n"), paths);
        for (const one of some) expect(more).toContain(one);
      }),
    );
  });
});

it("takes no longer for patterns that are made to take long", () => {
  const stars = ignorePatterns([`${"*a".repeat(40)}*b`, `${"**/a/".repeat(40)}b`]);
  const began = performance.now();
  expect(isIgnored(stars, `${"a/".repeat(100)}${"a".repeat(255)}`)).toBe(false);
  expect(performance.now() - began).toBeLessThan(1_000);
});

const git = spawnSync("git", ["--version"]).status === 0;

describe("gitignore patterns", () => {
  it.each([
    ["*.jpg", ["a.jpg", "b/a.jpg"], ["a.jpgx", "a.png"]],
    ["/a", ["a", "a/b"], ["b/a"]],
    ["a/b", ["a/b", "a/b/c"], ["x/a/b"]],
    ["a/", ["a/b", "x/a/b"], ["a", "x/a"]],
    ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "x/a/b"]],
    ["**/b", ["b", "a/b"], ["ab"]],
    ["a/**", ["a/b", "a/b/c"], ["a"]],
    ["a?c", ["abc"], ["a/c", "ac"]],
    ["[a-c]x", ["ax", "cx"], ["dx"]],
    ["[!a-c]x", ["dx"], ["ax"]],
    ["\\!a", ["!a"], ["a"]],
  ] as const)("%s", (pattern, yes, no) => {
    const patterns = ignorePatterns([pattern]);
    expect(yes.filter((path) => !isIgnored(patterns, path))).toEqual([]);
    expect(no.filter((path) => isIgnored(patterns, path))).toEqual([]);
  });

  it.skipIf(!git)(`decide as git does${git ? "" : " (skipped: git is not installed)"}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "winnow-ignore-"));
    const run = (...words: string[]) => spawnSync("git", ["-C", folder, ...words], { input: "", env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1" } });
    run("init", "-q");
    const name = fc.stringMatching(/^[ab!x-]{1,3}$/);
    const token = fc.oneof({ weight: 6, arbitrary: name }, fc.constantFrom("*", "?", "[ab]", "[!a]", "[a-x]", "[^b-]", "[]a]", "\\a", "\\*", "[[:alpha:]]", "[b-a]"));
    // Two stars that are not a whole part mean one by the manual, but cross folders behind a plain beginning in git itself.
    const globPart = fc.oneof({ weight: 4, arbitrary: fc.array(token, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("")).filter((one) => !one.includes("**")) }, fc.constant("**"));
    const glob = fc.array(globPart, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
    const pattern = fc.tuple(fc.constantFrom("", "", "!"), fc.constantFrom("", "", "/", "**/"), glob, fc.constantFrom("", "", "/", "/**")).map((parts) => parts.join("")).filter((one) => !/^(!!|!?\/?$)/.test(one));
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 4 }), fc.uniqueArray(path, { minLength: 20, maxLength: 40 }), (patterns, paths) => {
        writeFileSync(join(folder, ".git/info/exclude"), `${patterns.join("\n")}\n`);
        const answer = spawnSync("git", ["-C", folder, "check-ignore", "--no-index", "-z", "--stdin"], { input: paths.join("\0"), env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1" } });
        const theirs = String(answer.stdout).split("\0").filter((one) => one !== "").sort();
        const parsed = ignorePatterns(patterns);
        expect(paths.filter((one) => isIgnored(parsed, one)).sort()).toEqual(theirs);
      }),
      { numRuns: 300 },
    );
    rmSync(folder, { recursive: true });
  });
});
