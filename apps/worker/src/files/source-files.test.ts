import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiWorkflowClient } from "@winnow/client";
import { drawVideo } from "@winnow/media";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RunContext } from "../run/context.ts";
import { Videos } from "../stages/video-frames.ts";
import { SourceFiles, type SourceFilesOptions } from "./source-files.ts";

let folder: string;
/** How often each file was asked for. */
let reads: string[] = [];
const inDays = (days: number) => `expiry-date="${new Date(Date.now() + days * 86_400_000).toUTCString()}", rule-id="old"`;
const server = createServer((request, response) => {
  const path = decodeURIComponent(request.url!.slice(1));
  reads.push(path);
  const days = /(\d+)days/.exec(path)?.[1];
  if (days !== undefined) response.setHeader("x-amz-expiration", inDays(Number(days)));
  if (!path.endsWith(".mp4")) return void response.end(`content of ${path}`);
  void readFile(join(folder, "video.mp4")).then((bytes) => response.end(bytes));
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-source-files-"));
  await drawVideo(join(folder, "video.mp4"), { frames: 6, width: 64, height: 48 });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  reads = [];
});

/** Gives out addresses of the server above, as a platform does of a datasource. */
const client = {
  call: async (_: unknown, { body: { paths } }: { body: { paths: string[] } }) => ({ urls: paths.map((path) => ({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${encodeURIComponent(path)}` })) }),
} as unknown as ApiWorkflowClient;

function files(options: Partial<SourceFilesOptions> = {}): SourceFiles {
  return new SourceFiles({ client, datasetId: "d", signal: new AbortController().signal, stallMs: 60_000, patienceMs: 60_000, ...options });
}

describe("files that their bucket removes soon (input_expiration)", () => {
  const names = ["always.jpg", "3days.jpg", "30days.jpg", ".lightly/3days.json"];

  test("SKIP leaves them out, with the reason; nothing is said of others, and of what is no input", async () => {
    const found: string[] = [];
    for await (const file of files({ expiration: { minDaysToExpiration: 7, handlingStrategy: "SKIP" } }).readAll(names, 2)) found.push("problem" in file ? file.problem.message : Buffer.from(file.bytes).toString());
    expect(found).toEqual(["content of always.jpg", expect.stringMatching(/^it expires in [23]\.\d days, sooner than the 7 of min_days_to_expiration$/), "content of 30days.jpg", "content of .lightly/3days.json"]);
  });

  test("ABORT ends the run, for videos too", async () => {
    const strict = files({ expiration: { minDaysToExpiration: 7, handlingStrategy: "ABORT" } });
    await expect(strict.read("3days.jpg")).rejects.toThrow(/^3days\.jpg: it expires in .*set handling_strategy to SKIP\.$/);
    await expect(strict.download("3days.mp4", join(folder, "soon.mp4"))).rejects.toThrow("3days.mp4: it expires");
    await expect(files({ expiration: { minDaysToExpiration: 7, handlingStrategy: "SKIP" } }).download("3days.mp4", join(folder, "soon.mp4"))).rejects.toMatchObject({ name: "FileUnreadable" });
    expect(existsSync(join(folder, "soon.mp4"))).toBe(false);
    await expect(strict.read("30days.jpg")).resolves.toBeDefined();
    expect(Buffer.from(await files().read("3days.jpg")).toString()).toBe("content of 3days.jpg");
  });
});

test.each([[0, 3], [1e9, 1]])("a cache of %s bytes (cache_size): a video that is needed three times is fetched %s times", async (cacheSize, fetched) => {
  const videos = new Videos({ context: { signal: new AbortController().signal, folder } as RunContext, files: files(), trustsFrameCount: true, cacheSize });
  try {
    for (let time = 0; time < 3; time++) {
      const names: string[] = [];
      const frames = videos.frames("a.mp4");
      for (let next = await frames.next(); !next.done; next = await frames.next()) names.push(next.value.fileName);
      expect(names).toEqual([0, 1, 2, 3, 4, 5].map((index) => `a-${index}-mp4.png`));
    }
  } finally {
    await videos.close();
  }
  expect(reads).toEqual(Array.from({ length: fetched }, () => "a.mp4"));
});

test("the number of frames that a container states is trusted (use_frame_count_metadata), or they are counted", async () => {
  // What describes the video comes first, so that it is still there when the end is missing.
  await drawVideo(join(folder, "whole.mp4"), { frames: 120, width: 64, height: 48, encoding: ["-movflags", "+faststart"] });
  const whole = await readFile(join(folder, "whole.mp4"));
  // States 120 frames and has fewer than 100: numbers of three digits, or of two.
  const cut = whole.subarray(0, Math.floor(whole.length * 0.6));
  const before = await readFile(join(folder, "video.mp4"));
  await writeFile(join(folder, "video.mp4"), cut);
  try {
    const firstOf = async (trustsFrameCount: boolean) => {
      const videos = new Videos({ context: { signal: new AbortController().signal, folder } as RunContext, files: files(), trustsFrameCount, cacheSize: 0 });
      const frames = videos.frames("a.mp4");
      const first = await frames.next();
      await frames.return({ frames: 0, seconds: 0 });
      await videos.close();
      return first.done ? undefined : first.value.fileName;
    };
    expect([await firstOf(true), await firstOf(false)]).toEqual(["a-000-mp4.png", "a-00-mp4.png"]);
  } finally {
    await writeFile(join(folder, "video.mp4"), before);
  }
});
