/** Selecting: form and JSON, picks that follow them, the slider, a tag of as many as are right. */
import type { SelectionReport, TagData } from "@winnow/contract";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { type Collection, startGenerated } from "./collection.ts";
import { type Api, apiOf, hexOf } from "./api.ts";

const samples = 30;

describeInBrowser("selecting", () => {
  let browser: Browser;
  let collection: Collection;
  let api: Api;
  let base: string;
  beforeAll(async () => {
    [browser, collection] = await Promise.all([launch(), startGenerated(samples)]);
    api = apiOf(collection.url, collection.token);
    base = `/v1/datasets/${collection.datasetId}`;
    const initial = (await tags()).find(({ name }) => name === "initial-tag")!;
    await api("POST", `${base}/tags`, { name: "chosen before", prevTagId: initial.id, bitMaskData: hexOf(samples, (i) => i < 4), totSize: samples });
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await collection?.stop();
  });
  const tags = () => api<TagData[]>("GET", `${base}/tags`);
  async function open(view: Parameters<typeof newPage>[2] = {}): Promise<{ page: Page; strangers: readonly string[]; errors: readonly string[] }> {
    const watched = await newPage(browser, collection.url, view);
    await signIn(watched.page, collection.url, collection.token);
    await watched.page.goto(`${collection.url}/datasets/${collection.datasetId}/select`);
    await watched.page.getByRole("heading", { name: "Select", exact: true }).waitFor();
    return watched;
  }
  /** The picks are those that the form asks for. */
  const settled = async (page: Page) => {
    await page.locator('section[aria-label="Preview"][aria-busy="false"]').waitFor();
    await page.getByRole("button", { name: /Make it a tag of/ }).waitFor();
  };

  test.each([
    ["light", 1280, 800],
    ["dark", 1280, 800],
    ["light", 390, 844],
    ["dark", 2560, 1440],
  ] as const)("nothing is out of reach (%s, %d pixels)", async (scheme, width, height) => {
    const { page, strangers, errors } = await open({ scheme, width, height });
    await settled(page);
    await page.getByRole("group", { name: "Picks in order" }).getByRole("button").first().click();
    await page.getByText("Pick 1", { exact: true }).waitFor();
    await page.getByRole("img", { name: /Selection and All by bin/ }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await screenshot(page, `select-${scheme}-${width}`);
    expect({ strangers, errors }).toEqual({ strangers: [], errors: [] });
    await page.context().close();
  });

  test("picks are there from the start, and follow the form", async () => {
    const { page } = await open();
    await page.getByRole("group", { name: "Picks in order" }).getByRole("button").first().waitFor();
    await page.getByRole("img", { name: "Coverage by number of picks" }).waitFor();
    await page.getByRole("img", { name: /^Map of all samples with the first \d+ picks/ }).waitFor();
    await settled(page);
    await page.getByText(`of ${samples}:`).waitFor();
    const first = new URL(page.url()).searchParams.get("draft");
    await page.getByRole("textbox", { name: "Pick up to" }).fill("12");
    await page.getByText("of 12:").waitFor();
    await page.getByRole("combobox", { name: "On top of" }).click();
    await page.getByRole("option", { name: /chosen before/ }).click();
    await page.getByText(/on top of 4 in “chosen before”/).waitFor();
    await settled(page);
    expect(new URL(page.url()).searchParams.get("draft")).not.toBe(first);
    // A link shows the form and the picks as they were, without picking again.
    const link = page.url();
    const { page: second } = await open();
    const asked: string[] = [];
    second.on("request", (request) => void (request.method() === "POST" && asked.push(request.url())));
    await second.goto(link);
    await second.getByText(/on top of 4 in “chosen before”/).waitFor();
    await settled(second);
    expect(await second.getByRole("textbox", { name: "Pick up to" }).inputValue()).toBe("12");
    expect(asked).toEqual([]);
    await second.context().close();
    await page.context().close();
  });

  test("the slider moves everything, and the tag is the selection of that size", async () => {
    const { page } = await open();
    await settled(page);
    expect(await tags()).toHaveLength(3);
    const slider = page.getByRole("slider", { name: "Number of picks" });
    await slider.focus();
    await page.keyboard.press("Home");
    await page.getByText("1 pick", { exact: true }).waitFor();
    const pictures = page.getByRole("group", { name: "Picks in order" }).getByRole("button");
    await expect.poll(() => pictures.count()).toBe(1);
    for (let i = 0; i < 6; i++) await page.keyboard.press("ArrowRight");
    await page.getByText("7 picks", { exact: true }).waitFor();
    await expect.poll(() => pictures.count()).toBe(7);
    await page.getByRole("img", { name: /with the first 7 picks/ }).waitFor();
    await page.getByText(/No sample is farther than/).waitFor();
    await pictures.nth(3).click();
    await page.getByText("Pick 4", { exact: true }).waitFor();
    await page.getByText(/away from the nearest chosen before it/).waitFor();
    // A link shows the same picks, as many of them.
    await expect.poll(() => page.url()).toContain("size=7");
    await page.reload();
    await page.getByText("7 picks", { exact: true }).waitFor();

    await page.getByLabel("Name of the new tag").fill("the best seven");
    await page.getByRole("button", { name: "Make it a tag of 7" }).click();
    await page.getByRole("heading", { name: "the best seven" }).waitFor();
    const made = (await tags()).find(({ name }) => name === "the best seven")!;
    const report = await api<SelectionReport>("GET", `${base}/tags/${made.id}/selection`);
    expect(report).toMatchObject({ method: "CORESET", nSamples: 7, stopped: "count" });
    expect(report.picks).toHaveLength(7);
    expect(made.bitMaskData).toBe(hexOf(samples, (i) => report.picks.some(({ ordinal }) => ordinal === i)));
    await page.context().close();
  });

  test("form and JSON are the same, both ways; mistakes are told with their line", async () => {
    const { page } = await open();
    await page.getByRole("combobox", { name: "On top of" }).click();
    await page.getByRole("option", { name: /chosen before/ }).click();
    await page.getByText("JSON", { exact: true }).click();
    const text = page.getByRole("textbox", { name: "Selection" });
    await expect.poll(() => text.inputValue()).toContain((await tags()).find(({ name }) => name === "chosen before")!.id);
    await text.fill("method: 'RANDM',\nconfig: { stoppingCondition: { nSamples: 10 } },\nseed: 7");
    await page.getByRole("button", { name: /Line 1: One of CORESET/ }).click();
    expect(await page.getByRole("button", { name: /Look at the picks|Pick again/ }).isDisabled()).toBe(true);
    await text.fill("method: 'RANDOM',\nconfig: { stoppingCondition: { nSamples: 10 } },\npreselectedTagId: 'chosen before',\nseed: 7");
    await page.getByText("Form", { exact: true }).click();
    await expect.poll(() => page.getByRole("combobox", { name: "How" }).inputValue()).toBe("Random");
    await expect.poll(() => page.getByRole("textbox", { name: "Seed" }).inputValue()).toBe("7");
    await settled(page);
    await page.getByText(/on top of 4 in “chosen before”/).waitFor();
    await page.getByRole("textbox", { name: "Number of picks" }).fill("6");
    await page.getByRole("button", { name: "Make it a tag of 10" }).waitFor();
    await page.context().close();
  });

  test("strategies by form: each pick tells what each contributed", async () => {
    const { page } = await open();
    await page.getByRole("combobox", { name: "How" }).click();
    await page.getByRole("option", { name: "Strategies" }).click();
    await page.getByRole("button", { name: "Add a strategy" }).click();
    const second = page.getByRole("group", { name: "Strategy 2" });
    await second.getByRole("combobox", { name: "Looks at" }).click();
    await page.getByRole("option", { name: "Random numbers" }).click();
    await settled(page);
    await page.getByRole("group", { name: "Picks in order" }).getByRole("button").nth(1).click();
    await page.getByText(/Diversity contributed/).waitFor();
    await page.getByText(/Weights contributed/).waitFor();
    await screenshot(page, "select-strategies");
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.context().close();
  });

  test("what the server refuses is told in its words", async () => {
    const { page } = await open();
    await page.getByRole("combobox", { name: "How" }).click();
    await page.getByRole("option", { name: "Active learning" }).click();
    await page.getByText("There are no scores for these samples yet.").waitFor();
    await page.getByRole("alert").getByText(/no scores/).waitFor();
    await page.context().close();
  });
});
