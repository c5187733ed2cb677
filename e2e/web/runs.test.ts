/** From a folder to a run: the datasource is connected, a run scheduled, and its states followed as a worker tells them. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DatasourceConfig, DockerRunData, DockerRunScheduledData, WrittenRunConfiguration } from "@winnow/contract";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder, writePicture } from "../program.ts";
import { type Api, apiOf } from "./api.ts";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { startEmpty } from "./collection.ts";

describeInBrowser("datasources and runs", () => {
  const temporary = temporaryFolder();
  const folder = join(temporary.path, "images");
  let browser: Browser;
  let server: Awaited<ReturnType<typeof startEmpty>>;
  let api: Api;
  let datasetId: string;
  beforeAll(async () => {
    mkdirSync(folder);
    for (let i = 0; i < 15; i++) await writePicture(join(folder, `${String(i).padStart(2, "0")}.jpg`), i);
    [browser, server] = await Promise.all([launch(), startEmpty(["--allow-folder", temporary.path])]);
    api = apiOf(server.url, server.token);
    datasetId = (await api<{ id: string }>("POST", "/v1/datasets", { name: "of a folder" })).id;
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    temporary.remove();
  });
  const address = (screen: string) => `${server.url}/datasets/${datasetId}/${screen}`;
  async function open(screen: string, view: Parameters<typeof newPage>[2] = {}): Promise<{ page: Page; strangers: readonly string[]; errors: readonly string[] }> {
    const watched = await newPage(browser, server.url, view);
    await signIn(watched.page, server.url, server.token);
    await watched.page.goto(screen.startsWith("/") ? `${server.url}${screen}` : address(screen));
    return watched;
  }

  test("a folder is connected; what works and what is in it is shown", async () => {
    const { page, strangers, errors } = await open("runs");
    await page.getByText("Connect a datasource first").waitFor();
    await page.getByRole("link", { name: "To the datasource" }).click();
    await page.getByRole("button", { name: "Connect and check" }).click();
    await page.getByText("The whole path of a folder on the server").waitFor();
    const path = page.getByRole("combobox", { name: "Folder" });
    await path.fill(join(temporary.path, "missing"));
    await page.getByRole("button", { name: "Connect and check" }).click();
    await page.getByRole("alert").getByText(/missing/).waitFor();
    await path.fill(folder);
    await page.getByRole("button", { name: "Connect and check" }).click();
    const works = page.getByRole("list", { name: "What works" });
    for (const what of ["listed", "read", "written", "overwritten"]) await works.getByText(`Files can be ${what}`).waitFor();
    await page.getByText("00.jpg").waitFor();
    await page.getByText("… and 3 more.").waitFor();
    await page.getByText("Nothing has been processed yet").waitFor();
    expect(await api<DatasourceConfig>("GET", `/v1/datasets/${datasetId}/datasource`)).toMatchObject({ type: "LOCAL", fullPath: folder, purpose: "INPUT_OUTPUT" });
    await page.getByRole("button", { name: "Skip what is there" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Do it" }).click();
    await page.getByText(/only at files that are newer/).waitFor();
    await page.getByRole("button", { name: "Begin again" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Do it" }).click();
    await page.getByText("Nothing has been processed yet").waitFor();
    expect({ strangers, errors: errors.filter((text) => !text.includes("400")) }).toEqual({ strangers: [], errors: [] });
    await page.context().close();
  });

  test("secrets of a cloud are never shown again", async () => {
    const { id } = await api<{ id: string }>("POST", "/v1/datasets", { name: "of a bucket" });
    const { page } = await open(`/datasets/${id}/datasource`);
    await page.getByRole("radio", { name: /Amazon S3 A bucket, by an access key/ }).click();
    await page.getByRole("textbox", { name: "Bucket and path" }).fill("s3://bucket/images");
    await page.getByRole("combobox", { name: "Region" }).click();
    await page.getByRole("option", { name: "eu-central-1" }).click();
    await page.getByRole("textbox", { name: "Access key id" }).fill("AKIAEXAMPLE");
    await page.getByLabel("Secret access key").fill("the-secret-itself");
    await page.getByRole("button", { name: "Connect and check" }).click();
    await page.getByRole("button", { name: "Change" }).click();
    await page.getByText("One is stored; leave this empty to keep it.").waitFor();
    expect(await page.content()).not.toContain("the-secret-itself");
    expect(await page.getByLabel("Secret access key").inputValue()).toBe("");
    await page.context().close();
  });

  test("a run is scheduled, checked while it is written, and followed to its end", async () => {
    const { page, strangers, errors } = await open("runs?new");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
    const worker = page.getByRole("textbox", { name: "Worker" });
    const schedule = page.getByRole("button", { name: "Schedule the run" });
    await worker.fill("method: 'corset',\nstopping_condition: {\n  n_sample: 0.2,\n}");
    await page.getByRole("button", { name: /Line 1: method:.*coreset/ }).waitFor();
    await page.getByRole("button", { name: /Line 3: .*n_samples/ }).waitFor();
    expect(await schedule.isDisabled()).toBe(true);
    await worker.fill("{'method': 'coreset', 'remove_exact_duplicates': True,");
    await page.getByText("The text beside can't be read yet.").waitFor();
    await worker.fill("method: 'random', stopping_condition: { n_samples: 1.0 }");
    // The field beside changes the text, the text the field.
    await page.getByRole("combobox", { name: "Method" }).click();
    await page.getByRole("option", { name: "coreset" }).click();
    await expect.poll(() => worker.inputValue()).toContain("method: 'coreset'");
    expect(await worker.inputValue()).toContain("n_samples: 1.0");
    await page.getByText("High", { exact: true }).click();
    await schedule.click();
    await page.getByText("Waiting", { exact: true }).waitFor();
    await page.getByText("No worker is running. Start one (see Workers).").waitFor();
    const [scheduled] = await api<DockerRunScheduledData[]>("GET", `/v1/datasets/${datasetId}/docker/worker/schedule`);
    expect(scheduled).toMatchObject({ state: "OPEN", priority: "HIGH" });
    expect(await api<WrittenRunConfiguration>("GET", `/v1/docker/worker/config/${scheduled!.configId}/written`)).toMatchObject({ config: { docker: { method: "coreset" } }, decimals: expect.arrayContaining(["docker.stopping_condition.n_samples"]) });

    // What a worker does, step by step; the page hears of each.
    const { id: workerId } = await api<{ id: string }>("POST", "/v1/docker/worker", { name: "test worker", workerType: "FULL", labels: ["gpu"] });
    const { sessionId } = await api<{ sessionId: string }>("POST", `/v1/docker/worker/${workerId}/sessions`, { version: "1.0", host: "machine" });
    await api("PUT", `/v1/docker/worker/${workerId}?sessionId=${sessionId}`, { state: "BUSY" });
    await api("PUT", `/v1/datasets/${datasetId}/docker/worker/${workerId}/schedule/${scheduled!.id}?sessionId=${sessionId}`, { state: "LOCKED" });
    await page.getByText("Taken", { exact: true }).waitFor();
    const { id: runId } = await api<{ id: string }>("POST", `/v1/docker/runs?sessionId=${sessionId}`, { dockerVersion: "1.0", datasetId, scheduledId: scheduled!.id, message: "Begins." });
    const tell = (state: string, message: string) => api("PUT", `/v1/docker/runs/${runId}?sessionId=${sessionId}`, { state, message });
    await tell("EMBEDDING", "15 images are embedded.");
    await api("PUT", `/v1/docker/runs/${runId}/progress?sessionId=${sessionId}`, { stage: "embedding", done: 5, total: 15, rates: { images: 12.5 } });
    await page.getByText("Embedding", { exact: true }).first().waitFor();
    await page.getByText("embedding: 5 of 15 · 12.5 images/s").waitFor();
    await screenshot(page, "run-going");
    const { artifactId, signedWriteUrl } = await api<{ artifactId: string; signedWriteUrl: string }>("POST", `/v1/docker/runs/${runId}/artifacts`, { fileName: "report.html", type: "REPORT_PDF" });
    await fetch(signedWriteUrl, { method: "PUT", body: "<!doctype html><title>Report</title><h1>What was selected</h1><script>document.title = 'ran'</script>" });
    await api("PUT", `/v1/docker/runs/${runId}/artifacts/${artifactId}/confirmUpload`, {});
    await tell("COMPLETED", "Selected 15 of 15 images.");
    await page.getByText("Completed", { exact: true }).first().waitFor();
    await page.getByText("Selected 15 of 15 images.").first().waitFor();
    await page.getByRole("tab", { name: "Report" }).click();
    await page.frameLocator("iframe[title=Report]").getByRole("heading", { name: "What was selected" }).waitFor();
    await page.getByRole("tab", { name: "Files" }).click();
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download report.html" }).click()]);
    expect(file.suggestedFilename()).toContain("report");
    await page.getByRole("tab", { name: "Configuration" }).click();
    await page.getByText("n_samples: 1.0").waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    // The report's own script must not run.
    expect(errors.filter((text) => !text.startsWith("Blocked script execution in 'about:srcdoc'"))).toEqual([]);
    expect(errors).not.toEqual([]);
    expect(strangers).toEqual([]);
    await page.context().close();
  });

  test("what waits is cancelled, what runs is aborted, and both can be scheduled again", async () => {
    const configuration = (await api<{ id: string }>("POST", "/v1/docker/worker/config", { config: { workerType: "FULL", docker: { method: "random", stopping_condition: { n_samples: 3 } }, lightly: {} } })).id;
    const scheduleOne = async () => (await api<{ id: string }>("POST", `/v1/datasets/${datasetId}/docker/worker/schedule`, { configId: configuration, priority: "MID" })).id;
    const waiting = await scheduleOne();
    const { page } = await open(`runs?run=${waiting}`);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Canceled", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Schedule again" }).click();
    await expect.poll(() => page.getByRole("textbox", { name: "Worker" }).inputValue()).toContain("n_samples: 3");
    await page.getByRole("button", { name: "Schedule the run" }).click();
    await page.getByText("Waiting", { exact: true }).waitFor();
    const { id: runId } = await api<{ id: string }>("POST", "/v1/docker/runs", { dockerVersion: "1.0", datasetId, scheduledId: new URL(page.url()).searchParams.get("run")! });
    await page.getByRole("button", { name: "Abort" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Abort the run" }).click();
    await page.getByText("Aborted", { exact: true }).first().waitFor();
    expect((await api<DockerRunData>("GET", `/v1/docker/runs/${runId}`)).state).toBe("ABORTED");
    await page.context().close();
  });

  test("workers: seen, and removed", async () => {
    const { page } = await open("/workers");
    const row = page.getByRole("row", { name: /test worker/ });
    await row.getByText("gpu").waitFor();
    await row.getByText("machine · 1.0").waitFor();
    await page.getByText(/winnow worker --server/).waitFor();
    await page.getByRole("button", { name: "Remove test worker" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove the worker" }).click();
    await page.getByText("No workers yet").waitFor();
    await page.context().close();
  });

  test.each([
    ["light", 1280, 900],
    ["dark", 390, 844],
    ["dark", 2560, 1440],
  ] as const)("nothing is out of reach (%s, %d pixels)", async (scheme, width, height) => {
    const { page, strangers, errors } = await open("datasource", { scheme, width, height });
    for (const [screen, ready] of [["datasource", "00.jpg"], ["runs", "Schedule a run"], ["runs?new", "Schedule the run"], ["metadata", "Found in the samples"], ["/workers", "To start one"]] as const) {
      await page.goto(screen.startsWith("/") ? `${server.url}${screen}` : address(screen));
      await page.getByText(ready).first().waitFor();
      expect(await accessibilityProblems(page), screen).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${screen}: fits`).toBe(true);
      await screenshot(page, `${screen.replaceAll(/\W/g, "-")}-${scheme}-${width}`);
    }
    expect({ strangers, errors }).toEqual({ strangers: [], errors: [] });
    await page.context().close();
  });
});
