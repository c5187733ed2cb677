/**
 * A run on many images and a long video: memory stays flat. Small here; WINNOW_SCALE=full makes it 20,000 images and 10,000
 * frames (half an hour on two cores), WINNOW_SCALE=IMAGES,FRAMES anything else.
 */
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { domains } from "@winnow/client";
import { drawVideo, encodeJpeg } from "@winnow/media";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program, bin, endAll } from "./program.ts";
import { RunScene, TOKEN, age } from "./worker-scene.ts";

const scale = process.env["WINNOW_SCALE"] ?? "";
const [images, frames] = scale === "full" ? [20_000, 10_000] : scale === "" ? [150, 60] : (scale.split(",").map(Number) as [number, number]);
const timeout = 240_000 + (images + frames) * 120;

let scene: RunScene;
beforeAll(async () => {
  scene = await RunScene.begin();
});
afterAll(async () => {
  await endAll();
  await scene.end();
});

test(`${images} images and ${frames} frames`, { timeout }, async () => {
  const { id, folder, client } = await scene.dataset("many");
  await drawImages(folder, images);
  await drawVideo(join(folder, "long.mp4"), { frames, width: 160, height: 120 });
  await age(join(folder, "long.mp4"));
  await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 0.02 }, corruptness_check: { corruption_threshold: 1 } } });
  const began = Date.now();
  const worker = new Program(bin, ["worker", "--server", scene.server.url, "--name", "scale", "--once", "--work", join(scene.folder, "work")], { WINNOW_TOKEN: TOKEN });
  let peakMB = 0;
  /** Seconds, stage and MB, so that it can be seen whether memory grows with the input. */
  const memory: [number, string, number][] = [];
  const rates: Record<string, number> = {};
  let stage = "";
  const watch = setInterval(() => {
    peakMB = Math.max(peakMB, memoryOf(worker.process.pid!, "VmHWM"));
    const seconds = Math.round((Date.now() - began) / 1000);
    if (memory.length === 0 || memory.at(-1)![1] !== stage || seconds >= memory.at(-1)![0] + 30) {
      memory.push([seconds, stage, Math.round(memoryOf(worker.process.pid!, "VmRSS"))]);
      if (scale !== "") console.info(memory.at(-1)!.join(" "), JSON.stringify(rates));
    }
    void scene.client
      .call(domains.workers.getDockerRunsQueryByDatasetId, { path: { datasetId: id }, query: {} })
      .then(([run]) => run && scene.client.call(domains.workers.getRunProgressById, { path: { runId: run.id } }))
      .then((told) => {
        stage = told?.progress?.stage ?? stage;
        Object.assign(rates, told?.progress?.rates);
      })
      .catch(() => undefined);
  }, 500);
  await worker.ended;
  clearInterval(watch);
  const run = await scene.lastRun(id);
  expect(run.state, `${run.message} ${worker.stderr}`).toBe("COMPLETED");
  const total = images + frames;
  expect(run.message).toMatch(new RegExp(`^\\d+ of ${total} images were selected`));
  const names = await client.getFilenames();
  expect(names).toHaveLength(Math.round(0.02 * total));
  expect(new Set(names).size).toBe(names.length);
  // Programs and libraries, and beside them names and three copies of the vectors at the most.
  const vectorsMB = (total * 1536 * 4) / 1e6;
  expect(peakMB, `seconds, stage, MB: ${memory.join("; ")}`).toBeGreaterThan(0);
  expect(peakMB).toBeLessThan(1_200 + 3.5 * vectorsMB);
  console.info(`${total} items in ${((Date.now() - began) / 1000).toFixed(0)} s, peak ${peakMB.toFixed(0)} MB, vectors ${vectorsMB.toFixed(0)} MB, per second ${JSON.stringify(rates)}; ${times(run.messages ?? [])}; memory ${memory.map((one) => one.join(" ")).join(", ")}`);
});

/** Memory that a process has taken (VmRSS), or the most that it ever had (VmHWM), in MB; 0 where the system doesn't say. */
function memoryOf(pid: number, which: "VmRSS" | "VmHWM"): number {
  try {
    return Number(new RegExp(`${which}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function times(messages: readonly { readonly ts?: number; readonly state?: string }[]): string {
  return messages.map(({ state, ts }, i) => `${state} ${(((messages[i + 1]?.ts ?? ts!) - ts!) / 1000).toFixed(1)} s`).join(", ");
}

/** Small pictures that all differ: squares of random colours and places. */
async function drawImages(folder: string, count: number): Promise<void> {
  let state = 7;
  const random = () => ((state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32);
  const [width, height] = [96, 64];
  for (let i = 0; i < count; i++) {
    const data = new Uint8Array(width * height * 3).fill(256 * random());
    for (let square = 0; square < 6; square++) {
      const [left, top, size] = [Math.floor(random() * 80), Math.floor(random() * 48), 4 + Math.floor(random() * 28)];
      const colour = [256 * random(), 256 * random(), 256 * random()];
      for (let y = top; y < Math.min(height, top + size); y++) for (let x = left; x < Math.min(width, left + size); x++) data.set(colour, (y * width + x) * 3);
    }
    const path = join(folder, `${Math.floor(i / 1000)}`, `${String(i).padStart(6, "0")}.jpg`);
    if (i % 1000 === 0) await mkdir(join(folder, `${Math.floor(i / 1000)}`), { recursive: true });
    await writeFile(path, await encodeJpeg({ width, height, data }, 85));
    await age(path);
  }
}
