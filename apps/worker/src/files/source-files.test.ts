import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ApiWorkflowClient } from "@winnow/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunFailure } from "../run/context.ts";
import { SourceFiles } from "./source-files.ts";

/** A bucket that is going to remove its files in two days, as S3 says it. */
let bucket: Server;
let url: string;
beforeAll(async () => {
  bucket = createServer((_, answer) => {
    answer.setHeader("x-amz-expiration", `expiry-date="${new Date(Date.now() + 2 * 86_400_000).toUTCString()}", rule-id="tidy"`);
    answer.end("content");
  });
  await new Promise<void>((ready) => bucket.listen(0, "127.0.0.1", ready));
  url = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}/a.jpg`;
});
afterAll(() => new Promise((closed) => bucket.close(closed)));

function files(expiration: { minDaysToExpiration: number | null; handlingStrategy: "SKIP" | "ABORT" | null }): SourceFiles {
  // Only addresses are asked of the server.
  const client = { call: () => Promise.resolve({ urls: [{ url }] }) } as unknown as ApiWorkflowClient;
  return new SourceFiles({ client, datasetId: "", signal: new AbortController().signal, stallMs: 30_000, patienceMs: 30_000, expiration });
}

test("files that expire soon are left out or end the run, as the configuration says; others are read", async () => {
  expect(Buffer.from(await files({ minDaysToExpiration: null, handlingStrategy: null }).read("a.jpg")).toString()).toBe("content");
  expect(Buffer.from(await files({ minDaysToExpiration: 1, handlingStrategy: "ABORT" }).read("a.jpg")).toString()).toBe("content");
  await expect(files({ minDaysToExpiration: 3, handlingStrategy: "SKIP" }).read("a.jpg")).rejects.toMatchObject({ name: "FileUnreadable", message: expect.stringMatching(/expires in (1\.9|2\.0) days/) as string });
  await expect(files({ minDaysToExpiration: 3, handlingStrategy: "ABORT" }).read("a.jpg")).rejects.toThrow(RunFailure);
});
