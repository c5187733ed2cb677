/**
 * A folder that grows: connect it, let a compute worker pick the images and frames worth labelling, add files, run again.
 *
 *     npm run example -- datasource-run [FOLDER]
 *
 * It brings its own server and worker, on a folder of its own that is removed afterwards. Against a server of yours
 * (`npm start -- --allow-folder FOLDER` runs one with a worker) everything between the two lines of dashes is the same.
 */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ApiWorkflowClient } from "@winnow/client";
import { drawVideo, encodeJpeg } from "@winnow/media";
import { startServer } from "@winnow/server";
import { runWorker } from "@winnow/worker";

const own = await mkdtemp(join(tmpdir(), "winnow-example-"));
const folder = process.argv[2] === undefined ? join(own, "drives") : resolve(process.argv[2]);
const token = "the-token-of-this-example";
const server = await startServer({ dataFolder: join(own, "data"), port: 0, ownerToken: token, logLevel: "silent", allowFolders: [folder] });
const stop = new AbortController();
const worker = runWorker({ serverUrl: server.url, token, name: "example", workFolder: join(own, "work"), output: join(own, "output"), stop: stop.signal, onLine: () => undefined });

await mkdir(join(folder, "monday"), { recursive: true });
for (let i = 0; i < 40; i++) await draw(join(folder, "monday", `${String(i).padStart(3, "0")}.jpg`), i % 12);
await drawVideo(join(folder, "monday", "clip.mp4"), { frames: 50, width: 320, height: 240 });
await writeFile(join(folder, "monday", "broken.jpg"), "this is no image");

// ------------------------------------------------------------------------------------------------------------------
const client = new ApiWorkflowClient({ token, serverUrl: server.url });
await client.createDataset("drives");
await client.setLocalConfig(folder);
await curate("First run: everything in the folder");

// A copy of what is there is worth nothing; other pictures are.
await wait(1_100);
await mkdir(join(folder, "tuesday"));
for (let i = 0; i < 20; i++) await draw(join(folder, "tuesday", `${String(i).padStart(3, "0")}.jpg`), i < 10 ? i : 100 + i);
await curate("Second run: only what is new");
await curate("Third run: nothing is new");
// ------------------------------------------------------------------------------------------------------------------

console.log(`\nThe dataset holds ${(await client.getFilenames()).length} samples, under these tags:`);
for (const tag of await client.getAllTags()) console.log(`  ${tag.name}: ${(await client.getFilenamesInTag(tag)).join(", ")}`);
const [day] = await readdir(join(own, "output"));
console.log(`\nEach run left a folder of its own: ${(await readdir(join(own, "output", day!))).length} of them, with ${(await readdir(join(own, "output", day!, (await readdir(join(own, "output", day!)))[0]!))).join(", ")}.`);

stop.abort();
await worker;
await server.close();
await rm(own, { recursive: true, force: true, maxRetries: 3 });

async function curate(title: string): Promise<void> {
  console.log(`\n${title}`);
  const scheduledId = await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 8 } } });
  for await (const event of client.followComputeWorkerRun(scheduledId, { pollSeconds: 0.5 })) {
    if (event.type === "state") console.log(`  ${event.state}: ${event.message ?? ""}`);
  }
}

/** Stripes: another number, another direction, width and colour. */
async function draw(path: string, number: number): Promise<void> {
  const [width, height] = [320, 240];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wave = 0.5 + 0.5 * Math.sin((x * Math.cos(number) + y * Math.sin(number)) / (5 + ((number * 7) % 23)) + number);
      data[at++] = 255 * wave;
      data[at++] = (number * 53) % 256;
      data[at++] = 255 * (1 - wave);
    }
  }
  await writeFile(path, await encodeJpeg({ width, height, data }));
}
