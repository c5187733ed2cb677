/** Near-duplicates at a click: pictures that are there twice in another quality stand side by side, and nothing else. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { type Collection, startGenerated } from "./collection.ts";

describeInBrowser("near-duplicates", () => {
  let browser: Browser;
  let made: Collection;
  beforeAll(async () => {
    [browser, made] = await Promise.all([launch(), startGenerated(23, 3)]);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await made?.stop();
  });

  test("are found, stand in pairs, and a link shows them again", async () => {
    const { page, errors } = await newPage(browser, made.url);
    await signIn(page, made.url, made.token);
    await page.goto(`${made.url}/datasets/${made.datasetId}`);
    await page.getByRole("listbox", { name: "23 samples", exact: true }).waitFor();
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("menuitem", { name: /^Near-duplicates/ }).click();
    const grid = page.getByRole("listbox", { name: "6 samples", exact: true });
    await grid.waitFor({ timeout: 120_000 });
    await page.getByText("in 3 groups").waitFor();
    const names = await grid.getByRole("option").evaluateAll((options) => options.map((option) => option.getAttribute("aria-label")!));
    const number = (name: string) => Number(/(\d+)\.jpg$/.exec(name)![1]);
    // In pairs: each beside what it is a copy of.
    for (let i = 0; i < names.length; i += 2) {
      const [first, second] = [number(names[i]!), number(names[i + 1]!)].toSorted((a, b) => a - b);
      expect([first! < 3, second! - first!], names.join(" ")).toEqual([true, 20]);
    }
    expect(new Set(names).size).toBe(6);
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, "near-duplicates");
    // A link shows the same.
    await page.reload();
    await grid.waitFor();
    await page.getByText("in 3 groups").waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
