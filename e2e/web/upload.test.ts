/** A folder of images becomes a dataset in the browser, and then has a map. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder, writePicture } from "../program.ts";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { startEmpty } from "./collection.ts";

const count = 24;

describeInBrowser("uploading", () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof startEmpty>>;
  let page: Page;
  let watched: Awaited<ReturnType<typeof newPage>>;
  let temporary: ReturnType<typeof temporaryFolder>;
  const folder = () => join(temporary.path, "my photos");

  beforeAll(async () => {
    temporary = temporaryFolder();
    for (let i = 0; i < count; i++) await writePicture(join(folder(), i % 2 ? "b" : "a", `${i}.jpg`), i);
    writeFileSync(join(folder(), "notes.txt"), "not an image");
    writeFileSync(join(folder(), "a", "broken.jpg"), "no image either");
    mkdirSync(join(temporary.path, "dropped"));
    await writePicture(join(temporary.path, "dropped", "one.jpg"), 77);
    [browser, server] = await Promise.all([launch(), startEmpty()]);
    watched = await newPage(browser, server.url);
    page = watched.page;
    await signIn(page, server.url, server.token);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    temporary.remove();
  });

  async function ask<Reply>(path: string): Promise<Reply> {
    const reply = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${server.token}` } });
    if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
    return (await reply.json()) as Reply;
  }
  const datasetNamed = async (name: string) => (await ask<{ id: string; name: string; nSamples: number }[]>("/v1/datasets")).find((dataset) => dataset.name === name);
  const choose = async (path: string) => {
    await page.getByLabel("Folder of images").setInputFiles(path);
  };

  test("stopped in the middle, and gone on with where it was", async () => {
    await page.getByRole("button", { name: "New dataset" }).click();
    await choose(folder());
    await page.getByText(/25 images, .* Left out: 1 \(no image that browsers can read\)/).waitFor();
    expect(await page.getByLabel(/^Name/).inputValue()).toBe("my photos");
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, `new-dataset-${scheme}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
    // Files are let through until the sixth; the rest waits.
    let sent: string[] = [];
    let allowed = 6;
    await page.route("**/v1/files/**", async (route) => {
      if (route.request().method() !== "PUT") return route.continue();
      if (allowed <= 0) return;
      allowed--;
      sent.push(new URL(route.request().url()).pathname);
      await route.continue();
    });
    await page.getByRole("button", { name: "Upload", exact: true }).click();
    const panel = page.getByRole("region", { name: "Uploads" });
    await panel.getByText(/^[1-3] of 25 images/).waitFor();
    await panel.getByRole("button", { name: "Stop" }).click();
    await panel.getByText(/^Stopped at/).waitFor();
    const first = new Set(sent.filter((path) => !path.endsWith(".thumbnail")));
    expect(first.size).toBeGreaterThan(0);

    sent = [];
    allowed = Number.POSITIVE_INFINITY;
    await panel.getByRole("button", { name: /^Close the note/ }).click();
    await page.getByRole("button", { name: "New dataset" }).click();
    await choose(folder());
    await page.getByRole("combobox", { name: /^Or add to a dataset/ }).or(page.getByRole("textbox", { name: /^Or add to a dataset/ })).first().click();
    await page.getByRole("option", { name: "my photos", exact: true }).click();
    await page.getByRole("button", { name: "Upload", exact: true }).click();
    await panel.getByText(/images are here/).waitFor({ timeout: 60_000 });
    await panel.getByText(/1 file is broken and left out: a\/broken.jpg/).waitFor();
    await page.unroute("**/v1/files/**");
    // What had arrived was not sent again.
    const again = sent.filter((path) => !path.endsWith(".thumbnail"));
    expect(again.length).toBeGreaterThan(0);
    expect(again.length).toBeLessThan(count);

    const dataset = (await datasetNamed("my photos"))!;
    const samples = await ask<{ id: string; fileName: string }[]>(`/v1/datasets/${dataset.id}/samples`);
    const expected = Array.from({ length: count }, (_, i) => `${i % 2 ? "b" : "a"}/${i}.jpg`);
    expect(samples.map(({ fileName }) => fileName).toSorted()).toEqual(expected.toSorted());
    for (const { id, fileName } of samples) {
      const address = await ask<string>(`/v1/datasets/${dataset.id}/samples/${id}/readurl?type=full`);
      expect(Buffer.from(await (await fetch(address)).arrayBuffer()).equals(readFileSync(join(folder(), fileName)))).toBe(true);
      const small = await (await fetch(await ask<string>(`/v1/datasets/${dataset.id}/samples/${id}/readurl?type=thumbnail`))).arrayBuffer();
      expect(Buffer.from(small).subarray(8, 12).toString()).toBe("WEBP");
    }
    expect(await ask<{ name: string }[]>(`/v1/datasets/${dataset.id}/tags`)).toMatchObject([{ name: "initial-tag" }]);
  }, 180_000);

  test("dropped on the page", async () => {
    await page.goto(server.url);
    await page.getByRole("heading", { name: "Datasets" }).waitFor();
    const bytes = [...readFileSync(join(temporary.path, "dropped", "one.jpg"))];
    const transfer = await page.evaluateHandle((content) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(content)], "one.jpg", { type: "image/jpeg" }));
      return data;
    }, bytes);
    await page.getByRole("heading", { name: "Datasets" }).dispatchEvent("dragover", { dataTransfer: transfer });
    await page.getByText("Drop a folder of images to make a dataset of it").waitFor();
    await page.getByRole("heading", { name: "Datasets" }).dispatchEvent("drop", { dataTransfer: transfer });
    await page.getByText(/^1 image, /).waitFor();
    await page.getByLabel(/^Name/).fill("dropped one");
    await page.getByRole("button", { name: "Upload", exact: true }).click();
    await page.getByText("1 images are here", { exact: false }).or(page.getByText(/1 image is here/)).first().waitFor();
    expect(await datasetNamed("dropped one")).toMatchObject({ nSamples: 1 });
    await page.getByRole("article").nth(1).waitFor();
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.waitForTimeout(500);
      await screenshot(page, `home-${scheme}`);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    await screenshot(page, "home-390-dark");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: "light" });
  });

  test("made by its name alone, empty, and what to do next is said", async () => {
    await page.goto(server.url);
    await page.getByRole("button", { name: "New dataset" }).first().click();
    await page.getByText("Empty", { exact: true }).click();
    await page.getByLabel(/^Name/).fill("dropped one");
    await page.getByText("There is a dataset of this name.", { exact: false }).waitFor();
    await page.getByLabel(/^Name/).fill("by name");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("No samples yet").waitFor();
    expect(await datasetNamed("by name")).toMatchObject({ nSamples: 0 });
  });

  test("embedded by the server, and put on a map", async () => {
    await page.goto(server.url);
    await page.getByRole("link", { name: "my photos", exact: true }).first().click();
    await page.getByRole("heading", { name: "Not embedded yet" }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, "not-embedded");
    await page.getByRole("button", { name: "Embed the images" }).click();
    await page.getByRole("button", { name: "PCA", exact: true }).click({ timeout: 90_000 });
    await page.locator(`[data-placed="${count}"]`).waitFor({ timeout: 60_000 });
  }, 180_000);

  test("deleted after a question", async () => {
    await page.goto(server.url);
    await page.getByRole("button", { name: "More about dropped one" }).click();
    await page.getByRole("menuitem", { name: /^Delete/ }).click();
    await page.getByRole("button", { name: "Delete the dataset" }).click();
    await page.getByRole("article", { name: "dropped one" }).or(page.getByRole("button", { name: "More about dropped one" })).first().waitFor({ state: "detached" });
    expect(await datasetNamed("dropped one")).toBeUndefined();
  });

  test("nothing was asked of anybody else, and no script failed", () => {
    expect({ strangers: watched.strangers, errors: watched.errors }).toEqual({ strangers: [], errors: [] });
  });
});
