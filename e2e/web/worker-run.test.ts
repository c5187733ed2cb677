/** A run from the form to its report, done by a real worker beside the server. */
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder, writePicture } from "../program.ts";
import { type Api, apiOf } from "./api.ts";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { startEmpty } from "./collection.ts";

describeInBrowser("a run by a worker", () => {
  const temporary = temporaryFolder();
  let browser: Browser;
  let server: Awaited<ReturnType<typeof startEmpty>>;
  let api: Api;
  beforeAll(async () => {
    for (let i = 0; i < 8; i++) await writePicture(join(temporary.path, `${i}.jpg`), i);
    [browser, server] = await Promise.all([launch(), startEmpty(["--worker", "--allow-folder", temporary.path])]);
    api = apiOf(server.url, server.token);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    temporary.remove();
  });

  test("of a dataset made by connecting a datasource: scheduled in the form, watched to its end, and its picks are there to look at", async () => {
    const { page, strangers } = await newPage(browser, server.url);
    page.setDefaultTimeout(180_000);
    await signIn(page, server.url, server.token);
    await page.getByRole("button", { name: "New dataset" }).first().click();
    await page.getByText("From a datasource", { exact: true }).click();
    await page.getByLabel(/^Name/).fill("of a folder");
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.waitForURL(/\/datasets\/[0-9a-f]+\/datasource$/);
    const datasetId = /\/datasets\/([0-9a-f]+)\//.exec(page.url())![1]!;
    await page.getByRole("combobox", { name: "Folder" }).fill(temporary.path);
    await page.getByRole("button", { name: "Connect and check" }).click();
    await page.getByRole("list", { name: "What works" }).getByText("Files can be read").waitFor();
    await page.getByText("7.jpg").waitFor();

    await page.goto(`${server.url}/datasets/${datasetId}/runs?new`);
    await page.getByRole("textbox", { name: "Worker" }).fill("method: 'coreset', stopping_condition: { n_samples: 3 }");
    await page.getByRole("button", { name: "Schedule the run" }).click();
    // Nobody reloads: each state is heard of.
    await page.getByText("Completed", { exact: true }).first().waitFor();
    const names = await api<string[]>("GET", `/v1/datasets/${datasetId}/tags/${(await api<{ id: string; name: string }[]>("GET", `/v1/datasets/${datasetId}/tags`)).find(({ name }) => name === "initial-tag")!.id}/filenames`);
    expect(names).toHaveLength(3);
    await page.getByRole("tab", { name: "Report" }).click();
    // The report is a page: it is shown here, and opens by itself.
    const shown = page.frameLocator("iframe[title=Report]").getByRole("heading", { level: 1 });
    const title = (await shown.textContent())!;
    expect(title).not.toBe("");
    await page.frameLocator("iframe[title=Report]").getByText(/\b3\b/).first().waitFor();
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      expect(await accessibilityProblems(page), scheme).toEqual([]);
      await screenshot(page, `worker-run-${scheme}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
    const [opened] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("link", { name: "Open the report", exact: true }).click()]);
    expect(await opened.getByRole("heading", { level: 1 }).textContent()).toBe(title);
    await opened.close();

    await page.goto(`${server.url}/datasets/${datasetId}`);
    for (const name of names) await page.getByRole("option", { name, exact: true }).waitFor();
    expect(strangers).toEqual([]);
    await page.context().close();
  }, 300_000);
});
