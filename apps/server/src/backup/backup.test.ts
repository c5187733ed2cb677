import type { DatasetData, JobStatusData, TagData } from "@winnow/contract";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { configuration } from "../configuration.ts";
import { examineStores } from "../doctor/doctor.ts";
import { addEmbedding, freshName, scene, waitForJob } from "../testing/scenes.ts";
import { describeServer, ServerUnderTest, type StoreKind } from "../testing/server-under-test.ts";
import { postgresIsMissing } from "../testing/postgres.ts";
import { backUp } from "./backup.ts";
import { restore } from "./restore.ts";

const folder = await mkdtemp(join(tmpdir(), "winnow-backup-"));
afterAll(() => rm(folder, { recursive: true }));

const settingsOf = (server: ServerUnderTest) => configuration({ ...server.storeSettings, dataFolder: server.folder });
const kinds: readonly StoreKind[] = postgresIsMissing === undefined ? ["sqlite", "postgres"] : ["sqlite"];

const vectors = (rows: number, columns: number) => Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_column, j) => Math.sin(1 + i * (j + 1))));

describeServer("Backups", (server) => {
  /** A dataset with one of everything that is easily had, and files. */
  async function filled() {
    const made = await scene(server, 40);
    const address = await server.call<string>("GET", `${made.path}/samples/${made.sampleIds[3]!}/writeurl`, { query: { isThumbnail: false } });
    expect((await server.open(address, { method: "PUT", raw: "the picture" })).status).toBe(200);
    const embedding = await addEmbedding(server, made, vectors(40, 8));
    const { jobId } = await server.call<{ jobId: string }>("POST", `${made.path}/embeddings/${embedding}/sampling`, { body: { newTagName: "the picks", method: "CORESET", config: { stoppingCondition: { nSamples: 10 } } } });
    const job = (await waitForJob(server, jobId)) as JobStatusData;
    return { made, tag: job.result!.data as string };
  }

  async function everythingOf(one: ServerUnderTest, { path, sampleIds }: { path: string; sampleIds: readonly string[] }, tag: string) {
    return {
      dataset: await one.call<DatasetData>("GET", path),
      tags: await one.call<TagData[]>("GET", `${path}/tags`),
      samples: await one.call("GET", `${path}/samples`),
      picks: await one.call("GET", `${path}/tags/${tag}/selection`),
      picture: (await one.open(await one.call<string>("GET", `${path}/samples/${sampleIds[3]!}/readurl`, { query: { type: "full" } }))).bytes.toString(),
    };
  }

  test.each(kinds)("what is backed up while clients write is there after it was restored into %s, and is well", async (kind) => {
    const { made, tag } = await filled();
    const before = await everythingOf(server, made, tag);
    const file = join(folder, `${server.database}-${kind}.tar`);
    let writing = true;
    const busy = await scene(server);
    const writer = (async () => {
      for (let i = 0; writing; i++) await server.call("POST", `${busy.path}/samples`, { body: { fileName: `${i}.jpg` } });
    })();
    const facts = await backUp(settingsOf(server), file).finally(() => (writing = false));
    await writer;
    expect(facts).toMatchObject({ vanished: 0, rows: expect.any(Number) });
    expect(facts.files).toBeGreaterThanOrEqual(3);
    expect((await stat(file)).mode & 0o077).toBe(0);

    const other = await ServerUnderTest.unstarted(kind);
    try {
      await restore(settingsOf(other), file);
      expect((await examineStores(settingsOf(other))).flatMap(({ findings }) => findings)).toEqual([]);
      await other.start();
      expect(await everythingOf(other, made, tag)).toEqual(before);
      // It goes on as the old one would have.
      await other.call("POST", `${made.path}/samples`, { body: { fileName: "one more.jpg" } });
      const again = await scene(other, 2);
      await other.call("POST", `${again.path}/tags`, { body: { name: freshName("tag"), prevTagId: again.tagId, bitMaskData: "0x1", totSize: 2 } });
      await expect(restore(settingsOf(other), file)).rejects.toThrow(/already runs|in use/);
      await other.stop();
      await expect(restore(settingsOf(other), file)).rejects.toThrow("already something");
    } finally {
      await other.close();
    }
  });

  test("a damaged or cut backup is refused, and leaves nothing that a whole one could not be restored over", async () => {
    await filled();
    const file = join(folder, `${server.database}-whole.tar`);
    await backUp(settingsOf(server), file);
    const bytes = await readFile(file);
    const other = await ServerUnderTest.unstarted(server.database);
    try {
      const damaged = Buffer.from(bytes);
      const at = damaged.indexOf("the picture");
      damaged[at] = damaged[at]! ^ 1;
      for (const [name, content, said] of [
        ["flipped", damaged, /damaged/],
        ["cut", bytes.subarray(0, Math.floor(bytes.length * 0.7)), /damaged|not whole/],
        ["endless", bytes.subarray(0, bytes.length - 4096), /damaged|not whole/],
        ["foreign", Buffer.from("no backup at all".repeat(100)), /no backup|damaged/],
        ["empty", Buffer.alloc(0), /no backup/],
      ] as const) {
        const path = join(folder, `${server.database}-${name}.tar`);
        await writeFile(path, content);
        await expect(restore(settingsOf(other), path), name).rejects.toThrow(said);
      }
      await restore(settingsOf(other), file);
    } finally {
      await other.close();
    }
  });

  test("a backup never takes the place of a file while it isn't complete", async () => {
    const controller = new AbortController();
    const file = join(folder, `${server.database}-stopped.tar`);
    await writeFile(file, "the older one");
    await expect(backUp(settingsOf(server), file, { signal: controller.signal, onProgress: () => controller.abort() })).rejects.toThrow();
    expect(await readFile(file, "utf8")).toBe("the older one");
    await expect(stat(`${file}.unfinished`)).rejects.toThrow("ENOENT");
  });
});
