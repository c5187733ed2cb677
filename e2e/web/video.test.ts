/** A video file among the samples: played in its sample's page, and gone through frame by frame. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MissingDecoderError, drawVideo } from "@winnow/media";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../program.ts";
import { apiOf } from "./api.ts";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { startEmpty } from "./collection.ts";

const frames = 30;
const [width, height] = [320, 240];

describeInBrowser("videos", () => {
  const temporary = temporaryFolder();
  const file = join(temporary.path, "drive.webm");
  let browser: Browser;
  let server: Awaited<ReturnType<typeof startEmpty>>;
  let isDrawn = false;
  beforeAll(async () => {
    try {
      // Every Chromium plays VP8, whoever built it; each frame shows its number.
      await drawVideo(file, { frames, width, height, framesPerSecond: 10, encoding: ["-c:v", "libvpx", "-b:v", "2M", "-deadline", "realtime", "-cpu-used", "8"] });
      isDrawn = true;
    } catch (error) {
      const text = String(error);
      if (!(error instanceof MissingDecoderError) && !text.includes("libvpx")) throw error;
      console.warn(`skipped: videos in the browser. ${text}`);
    }
    [browser, server] = await Promise.all([launch(), startEmpty()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    temporary.remove();
  });

  /** The number that the frame shows which is seen. */
  const seen = (page: Page) =>
    page.locator("video").evaluate((video: HTMLVideoElement) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
      const context = canvas.getContext("2d")!;
      context.drawImage(video, 0, 0);
      const { data } = context.getImageData(0, Math.floor(canvas.height * 0.85), canvas.width, 1);
      return Array.from({ length: 16 }, (_, bit) => (data[Math.floor(((bit + 0.5) * canvas.width) / 16) * 4]! > 128 ? 2 ** bit : 0)).reduce((sum, one) => sum + one, 0);
    });

  test("one is played, and gone through frame by frame, by buttons and by keys", async ({ skip }) => {
    skip(!isDrawn, "there is no ffmpeg that writes VP8");
    const api = apiOf(server.url, server.token);
    const { id } = await api<{ id: string }>("POST", "/v1/datasets", { name: "videos" });
    const { ids } = await api<{ ids: string[] }>("POST", `/v1/datasets/${id}/samples/bulk`, { samples: [{ fileName: "drive.webm" }, { fileName: "broken.webm" }] });
    for (const [i, body] of [readFileSync(file), Buffer.from("no video")].entries()) {
      const { full } = await api<{ full: string }>("GET", `/v1/datasets/${id}/samples/${ids[i]}/writeurls`);
      expect((await fetch(full, { method: "PUT", body: new Uint8Array(body) })).ok).toBe(true);
    }
    await api("POST", `/v1/datasets/${id}/tags/initial`, { imgType: "full", creator: "USER_PIP" });
    const { page, strangers, errors } = await newPage(browser, server.url);
    await signIn(page, server.url, server.token);
    await page.goto(`${server.url}/datasets/${id}?sample=0`);
    const dialog = page.getByRole("dialog");
    await dialog.getByText("0.00 of 3.00 s").waitFor();
    const next = dialog.getByRole("button", { name: "Next frame" });
    for (let i = 1; i <= 3; i++) {
      await next.click();
      await dialog.getByText(`0.${i}0 of 3.00 s`).waitFor();
      expect(await seen(page)).toBe(i);
    }
    await dialog.getByRole("button", { name: "Previous frame" }).click();
    await dialog.getByText("0.20 of 3.00 s").waitFor();
    expect(await seen(page)).toBe(2);
    await page.keyboard.press(".");
    await dialog.getByText("0.30 of 3.00 s").waitFor();
    await page.keyboard.press(",");
    await dialog.getByText("0.20 of 3.00 s").waitFor();
    expect(await seen(page)).toBe(2);
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      expect(await accessibilityProblems(page), scheme).toEqual([]);
      await screenshot(page, `video-${scheme}`);
    }
    // It plays to its end.
    await page.locator("video").evaluate((video: HTMLVideoElement) => void video.play());
    await expect.poll(() => page.locator("video").evaluate((video: HTMLVideoElement) => video.ended), { timeout: 60_000 }).toBe(true);
    expect(await seen(page)).toBe(frames - 1);

    await dialog.getByRole("button", { name: "Next sample" }).click();
    await dialog.getByText("This browser can't play it", { exact: false }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect({ strangers, errors }).toEqual({ strangers: [], errors: [] });
    await page.context().close();
  }, 180_000);
});
