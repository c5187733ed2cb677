/** The SDK without what needs files: a bundle for browsers has no trace of Node. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DATASET, RecordingServer, TOKEN } from "../test/recording-server.ts";
import type * as Sdk from "./index.ts";

let folder: string;
let code: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-client-"));
  await build({
    configFile: false,
    logLevel: "silent",
    root: folder,
    resolve: { conditions: ["winnow-source", "module", "browser", "import", "default"] },
    build: { outDir: folder, minify: false, lib: { entry: fileURLToPath(new URL("index.ts", import.meta.url)), formats: ["es"], fileName: () => "sdk.mjs" } },
  });
  code = await readFile(join(folder, "sdk.mjs"), "utf8");
});
afterAll(() => rm(folder, { recursive: true }));

it("bundles without anything of Node", () => {
  expect(code).not.toMatch(/["']node:|["']sharp["']|\brequire\(|\bBuffer\b|^import .* from "(?!\.)/m);
});

it("works there, and says so where it can't", async () => {
  const { ApiWorkflowClient } = (await import(/* @vite-ignore */ pathToFileURL(join(folder, "sdk.mjs")).href)) as typeof Sdk;
  const server = await new RecordingServer().start();
  const client = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, datasetId: DATASET });
  const tag = await client.getTagByName("child");
  expect(await client.getFilenamesInTag(tag)).toEqual(["a.jpg", "c.jpg"]);
  for (const run of [() => client.uploadDataset("x"), () => client.downloadDataset("x"), () => client.uploadEmbeddings("x", "y"), () => client.appendEmbeddings("x", "y")]) {
    await expect(run()).rejects.toMatchObject({ name: "RuntimeError", message: expect.stringContaining("only works in Node") });
  }
  await server.stop();
});
