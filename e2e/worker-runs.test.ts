/** Runs of a worker on a folder, against the real server: first ones, further ones, and ones that find nothing. */
import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { domains } from "@winnow/client";
import { BitMask } from "@winnow/curation";
import { sniffFormat } from "@winnow/media";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { RunScene, numbered, writeOld, writePictures } from "./worker-scene.ts";

/** Runs take their time where many tests run side by side. */
vi.setConfig({ testTimeout: 240_000 });

let scene: RunScene;
beforeAll(async () => {
  scene = await RunScene.begin();
});
afterAll(() => scene.end());

const statesOf = (run: { messages?: readonly { state?: string }[] }) => (run.messages ?? []).map(({ state }) => state);

test("a first run takes the most different images, with tag, embeddings, thumbnails, metadata, predictions and report", async () => {
  const { id, folder, client } = await scene.dataset("first run");
  const names = numbered(12);
  await writePictures(folder, names);
  await writeOld(join(folder, "copy.jpg"), await readFile(join(folder, "003.jpg")));
  await writeOld(join(folder, "broken.jpg"), Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3));
  await writeOld(join(folder, "a,b.jpg"), await readFile(join(folder, "004.jpg")));
  await writeOld(join(folder, ".lightly/metadata/schema.json"), JSON.stringify([{ name: "Weather", path: "weather", defaultValue: "unknown", valueDataType: "CATEGORICAL_STRING" }]));
  await writeOld(join(folder, ".lightly/predictions/tasks.json"), JSON.stringify(["cars"]));
  await writeOld(join(folder, ".lightly/predictions/cars/schema.json"), JSON.stringify({ task_type: "object-detection", categories: [{ id: 0, name: "car" }, { id: 1, name: "bus" }] }));
  for (const [i, name] of names.entries()) {
    const side = name.replace(".jpg", ".json");
    await writeOld(join(folder, ".lightly/metadata", side), JSON.stringify({ file_name: name, type: "image", metadata: { weather: i % 2 === 0 ? "rain" : "sun" } }));
    await writeOld(join(folder, ".lightly/predictions/cars", side), JSON.stringify({ file_name: name, predictions: Array.from({ length: i % 3 }, (_, box) => ({ category_id: box, bbox: [10 * box, 5, 20, 30], score: 0.5 })) }));
  }
  // One for an image that isn't there, one that can't be read.
  await writeOld(join(folder, ".lightly/predictions/cars/nowhere.json"), JSON.stringify({ file_name: "nowhere.jpg", predictions: [] }));
  await writeOld(join(folder, ".lightly/predictions/cars/000.json"), "{");

  await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 4 } } });
  const output = join(scene.folder, "output");
  const lines = await scene.work({ output });
  const run = await scene.lastRun(id);
  expect(run.state, `${run.message} ${lines.join("\n")}`).toBe("COMPLETED");
  expect(run.message).toMatch(/^4 of 12 images were selected \(1 broken and 1 duplicate left out\), 4 samples were added to the dataset \(tag \S+\)\. It stopped at the 4 wanted\.$/);
  const states = statesOf(run);
  const expected = ["STARTED", "INITIALIZING", "LOADING_METADATA", "LOADING_PREDICTION", "CHECKING_CORRUPTNESS", "EMBEDDING", "SAMPLING", "UPLOADING_DATASET", "GENERATING_REPORT", "UPLOADING_REPORT", "UPLOADED_REPORT", "COMPLETED"];
  expect(states.filter((state) => expected.includes(state!))).toEqual(expected);
  expect((await client.getScheduledComputeWorkerRuns()).filter(({ datasetId }) => datasetId === id)).toEqual([]);

  // The dataset.
  const chosen = await client.getFilenames();
  expect(chosen).toHaveLength(4);
  expect(chosen.every((name) => names.includes(name))).toBe(true);
  const tags = await client.getAllTags();
  expect(tags.map(({ name }) => name)).toEqual(["initial-tag"]);
  expect([...BitMask.fromHex(tags[0]!.bitMaskData, 4).ordinals()]).toEqual([0, 1, 2, 3]);
  const samples = await client.call(domains.samples.getSamplesByDatasetId, { path: { datasetId: id }, query: { mode: "full" } });
  for (const sample of samples) {
    const number = Number(sample.fileName.slice(0, 3));
    expect(sample).toMatchObject({ type: "IMAGE", thumbName: `.lightly/thumbnails/${sample.fileName.replace(".jpg", "_thumb.jpg")}`, customMetaData: { weather: number % 2 === 0 ? "rain" : "sun" } });
    expect(sample.metaData!.shape).toEqual([120, 160, 3]);
    expect(sniffFormat(await readFile(join(folder, sample.thumbName!)))).toBe("jpeg");
    for (const type of ["full", "thumbnail"]) {
      const url = await client.call(domains.samples.getSampleImageReadUrlById, { path: { datasetId: id, sampleId: sample.id }, query: { type } });
      const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
      expect(bytes.equals(await readFile(join(folder, type === "full" ? sample.fileName : sample.thumbName!)))).toBe(true);
    }
  }
  const [embedding] = await client.call(domains.embeddings.getEmbeddingsByDatasetId, { path: { datasetId: id } });
  expect(embedding!.name).toBe("default");
  expect((await client.call(domains.metadata.getMetaDataConfigurations, { path: { datasetId: id } }))[0]!.configs[0]).toMatchObject({ name: "Weather", path: "weather" });
  const predicted = new Map<string, number>();
  for await (const { fileName, singletons } of client.getPredictions("cars")) predicted.set(fileName, singletons.length);
  for (const name of chosen) expect(predicted.get(name), name).toBe(name === "000.jpg" ? 0 : Number(name.slice(0, 3)) % 3);
  expect(Math.abs((await client.getProcessedUntilTimestamp()) - Date.now() / 1000)).toBeLessThan(120);

  // The report, and what was left out.
  expect(run.reportAvailable).toBe(true);
  expect(await client.getRunReportPage(run.id)).toContain("broken.jpg");
  expect((await fetch(await client.getRunReportPageReadUrl(run.id))).headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(run.artifacts!.map(({ type }) => type).sort()).toEqual(["CORRUPTNESS_CHECK_INFORMATION", "REPORT_JSON", "REPORT_PDF", "REPORT_V2_JSON"]);
  const json = run.artifacts!.find(({ type }) => type === "REPORT_JSON")!;
  const url = await client.call(domains.workers.getDockerRunArtifactReadUrlById, { path: { runId: run.id, artifactId: json.id } });
  const report = JSON.stringify(await (await fetch(url)).json());
  expect(report).toContain("broken.jpg");
  expect(report).toContain("nowhere.json");
  expect(report).toContain("a,b.jpg");
  const [date] = await readdir(output);
  const [time] = await readdir(join(output, date!));
  for (const file of ["report.pdf", "report.json", "report.html", "data/embeddings.csv", "filenames/sampled_filenames.txt", "filenames/corrupt_filenames.txt"]) expect(existsSync(join(output, date!, time!, file)), file).toBe(true);
  expect((await readFile(join(output, date!, time!, "filenames/sampled_filenames.txt"), "utf8")).trim().split("\n").sort()).toEqual(chosen.toSorted());
  expect((await readFile(join(output, date!, time!, "filenames/duplicate_filenames.txt"), "utf8")).trim()).toBe("copy.jpg");

  // No token in what is told of the run.
  const { logs } = await client.call(domains.workers.getDockerRunLogsById, { path: { runId: run.id }, query: {} });
  expect(logs.length).toBeGreaterThan(5);
  // Every stage says how fast it was.
  expect(lines.find((line) => line.startsWith("info: Throughput: "))).toMatch(/listing [\d.,]+ \/ s, .*reading and checking [\d.,]+ \/ s, embedding [\d.,]+ \/ s, .*uploading [\d.,]+ \/ s\.$/);
  expect(JSON.stringify([logs, run, lines])).not.toContain("a-token-for-runs-of-workers");
});

test("further runs look at new files only, keep away from what is there, and add a tag; without new files nothing happens", async () => {
  const { id, folder, client } = await scene.dataset("again");
  await writePictures(folder, numbered(8));
  const workerConfig = { stopping_condition: { n_samples: 3 } };
  await client.scheduleComputeWorkerRun({ workerConfig });
  await scene.work();
  const first = await client.getFilenames();
  expect(first).toHaveLength(3);

  await client.scheduleComputeWorkerRun({ workerConfig });
  await scene.work();
  expect(await scene.lastRun(id)).toMatchObject({ state: "COMPLETED", message: "Nothing new: no images or videos came into the datasource since the last run (datasource.process_all looks at all files again)." });
  expect(await client.getFilenames()).toEqual(first);

  // Copies of what is there add nothing either; what is new does.
  const soon = Math.floor(Date.now() / 1000) + 1;
  await scene.until("the next second", async () => (Date.now() / 1000 > soon + 1 ? true : undefined));
  const { copyFile, utimes } = await import("node:fs/promises");
  await copyFile(join(folder, first[0]!), join(folder, "again.jpg"));
  await writePictures(folder, numbered(4, 100), 100);
  const now = Date.now() / 1000;
  for (const name of ["again.jpg", ...numbered(4, 100)]) await utimes(join(folder, name), now, now);
  await client.scheduleComputeWorkerRun({ workerConfig: { ...workerConfig, stopping_condition: { n_samples: 2 } } });
  await scene.work();
  const run = await scene.lastRun(id);
  expect(run.state, run.message).toBe("COMPLETED");
  const names = await client.getFilenames();
  expect(names.slice(0, 3)).toEqual(first);
  expect(names).toHaveLength(5);
  expect(names.slice(3).every((name) => name.startsWith("10"))).toBe(true);
  const tags = await client.getAllTags();
  expect(tags).toHaveLength(2);
  const added = tags.find(({ name }) => name !== "initial-tag")!;
  expect([...BitMask.fromHex(added.bitMaskData, 5).ordinals()]).toEqual([3, 4]);
  expect(added.runId).toBe(run.id);
  const embeddings = await client.call(domains.embeddings.getEmbeddingsByDatasetId, { path: { datasetId: id } });
  expect(embeddings).toHaveLength(2);
  expect(embeddings[0]!.name).toMatch(/^default_\d{8}_/);

  // All files on request: those that were passed over before come into question again.
  await client.scheduleComputeWorkerRun({ workerConfig: { datasource: { process_all: true } } });
  await scene.work();
  expect((await client.getFilenames()).toSorted()).toEqual([...numbered(8), ...numbered(4, 100)].sort());
});

test("a datasource without images, and one of broken ones, end well and say so", async () => {
  const empty = await scene.dataset("empty");
  await empty.client.scheduleComputeWorkerRun();
  await scene.work();
  expect(await scene.lastRun(empty.id)).toMatchObject({ state: "COMPLETED", message: `There are no images or videos in the datasource at ${empty.folder}. If there should be, check its path.` });
  // Nothing counts as processed: files that were elsewhere, and are older than the run, are found by the next one.
  await writePictures(empty.folder, numbered(1));
  await empty.client.scheduleComputeWorkerRun();
  await scene.work();
  expect(await empty.client.getFilenames()).toEqual(["000.jpg"]);

  const broken = await scene.dataset("all broken");
  for (const name of numbered(5)) await writeOld(join(broken.folder, name), `not an image ${name}`);
  await broken.client.scheduleComputeWorkerRun();
  await scene.work();
  expect(await scene.lastRun(broken.id)).toMatchObject({ state: "COMPLETED", message: expect.stringMatching(/^None of the 5 files can be used: 000\.jpg: /) as string });
  expect(await broken.client.getFilenames()).toEqual([]);
});

test("what stands in the way of a run is told with what to do", async () => {
  const none = scene.newClient();
  await none.createDataset("no datasource");
  await none.scheduleComputeWorkerRun();
  await scene.work();
  expect(await scene.lastRun(await none.datasetId)).toMatchObject({ state: "FAILED", message: expect.stringContaining("datasource") as string });

  const schema = await scene.dataset("no schema");
  await writePictures(schema.folder, numbered(2));
  await writeOld(join(schema.folder, ".lightly/predictions/tasks.json"), JSON.stringify(["dogs"]));
  await schema.client.scheduleComputeWorkerRun();
  await scene.work();
  expect(await scene.lastRun(schema.id)).toMatchObject({ state: "FAILED", message: expect.stringMatching(/task dogs .* has no schema/) as string });

  const task = await scene.dataset("no task");
  await writePictures(task.folder, numbered(2));
  await task.client.scheduleComputeWorkerRun({ workerConfig: { method: "coral", active_learning: { task_name: "cats" } } });
  await scene.work();
  expect(await scene.lastRun(task.id)).toMatchObject({ state: "FAILED", message: expect.stringContaining("There is no prediction task cats") as string });
  expect(await task.client.getFilenames()).toEqual([]);
});
