/** Every screen: in both themes, while it loads, when it is refused something, without the server, with nothing in it; and frames of a video. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder, writePicture } from "../program.ts";
import { type Api, apiOf } from "./api.ts";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { type Collection, startGenerated } from "./collection.ts";

interface Screen {
  readonly name: string;
  readonly path: string;
  /** What is there once it has loaded, of a collection and of an empty dataset. */
  readonly ready: (page: Page) => Promise<void>;
  readonly empty?: RegExp;
  /** Requests that it can't do without; all but those of the frame around it unless given. */
  readonly needs?: RegExp;
}

describeInBrowser("every screen", () => {
  let browser: Browser;
  let made: Collection;
  let api: Api;
  let emptyId: string;
  beforeAll(async () => {
    [browser, made] = await Promise.all([launch(), startGenerated(12)]);
    api = apiOf(made.url, made.token);
    emptyId = (await api<{ id: string }>("POST", "/v1/datasets", { name: "empty" })).id;
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await made?.stop();
  });

  const text = (pattern: RegExp | string) => (page: Page) => page.getByText(pattern).first().waitFor();
  const ofDataset: readonly Screen[] = [
    { name: "explore", path: "", ready: (page) => page.getByRole("listbox", { name: "12 samples" }).waitFor(), empty: /^No samples yet$/ },
    { name: "sample", path: "?sample=0", ready: (page) => page.getByRole("dialog").getByText("Most alike").waitFor(), needs: /\/columns\/cards$/ },
    { name: "tags", path: "/tags", ready: (page) => page.getByRole("tree", { name: "Tags" }).waitFor(), empty: /^No tags yet$/ },
    { name: "select", path: "/select", ready: (page) => page.getByRole("button", { name: /Make it a tag of/ }).waitFor(), empty: /^There is nothing to select from yet$/ },
    { name: "datasource", path: "/datasource", ready: text("Where the files are"), empty: /^Where the files are$/ },
    { name: "runs", path: "/runs", ready: text("Connect a datasource first"), empty: /^Connect a datasource first$/ },
    { name: "schedule", path: "/runs?new", ready: (page) => page.getByRole("button", { name: "Schedule the run" }).waitFor() },
    { name: "metadata", path: "/metadata", ready: text("Found in the samples"), empty: /carry no metadata of their own yet/ },
    { name: "people", path: "/people", ready: text("Nobody else sees the dataset."), empty: /^Nobody else sees the dataset\.$/ },
  ];
  const ofAll: readonly Screen[] = [
    { name: "home", path: "/", ready: (page) => page.getByRole("link", { name: "collection", exact: true }).first().waitFor() },
    { name: "workers", path: "/workers", ready: text("To start one") },
    { name: "jobs", path: "/jobs", ready: (page) => page.getByRole("table", { name: "Jobs" }).waitFor(), needs: /\/v1\/jobs$/ },
    { name: "teams", path: "/teams", ready: text("You are in no team yet") },
    { name: "webhooks", path: "/webhooks", ready: text("No webhooks yet") },
    { name: "activity", path: "/activity", ready: (page) => page.getByRole("table", { name: "Activity" }).waitFor() },
    { name: "preferences", path: "/preferences", ready: (page) => page.getByRole("table", { name: "Tokens" }).getByRole("row").nth(1).waitFor() },
  ];
  const all = [...ofDataset.map((screen) => ({ ...screen, isOfDataset: true })), ...ofAll.map((screen) => ({ ...screen, isOfDataset: false }))];
  const addressOf = ({ path, isOfDataset }: { path: string; isOfDataset: boolean }, datasetId = made.datasetId) => `${made.url}${isOfDataset ? `/datasets/${datasetId}` : ""}${path}`;

  /** Whether a request belongs to the frame around every screen. */
  function isOfFrame(address: string): boolean {
    const { pathname } = new URL(address);
    return /^\/v1\/(users\/me|events|session|jobs|datasets\/[0-9a-f]+)$/.test(pathname);
  }

  test.each(["light", "dark"] as const)("stands in the %s theme without anything that axe finds wrong, and fits", async (scheme) => {
    const { page, strangers, errors } = await newPage(browser, made.url, { scheme });
    await signIn(page, made.url, made.token);
    for (const screen of all) {
      await page.goto(addressOf(screen));
      await screen.ready(page);
      expect(await accessibilityProblems(page), screen.name).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${screen.name}: fits`).toBe(true);
    }
    expect({ strangers, errors }).toEqual({ strangers: [], errors: [] });
    await page.context().close();
  }, 240_000);

  describe.each(all.map((screen) => [screen.name, screen] as const))("%s", (_name, screen) => {
    test("says that it loads, what is wrong in the server's words, and comes back by a button", async () => {
      const { page } = await newPage(browser, made.url, { scheme: "dark" });
      await signIn(page, made.url, made.token);
      const held: Route[] = [];
      let isHeld = true;
      const refuse = (route: Route) => route.fulfill({ status: 403, contentType: "application/json", body: JSON.stringify({ code: "FORBIDDEN", message: "The lock is stuck." }) });
      await page.route(/\/v1\//, async (route) => {
        const address = route.request().url();
        if (screen.needs ? !screen.needs.test(address) : isOfFrame(address)) return route.continue();
        if (!isHeld) return refuse(route);
        held.push(route);
        return undefined;
      });
      await page.goto(addressOf(screen));
      await expect.poll(() => held.length, { timeout: 30_000 }).toBeGreaterThan(0);
      await page.locator('[role="status"], [aria-busy="true"], .mantine-Skeleton-root').first().waitFor({ state: "attached" });
      expect(await accessibilityProblems(page), "while it loads").toEqual([]);
      isHeld = false;
      await Promise.all(held.map(refuse));
      await page.getByText("The lock is stuck.").first().waitFor();
      expect(await accessibilityProblems(page), "refused").toEqual([]);
      await screenshot(page, `refused-${screen.name}`);
      await page.unroute(/\/v1\//);
      await page.getByRole("button", { name: "Try again" }).first().click();
      await screen.ready(page);
      await page.context().close();
    }, 120_000);

    const { empty } = screen;
    if (empty === undefined) return;
    test("says what is missing, and what to do, in an empty dataset", async () => {
      const { page, errors } = await newPage(browser, made.url);
      await signIn(page, made.url, made.token);
      await page.goto(addressOf({ path: screen.path, isOfDataset: true }, emptyId));
      await page.getByText(empty).first().waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(errors).toEqual([]);
      await page.context().close();
    });
  });

  test("says that the server is away, keeps what it shows, and goes on by itself", async () => {
    const { page } = await newPage(browser, made.url);
    await signIn(page, made.url, made.token);
    for (const screen of all) {
      // A sample covers the window, and the notice of the screen below.
      const away = (screen.name === "sample" ? page.getByRole("dialog") : page).getByText(/^(You are offline|The server doesn't answer)\./);
      await page.goto(addressOf(screen));
      await screen.ready(page);
      await page.context().setOffline(true);
      await away.waitFor();
      await screen.ready(page);
      if (screen.name === "sample") await screenshot(page, "away-sample");
      await page.context().setOffline(false);
      await away.waitFor({ state: "detached" });
      if (screen.name === "sample") await page.getByRole("dialog").getByRole("img", { name: "even/000.jpg" }).waitFor();
    }
    await page.context().close();
  }, 240_000);

  test("a frame of a video tells which, and leads to those around it", async () => {
    const temporary = temporaryFolder();
    const { id } = await api<{ id: string }>("POST", "/v1/datasets", { name: "frames" });
    const base = `/v1/datasets/${id}`;
    // Two videos, one after the other.
    const names = [...[0, 1, 2].map((i) => ["drive", i] as const), ...[0, 1].map((i) => ["walk", i] as const)];
    const { ids } = await api<{ ids: string[] }>("POST", `${base}/samples/bulk`, {
      samples: names.map(([video, i]) => ({ fileName: `${video}-${i}-mp4.png`, metaData: { shape: [120, 160, 3] }, videoFrameData: { sourceVideo: `${video}.mp4`, sourceVideoFrameIndex: i, sourceVideoFrameTimestamp: i / 4 } })),
    });
    for (const [i, sampleId] of ids.entries()) {
      const file = join(temporary.path, `${i}.jpg`);
      await writePicture(file, i);
      const { full } = await api<{ full: string }>("GET", `${base}/samples/${sampleId}/writeurls`);
      expect((await fetch(full, { method: "PUT", body: readFileSync(file) })).ok).toBe(true);
    }
    temporary.remove();
    await api("POST", `${base}/tags/initial`, { imgType: "full", creator: "USER_PIP" });
    const { page, errors } = await newPage(browser, made.url);
    await signIn(page, made.url, made.token);
    await page.goto(`${made.url}/datasets/${id}?sample=1`);
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Frame 1 of drive.mp4, at 0.25 s").waitFor();
    const frames = dialog.getByRole("button", { name: /-mp4\.png$/ });
    await expect.poll(() => frames.evaluateAll((buttons) => buttons.map((button) => [button.getAttribute("aria-label"), button.getAttribute("aria-current")]))).toEqual([
      ["drive-0-mp4.png", "false"],
      ["drive-1-mp4.png", "true"],
      ["drive-2-mp4.png", "false"],
    ]);
    await expect.poll(() => frames.first().locator("img").evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0)).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, "sample-frame");
    await frames.nth(2).click();
    await dialog.getByText("Frame 2 of drive.mp4, at 0.5 s").waitFor();
    await page.waitForURL(/sample=2(&|$)/);
    await page.keyboard.press("ArrowRight");
    await dialog.getByText("Frame 0 of walk.mp4, at 0 s").waitFor();
    await expect.poll(() => frames.evaluateAll((buttons) => buttons.map((button) => button.getAttribute("aria-label")))).toEqual(["walk-0-mp4.png", "walk-1-mp4.png"]);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
