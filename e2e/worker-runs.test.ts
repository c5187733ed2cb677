/** Runs of a worker on a folder, against the real server: first ones, further ones, and ones that find nothing. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunScene, numbered, writeOld, writePictures } from "./worker-scene.ts";

let scene: RunScene;
beforeAll(async () => {
  scene = await RunScene.begin();
});
afterAll(() => scene.end());

test("a first run takes the most different images, with tag, embeddings, thumbnails and report", async () => {
  const { id, folder, client } = await scene.dataset("first run");
  await writePictures(folder, numbered(12));
  await writeOld(join(folder, "copy.jpg"), await readFile(join(folder, "003.jpg")));
  await writeOld(join(folder, "broken.jpg"), Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3));
  await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 4 } } });
  const lines = await scene.work();
  const run = await scene.lastRun(id);
  expect(run.state, `${run.message} ${lines.join("\n")}`).toBe("COMPLETED");
  const names = await client.getFilenames();
  expect(names).toHaveLength(4);
});
