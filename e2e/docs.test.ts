/** Every block of code in the documentation does what it says; e2e/docs/blocks.ts says how pages tell tests about theirs. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Block, READ, RUN, SHOWN, blocksOf, stepsOf } from "./docs/blocks.ts";
import { documentationPages } from "./docs/pages.ts";
import { type PageFolder, Playground } from "./docs/playground.ts";
import { endAll } from "./program.ts";

/** More than these, and the documentation is no longer proven: make the block one that can be run instead. */
const SKIPPED_MAX = 12;

const members = JSON.parse(readFileSync(new URL("../packages/client/test/python-members.json", import.meta.url), "utf8")) as Record<"documented" | "undocumented" | "classes", string[]>;
const pages = documentationPages().map(({ path, text }) => ({ path, text, blocks: blocksOf(text) }));
/** Made from the commands, whose examples name files and ids that nobody has: a test beside the commands parses each of them. */
const PARSED_ELSEWHERE = "docs/reference/command-line.md";
const isRun = ({ language, skip, file }: Block): boolean => skip === undefined && file === undefined && (RUN as readonly string[]).includes(language);

let playground: Playground;
let compiled: string;
const folders = new Map<string, PageFolder>();

beforeAll(async () => {
  playground = await Playground.open();
  for (const { path, blocks } of pages) {
    if (path === PARSED_ELSEWHERE) continue;
    const steps = stepsOf(blocks).filter((step) => isRun(step) || step.file !== undefined);
    if (steps.length === 0) continue;
    const folder = await playground.page(path.replace(/\.md$/, "").replaceAll("/", "-"));
    folders.set(path, folder);
    for (const step of steps) await folder.write(step);
  }
  compiled = await playground.compile();
}, 600_000);

afterAll(async () => {
  await playground?.close();
  await endAll();
});

describe("blocks", () => {
  it("are of languages that tests know", () => {
    const known: readonly string[] = [...RUN, ...READ, ...SHOWN];
    expect(pages.flatMap(({ path, blocks }) => blocks.filter(({ language }) => !known.includes(language)).map(({ line, language }) => `${path}:${line} is of "${language}"`))).toEqual([]);
  });

  it("are run, save a few that say why not", () => {
    const skipped = pages.flatMap(({ path, blocks }) => blocks.filter(({ skip }) => skip !== undefined).map(({ line, skip }) => `${path}:${line} is not run: ${skip}`));
    for (const line of skipped) console.warn(line);
    expect(skipped.length, skipped.join("\n")).toBeLessThanOrEqual(SKIPPED_MAX);
  });

  it("in JSON can be read", () => {
    for (const { path, blocks } of pages) for (const { language, line, code } of blocks) if (language === "json") expect(() => JSON.parse(code), `${path}:${line}`).not.toThrow();
  });

  it("in TypeScript compile against the packages", () => {
    expect(compiled).toBe("");
  });

  it("in Python name members that the client has", () => {
    const known = new Set([...members.documented, ...members.undocumented]);
    for (const { path, blocks } of pages) {
      for (const { language, line, code, before } of blocks) if (language === "python") for (const [, name] of `${before}${code}`.matchAll(/\bclient\.(\w+)/g)) expect(known.has(name!), `${path}:${line}: client.${name}`).toBe(true);
    }
  });
});

describe.each(pages.filter(({ path, blocks }) => path !== PARSED_ELSEWHERE && stepsOf(blocks).some(isRun)))("$path", ({ path, blocks }) => {
  it.each(stepsOf(blocks).filter(isRun))("line $line, $language", { timeout: 180_000 }, async (step) => {
    if (step.language === "python" && (await playground.python()) === undefined) {
      console.warn(`${path}:${step.line} is not run: the Python client isn't at hand. That it names members that exist was checked.`);
      return;
    }
    const { code, output } = await folders.get(path)!.run(step);
    expect(code, `${path}:${step.line} ended with ${code}:\n${output}`).toBe(0);
    for (const text of step.prints) expect(output, `${path}:${step.line}`).toContain(text);
  });
});
