import { type Server, createServer } from "node:http";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiWorkflowClient } from "@winnow/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunFailure } from "../run/context.ts";
import { SourceFiles } from "./source-files.ts";

/** A bucket that is going to remove its files in two days, as S3 says it. */
let bucket: Server;
let url: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-source-files-"));
  bucket = createServer((_, answer) => {
    answer.setHeader("x-amz-expiration", `expiry-date="${new Date(Date.now() + 2 * 86_400_000).toUTCString()}", rule-id="tidy"`);
    answer.end("content");
  });
  await new Promise<void>((ready) => bucket.listen(0, "127.0.0.1", ready));
  url = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}/a.jpg`;
});
afterAll(async () => {
  await new Promise((closed) => bucket.close(closed));
  await rm(folder, { recursive: true });
});

function files(expiration: { minDaysToExpiration: number | null; handlingStrategy: "SKIP" | "ABORT" | null }): SourceFiles {
  // Only addresses are asked of the server.
  const client = { call: () => Promise.resolve({ urls: [{ url }] }) } as unknown as ApiWorkflowClient;
  return new SourceFiles({ client, datasetId: "", signal: new AbortController().signal, stallMs: 30_000, patienceMs: 30_000, expiration });
}

test("files that expire soon are left out or end the run, as the configuration says; others are read", async () => {
  expect(Buffer.from(await files({ minDaysToExpiration: null, handlingStrategy: null }).read("a.jpg")).toString()).toBe("content");
  expect(Buffer.from(await files({ minDaysToExpiration: 1, handlingStrategy: "ABORT" }).read("a.jpg")).toString()).toBe("content");
  await expect(files({ minDaysToExpiration: 3, handlingStrategy: "SKIP" }).read("a.jpg")).rejects.toMatchObject({ name: "FileUnreadable", message: expect.stringMatching(/expires in (1\.9|2\.0) days/) as string });
  const strict = files({ minDaysToExpiration: 3, handlingStrategy: "ABORT" });
  await expect(strict.read("a.jpg")).rejects.toThrow(RunFailure);
  await expect(strict.read("a.jpg")).rejects.toThrow(/^a\.jpg: it expires in .*set handling_strategy to SKIP\.$/);
});

test("videos expire as images do; what lies beside the input is read whatever becomes of it", async () => {
  const target = join(folder, "a.mp4");
  await expect(files({ minDaysToExpiration: 3, handlingStrategy: "SKIP" }).download("a.mp4", target)).rejects.toMatchObject({ name: "FileUnreadable" });
  await expect(files({ minDaysToExpiration: 3, handlingStrategy: "ABORT" }).download("a.mp4", target)).rejects.toThrow(RunFailure);
  expect(existsSync(target)).toBe(false);
  await files({ minDaysToExpiration: 1, handlingStrategy: "ABORT" }).download("a.mp4", target);
  expect(await readFile(target, "utf8")).toBe("content");
  expect(Buffer.from(await files({ minDaysToExpiration: 3, handlingStrategy: "ABORT" }).read(".lightly/metadata/schema.json")).toString()).toBe("content");
});
