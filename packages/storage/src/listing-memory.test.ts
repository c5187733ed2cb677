/** Listings stream: what is alive in memory doesn't grow with what a datasource holds. WINNOW_LISTED=1000000 lists that many, and says how long it took. */
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFileServer } from "./file-server.ts";
import type { Source } from "./source.ts";
import { AzureSource } from "./sources/azure.ts";
import { FolderSource } from "./sources/folder.ts";
import { GcsSource } from "./sources/gcs.ts";
import { HttpSource } from "./sources/http.ts";
import { S3Source } from "./sources/s3.ts";
import { azuriteAccount } from "./testing/azurite.ts";
import { endlessName, startEndlessBucket, type EndlessBucket } from "./testing/endless-bucket.ts";
import { s3Key, s3Region } from "./testing/s3-server.ts";

const count = Number(process.env["WINNOW_LISTED"] ?? 12_000);
const timeout = 120_000 + count * 2;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that something still refers to. */
function aliveBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Lists everything page by page. `grown`: how much more is alive near the end than after a tenth, in bytes. */
async function listed(source: Source, limit = 1_000): Promise<{ readonly found: number; readonly grown: number }> {
  const began = performance.now();
  let [found, before, grown, peak] = [0, 0, 0, 0];
  let last = "";
  for (let cursor: string | undefined, hasMore = true; hasMore; ) {
    const page = await source.list({ limit, ...(cursor !== undefined && { cursor }) });
    for (const { path } of page.entries) if (path <= last) throw new Error(`${path} came after ${last}`);
    last = page.entries.at(-1)?.path ?? last;
    const [was, is] = [found / count, (found += page.entries.length) / count];
    ({ cursor, hasMore } = page);
    // At each tenth; the first one is what the others are held against.
    if (Math.floor(was * 10) < Math.floor(is * 10) && is < 1) {
      const alive = aliveBytes();
      peak = Math.max(peak, process.memoryUsage().rss);
      if (before === 0) before = alive;
      grown = Math.max(grown, alive - before);
    }
  }
  const seconds = (performance.now() - began) / 1000;
  if (process.env["WINNOW_LISTED"] !== undefined) console.info(`${expect.getState().currentTestName}: ${found} in ${seconds.toFixed(1)} s (${Math.round(found / seconds)} / s), alive after a tenth ${(before / 1e6).toFixed(1)} MB, grown by ${(grown / 1e6).toFixed(1)} MB at most, resident ${(peak / 1e6).toFixed(0)} MB`);
  return { found, grown };
}

/** An entry is an object with a path and two numbers, more than a hundred bytes: a listing that kept half of them would fail. */
const grownMax = 1e6 + 40 * count;

describe(`a listing of ${count} objects`, () => {
  let bucket: EndlessBucket;
  beforeAll(async () => {
    bucket = await startEndlessBucket(count);
  });
  afterAll(() => bucket.close());

  it.each<[string, (endpoint: string) => Source]>([
    ["S3", (endpoint) => new S3Source("endless", { region: s3Region, credentials: s3Key, endpoint })],
    ["Google Cloud Storage", (endpoint) => new GcsSource("endless", { projectId: "winnow-test", endpoint })],
    ["Azure", (endpoint) => new AzureSource("endless", { ...azuriteAccount, endpoint })],
  ])("of %s (pages made up as they are asked for)", { timeout }, async (_, open) => {
    const source = open(bucket.endpoint);
    const { found, grown } = await listed(source);
    source.close();
    expect(found).toBe(count);
    expect(grown).toBeLessThan(grownMax);
  });
});

describe(`a listing of ${count} files`, () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "winnow-many-"));
    // Half of them in one folder, the others in folders of up to a thousand.
    for (let i = 0; i < count; i++) {
      const path = join(root, i < count / 2 ? `flat/${i}.jpg` : endlessName(i));
      if (i === 0 || i % 1000 === 0 || i === Math.ceil(count / 2)) mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, "");
    }
  }, timeout);
  afterAll(() => rm(root, { recursive: true }), timeout);
  // Windows are a part of the flat folder, so that it takes several.
  const windowSize = Math.ceil(count / 20);

  it("of a folder", { timeout }, async () => {
    const { found, grown } = await listed(new FolderSource(root, { windowSize }));
    expect(found).toBe(count);
    expect(grown).toBeLessThan(grownMax);
  });

  it("of a file server", { timeout }, async () => {
    const server = await startFileServer({ folder: root, key: Buffer.alloc(32, 5), port: 0 });
    try {
      const { found, grown } = await listed(new HttpSource(server.url, { allowPrivateAddresses: true, windowSize }));
      expect(found).toBe(count);
      expect(grown).toBeLessThan(grownMax);
    } finally {
      await server.close();
    }
  });
});
