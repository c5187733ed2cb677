/** The configurator of metadata; and what a screen shows while the server can't be reached. */
import type { ConfigurationData } from "@winnow/contract";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, apiOf } from "./api.ts";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { startEmpty } from "./collection.ts";

describeInBrowser("metadata", () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof startEmpty>>;
  let api: Api;
  let datasetId: string;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startEmpty()]);
    api = apiOf(server.url, server.token);
    datasetId = (await api<{ id: string }>("POST", "/v1/datasets", { name: "with metadata" })).id;
    for (let i = 0; i < 4; i++) await api("POST", `/v1/datasets/${datasetId}/samples`, { fileName: `${i}.jpg`, customMetaData: { weather: i % 2 === 0 ? "rain" : "sun", camera: { height: 1.5 + i } } });
    await api("POST", `/v1/datasets/${datasetId}/tags/initial`, { imgType: "full", creator: "USER_PIP" });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test("what the samples carry is offered, changed and saved", async () => {
    const { page, errors } = await newPage(browser, server.url);
    await signIn(page, server.url, server.token);
    await page.goto(`${server.url}/datasets/${datasetId}/metadata`);
    await page.getByText(/category \(text\): rain, sun/).waitFor();
    await page.getByRole("button", { name: "Add weather" }).click();
    await page.getByRole("button", { name: "Add camera.height" }).click();
    await page.getByRole("textbox", { name: "Name of entry 2" }).fill("weather");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Two entries have this name.").first().waitFor();
    await page.getByRole("textbox", { name: "Name of entry 2" }).fill("height");
    await page.getByRole("textbox", { name: "Default of entry 2" }).fill("high");
    await page.getByText("A number.").waitFor();
    await page.getByRole("textbox", { name: "Default of entry 2" }).fill("1.6");
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, "metadata-edited");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The metadata configuration is saved.").waitFor();
    const stored = await api<ConfigurationData[]>("GET", `/v1/datasets/${datasetId}/configuration/metadata`);
    expect(stored.map(({ configs }) => configs)).toEqual([
      [
        { name: "weather", path: "weather", defaultValue: "unknown", valueDataType: "CATEGORICAL_STRING" },
        { name: "height", path: "camera.height", defaultValue: 1.6, valueDataType: "NUMERIC_FLOAT" },
      ],
    ]);
    await page.getByRole("button", { name: "Remove entry 1" }).click();
    await page.getByRole("button", { name: "Undo the changes" }).click();
    expect(await page.getByRole("textbox", { name: /Name of entry/ }).count()).toBe(2);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  test("without the server a screen says so, and comes back by itself or by a button", async () => {
    const { page } = await newPage(browser, server.url);
    await signIn(page, server.url, server.token);
    await page.goto(`${server.url}/datasets/${datasetId}/people`);
    await page.getByText("Nobody else sees the dataset.").waitFor();
    await page.route(/\/tags(\?|$)/, (route) => (route.request().resourceType() === "fetch" ? route.fulfill({ status: 403, contentType: "application/json", body: JSON.stringify({ code: "FORBIDDEN", message: "The server says no." }) }) : route.continue()));
    await page.getByRole("link", { name: "Tags" }).click();
    await page.getByRole("alert").getByText("The server says no.").waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.unroute(/\/tags(\?|$)/);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("tree", { name: "Tags" }).waitFor();
    await page.context().setOffline(true);
    await page.getByText(/You are offline\.|The server doesn't answer\./).waitFor();
    await page.context().setOffline(false);
    await page.getByText(/You are offline\.|The server doesn't answer\./).waitFor({ state: "detached" });
    await page.context().close();
  });
});
