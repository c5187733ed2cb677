/** The site leaves no page out, and its reference no operation. Building it is `npm run site`, whose tools npm test doesn't install. */
import { readFileSync } from "node:fs";
import { openApiDocument, operations } from "@winnow/contract";
import { expect, it } from "vitest";
import { documentationPages } from "./pages.ts";

it("every page of docs/ is in the site's navigation", () => {
  const configuration = readFileSync(new URL("../../site/.vitepress/config.mjs", import.meta.url), "utf8");
  const pages = documentationPages().flatMap(({ path }) => (path.startsWith("docs/") ? [path.slice("docs/".length, -".md".length)] : []));
  expect(pages.filter((page) => !configuration.includes(`"${page}"]`))).toEqual([]);
});

it("the REST reference tells of every operation, and leaves nothing that the site would take for a tag or an expression", async () => {
  const { restPage } = (await import(new URL("../../site/rest-page.mjs", import.meta.url).href)) as { restPage(document: unknown): string };
  const page = restPage(openApiDocument());
  for (const { id, method, path } of operations) {
    expect(page).toContain(`\n### ${id}\n`);
    expect(page).toContain(`\`${method} ${path}\``);
  }
  const text = page.replaceAll(/`[^`]*`/g, "");
  expect(text).not.toMatch(/<\w|\{\{|undefined|\[object/);
});
