/** Work that takes long: it is seen while it goes on, and stopped where it is asked for and in the list of all jobs. */
import type { JobsData } from "@winnow/contract";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, apiOf } from "./api.ts";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { startEmpty } from "./collection.ts";

/** So many that picking all of them takes minutes on any machine. */
const samples = 60_000;
const dimensions = 64;

describeInBrowser("cancelling", () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof startEmpty>>;
  let api: Api;
  let datasetId: string;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startEmpty()]);
    api = apiOf(server.url, server.token);
    datasetId = (await api<{ id: string }>("POST", "/v1/datasets", { name: "large" })).id;
    const names = Array.from({ length: samples }, (_, i) => `${i}.jpg`);
    for (let from = 0; from < samples; from += 10_000) await api("POST", `/v1/datasets/${datasetId}/samples/bulk`, { samples: names.slice(from, from + 10_000).map((fileName) => ({ fileName })) });
    await api("POST", `/v1/datasets/${datasetId}/tags/initial`, { imgType: "full", creator: "USER_PIP" });
    // Directions without any order: nothing can be ruled out early.
    let state = 1;
    const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 22;
    const rows = names.map((name) => `${name},${Array.from({ length: dimensions }, random).join(",")},0\n`);
    const { signedWriteUrl } = await api<{ signedWriteUrl: string }>("GET", `/v1/datasets/${datasetId}/embeddings/writeCSVUrl?name=noise`);
    const sent = await fetch(signedWriteUrl, { method: "PUT", body: `filenames,${Array.from({ length: dimensions }, (_, i) => `embedding_${i}`).join(",")},labels\n${rows.join("")}` });
    expect(sent.ok, await sent.text()).toBe(true);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const underWay = async () => (await api<JobsData[]>("GET", "/v1/jobs")).filter(({ status }) => status === "WAITING" || status === "RUNNING");
  /** Asks for picks of everything, and waits until they are being made. */
  const begin = async (page: Page) => {
    await page.getByRole("button", { name: /^(Look at the picks|Pick again)$/ }).click();
    await expect.poll(async () => (await underWay()).map(({ status }) => status), { timeout: 60_000 }).toEqual(["RUNNING"]);
  };

  test("a selection is stopped in its form, and another in the list of jobs", async () => {
    const { page, strangers, errors } = await newPage(browser, server.url);
    page.setDefaultTimeout(60_000);
    await signIn(page, server.url, server.token);
    await page.goto(`${server.url}/datasets/${datasetId}/select`);
    await page.getByRole("textbox", { name: "Pick up to" }).fill(String(samples));
    await page.getByText("so the picks wait for the button", { exact: false }).waitFor();
    await begin(page);
    await page.getByRole("progressbar", { name: "Selecting" }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, "select-busy");
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await page.getByRole("button", { name: /^(Look at the picks|Pick again)$/ }).waitFor();
    expect(await underWay()).toEqual([]);

    await begin(page);
    await page.goto(`${server.url}/jobs`);
    await page.getByText("Cancelled", { exact: true }).waitFor();
    await page.getByRole("progressbar", { name: /^Selection: / }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, "jobs-busy");
    await page.getByRole("button", { name: "Cancel: Selection" }).click();
    await expect.poll(() => page.getByText("Cancelled", { exact: true }).count(), { timeout: 60_000 }).toBe(2);
    expect(await underWay()).toEqual([]);
    // The short list in the frame of every page says the same.
    await page.getByRole("button", { name: "Jobs", exact: true }).click();
    await expect.poll(() => page.getByText("cancelled", { exact: true }).count(), { timeout: 60_000 }).toBe(2);
    expect({ strangers, errors }).toEqual({ strangers: [], errors: [] });
    await page.context().close();
  }, 240_000);
});
