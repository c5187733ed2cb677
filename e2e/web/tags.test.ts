/** Tags: made, compared, combined, renamed, exported, deleted. */
import { readFileSync } from "node:fs";
import type { CocoDataSet, TagData } from "@winnow/contract";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { type Collection, startGenerated } from "./collection.ts";
import { type Api, apiOf, hexOf } from "./api.ts";

const samples = 24;

describeInBrowser("tags", () => {
  let browser: Browser;
  let collection: Collection;
  let api: Api;
  let base: string;
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    [browser, collection] = await Promise.all([launch(), startGenerated(samples)]);
    api = apiOf(collection.url, collection.token);
    base = `/v1/datasets/${collection.datasetId}`;
    const initial = (await tags()).find(({ name }) => name === "initial-tag")!;
    ids["initial"] = initial.id;
    for (const [name, keep] of [["first half", (i: number) => i < 12], ["every third", (i: number) => i % 3 === 0]] as const) {
      ids[name] = (await api<{ id: string }>("POST", `${base}/tags`, { name, prevTagId: initial.id, bitMaskData: hexOf(samples, keep), totSize: samples })).id;
    }
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await collection?.stop();
  });
  const tags = () => api<TagData[]>("GET", `${base}/tags`);
  const address = (more = "") => `${collection.url}/datasets/${collection.datasetId}/tags${more}`;
  async function open(more: string, view: Parameters<typeof newPage>[2] = {}): Promise<{ page: Page; strangers: readonly string[]; errors: readonly string[] }> {
    const watched = await newPage(browser, collection.url, view);
    await signIn(watched.page, collection.url, collection.token);
    await watched.page.goto(address(more));
    await watched.page.getByRole("tree", { name: "Tags" }).waitFor();
    return watched;
  }

  test.each([
    ["light", 1280, 800],
    ["dark", 1280, 800],
    ["light", 390, 844],
    ["dark", 2560, 1440],
  ] as const)("nothing is out of reach (%s, %d pixels)", async (scheme, width, height) => {
    const { page, strangers, errors } = await open(`?tag=${ids["first half"]}`, { scheme, width, height });
    for (const [task, ready] of [["about", "Deleting"], ["compare", "Combine into a new tag"], ["export", "How it begins"]] as const) {
      await page.goto(address(`?tag=${ids["first half"]}&with=${ids["every third"]}&task=${task}`));
      await page.getByText(ready).first().waitFor();
      expect(await accessibilityProblems(page), task).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${task}: fits`).toBe(true);
      await screenshot(page, `tags-${task}-${scheme}-${width}`);
    }
    expect({ strangers, errors }).toEqual({ strangers: [], errors: [] });
    await page.context().close();
  });

  test("the tree is walked by keys", async () => {
    const { page } = await open("");
    await page.getByRole("treeitem", { name: /initial-tag/ }).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.url()).toContain(`tag=${(await tags()).toSorted((a, b) => a.createdAt - b.createdAt)[2]!.id}`);
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowLeft");
    expect(await page.getByRole("treeitem").count()).toBe(1);
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("treeitem").count()).toBe((await tags()).length);
    await page.context().close();
  });

  test("two are compared, and combined with the size told before", async () => {
    const { page } = await open(`?tag=${ids["first half"]}&task=compare`);
    await page.getByRole("combobox", { name: "Compare with" }).click();
    await page.getByRole("option", { name: "every third" }).click();
    const parts = page.getByRole("img", { name: /Only in first half: 8, In both: 4, Only in every third: 4, In neither: 8/ });
    await parts.waitFor();
    // The folders are even and odd pictures: the halves are alike in that.
    await page.getByText("What is in them").waitFor();
    await page.getByRole("img", { name: /first half and every third by bin.*even/ }).first().waitFor();
    await page.getByText(/reaches .* of the regions of the map/).first().waitFor();
    for (const [way, size] of [["Either", 16], ["First, not second", 8], ["Second, not first", 4], ["Both", 4]] as const) {
      await page.getByText(way, { exact: true }).click();
      await page.getByText(`${size} samples`, { exact: true }).waitFor();
    }
    await page.getByLabel("Name of the new tag").fill("first half");
    await page.getByText("There is already a tag of this name.").waitFor();
    await page.getByLabel("Name of the new tag").fill("both of them");
    await page.getByRole("button", { name: "Make the tag" }).click();
    await page.getByRole("heading", { name: "both of them" }).waitFor();
    const made = (await tags()).find(({ name }) => name === "both of them")!;
    expect(made.bitMaskData).toBe(hexOf(samples, (i) => i < 12 && i % 3 === 0));
    await page.context().close();
  });

  test("renamed in place, deleted after a question, kept when another was made from it", async () => {
    const { page } = await open(`?tag=${ids["every third"]}`);
    await page.getByRole("button", { name: "Rename the tag" }).click();
    await page.getByLabel("New name of the tag").fill("1/3");
    await page.getByText(/Letters, digits/).waitFor();
    await page.getByLabel("New name of the tag").fill("a third");
    await page.getByLabel("New name of the tag").press("Enter");
    await page.getByRole("heading", { name: "a third" }).waitFor();
    expect((await tags()).map(({ name }) => name)).toContain("a third");

    const child = await api<{ id: string }>("POST", `${base}/tags`, { name: "child of a third", prevTagId: ids["every third"], bitMaskData: "0x1", totSize: samples });
    // Another client made it: the page hears of it.
    await page.getByRole("treeitem", { name: /child of a third/ }).waitFor();
    await page.getByRole("button", { name: /Delete the tag: not possible.*child of a third/ }).waitFor();
    await page.getByRole("treeitem", { name: /child of a third/ }).click();
    await page.getByRole("button", { name: "Delete the tag", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("stay in the dataset").waitFor();
    await screenshot(page, "tags-delete");
    await dialog.getByRole("button", { name: "Keep it" }).click();
    expect((await tags()).some(({ id }) => id === child.id)).toBe(true);
    await page.getByRole("button", { name: "Delete the tag", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete the tag" }).click();
    await page.getByRole("heading", { name: "a third" }).waitFor();
    expect((await tags()).some(({ id }) => id === child.id)).toBe(false);
    await page.context().close();
  });

  test("exported as COCO: the chosen task's boxes on the tag's images, as the preview says", async () => {
    const query = "predictionUUIDTimestamp=1700000000000";
    const list = await api<{ id: string; fileName: string }[]>("GET", `${base}/samples`);
    for (const [name, type] of [["cars", "OBJECT_DETECTION"], ["people", "OBJECT_DETECTION"], ["weather", "CLASSIFICATION"]]) await api("POST", `${base}/predictions/tasks?${query}`, { name, type, categories: [{ id: 3, name: `one of ${name}` }] });
    for (const [taskName, left] of [["cars", 1], ["people", 50]] as const) {
      await api("POST", `${base}/predictions/bulk?${query}`, { taskName, predictions: list.map(({ id }, i) => ({ sampleId: id, singletons: [{ type: "OBJECT_DETECTION", taskName, categoryId: 3, score: i % 2 === 0 ? 0.9 : 0.3, bbox: [left + i, 2, 30, 40] }] })) });
    }
    const { page } = await open(`?tag=${ids["every third"]}&task=export`);
    await page.getByRole("radio", { name: /^COCO/ }).click();
    const preview = page.getByLabel("Preview", { exact: true });
    await expect.poll(() => preview.textContent()).toContain("one of cars");
    await page.getByRole("combobox", { name: "Predictions of" }).click();
    expect(await page.getByRole("option").allTextContents()).toEqual(["cars", "people"]);
    await page.getByRole("option", { name: "people" }).click();
    await expect.poll(() => preview.textContent()).toContain("one of people");
    await page.getByRole("textbox", { name: "With a score of at least" }).fill("0.5");
    await expect.poll(async () => (JSON.parse((await preview.textContent())!) as CocoDataSet).annotations.length).toBe(2);
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, "tags-export-coco");
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /Download 8 samples/ }).click()]);
    const name = (await tags()).find(({ id }) => id === ids["every third"])!.name;
    expect(file.suggestedFilename()).toBe(`${name.replaceAll(" ", "-")}-coco.json`);
    const { images, annotations, categories } = JSON.parse(readFileSync(await file.path(), "utf8")) as CocoDataSet;
    const thirds = list.map((sample, ordinal) => ({ ...sample, ordinal })).filter(({ ordinal }) => ordinal % 3 === 0);
    expect(images.map(({ file_name }) => file_name)).toEqual(thirds.map(({ fileName }) => fileName));
    expect(images.every(({ width, height }) => width! > 0 && height! > 0)).toBe(true);
    expect(categories).toEqual([{ id: 3, name: "one of people", supercategory: "people" }]);
    expect(annotations).toEqual(thirds.filter(({ ordinal }) => ordinal % 2 === 0).map(({ ordinal }, i) => ({ id: i + 1, image_id: ordinal + 1, category_id: 3, bbox: [50 + ordinal, 2, 30, 40], area: 1200, iscrowd: 0, score: 0.9 })));
    await page.context().close();
  });

  test("exported: what is shown, copied and downloaded is the tag", async () => {
    const { page } = await open(`?tag=${ids["first half"]}&task=export`);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: collection.url });
    const names = (await api<string[]>("GET", `${base}/tags/${ids["first half"]}/filenames`)).toSorted();
    expect(names).toHaveLength(12);
    const preview = page.getByLabel("Preview", { exact: true });
    await expect.poll(() => preview.textContent()).toContain(names[0]);
    const download = async () => {
      const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /Download 12 samples/ }).click()]);
      return { name: file.suggestedFilename(), path: await file.path() };
    };
    const text = await download();
    expect(text.name).toBe("first-half.txt");
    expect(readFileSync(text.path, "utf8").trim().split("\n").toSorted()).toEqual(names);

    await page.getByRole("radio", { name: /Label Studio/ }).click();
    await expect.poll(() => preview.textContent()).toContain("lightlyFileName");
    const tasks = await download();
    const list = JSON.parse(readFileSync(tasks.path, "utf8")) as { data: { image: string; lightlyFileName: string } }[];
    expect(list.map(({ data }) => data.lightlyFileName).toSorted()).toEqual(names);
    expect((await fetch(list[0]!.data.image)).headers.get("content-type")).toContain("image/");

    await page.getByRole("radio", { name: /File names \(JSON\)/ }).click();
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByText("File names (JSON): copied.").waitFor();
    expect((JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as string[]).toSorted()).toEqual(names);

    await page.getByRole("radio", { name: /Images \(zip\)/ }).click();
    const archive = await download();
    expect(archive.name).toBe("first half.zip");
    const bytes = readFileSync(archive.path);
    expect(bytes.subarray(0, 2).toString()).toBe("PK");
    for (const name of names) expect(bytes.includes(Buffer.from(name)), name).toBe(true);
    await page.context().close();
  });
});
