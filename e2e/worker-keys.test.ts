/** Keys of a run's configuration that name models, pools and datasets, against the real server. `worker-keys-shown.test.ts` lists which test shows which key. */
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ApiWorkflowClient, domains } from "@winnow/client";
import { drawVideo, encodePng } from "@winnow/media";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { TINY_SIDE, writeTinyHubModel } from "../packages/embedding/src/testing/tiny-hub-model.ts";
import { RunScene, age, numbered, writeOld, writePictures } from "./worker-scene.ts";

/** Runs take their time where many tests run side by side. */
vi.setConfig({ testTimeout: 400_000 });

let scene: RunScene;
let shared: string;
beforeAll(async () => {
  scene = await RunScene.begin();
  shared = join(scene.folder, "shared");
  await mkdir(shared);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await scene.end();
});

type Config = Readonly<Record<string, unknown>>;

/** Schedules a run, does it, and gives what became of it. */
async function done(client: ApiWorkflowClient, workerConfig: Config, lightlyConfig: Config = {}, output?: string) {
  await client.scheduleComputeWorkerRun({ workerConfig, lightlyConfig });
  const lines = await scene.work({ shared, ...(output === undefined ? {} : { output }) });
  const run = await scene.lastRun(await client.datasetId);
  return { run, lines, names: (await client.getFilenames()).toSorted() };
}

const again = { datasource: { process_all: true } };

async function embeddingNames(client: ApiWorkflowClient): Promise<string[]> {
  return (await client.call(domains.embeddings.getEmbeddingsByDatasetId, { path: { datasetId: await client.datasetId } })).map(({ name }) => name);
}

test("a model file, the one of an earlier run, a model of the hub by name, and ones that aren't there", async () => {
  const { folder, client } = await scene.dataset("models");
  await writePictures(folder, numbered(6));
  const models = join(scene.folder, "models of the hub");
  await writeTinyHubModel(models, "tiny/clip", "projection");
  await copyFile(join(models, "tiny/clip/onnx/vision_model.onnx"), join(shared, "mine.onnx"));
  expect((await done(client, { checkpoint: "mine.onnx" })).run).toMatchObject({ state: "FAILED", message: expect.stringMatching(/mine\.json, which describes the model's input, can't be read/) as string });
  await writeFile(join(shared, "mine.json"), JSON.stringify({ dimensions: 3, width: TINY_SIDE, height: TINY_SIDE }));
  const first = await done(client, { checkpoint: "mine.onnx", stopping_condition: { n_samples: 2 } });
  expect(first.run.state, first.run.message).toBe("COMPLETED");
  expect(first.run.artifacts!.filter(({ type }) => type === "CHECKPOINT").map(({ fileName }) => fileName).sort()).toEqual(["mine.json", "mine.onnx"]);
  expect(await embeddingNames(client)).toEqual(["default-mine"]);

  // The worker that takes the second one has no such file.
  await writeFile(join(shared, "mine.onnx"), "another");
  const second = await done(client, { ...again, checkpoint_run_id: first.run.id, stopping_condition: { n_samples: 1 } });
  expect(second.run.state, second.run.message).toBe("COMPLETED");
  expect((await embeddingNames(client)).every((name) => name.startsWith("default-mine"))).toBe(true);
  expect((await done(client, { ...again, checkpoint_run_id: second.run.id })).run).toMatchObject({ state: "FAILED", message: expect.stringContaining("has kept no checkpoint") as string });
  expect((await done(client, { ...again, checkpoint: "nowhere.onnx" })).run).toMatchObject({ state: "FAILED", message: expect.stringMatching(/^checkpoint: there is no file nowhere\.onnx/) as string });

  vi.stubEnv("WINNOW_MODELS", models);
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  const hub = await done(client, { ...again, stopping_condition: { n_samples: 1 } }, { model: { name: "tiny/clip" } });
  expect(hub.run.state, hub.run.message).toBe("COMPLETED");
  expect((await embeddingNames(client)).some((name) => name.startsWith("default-tiny-clip"))).toBe(true);
  const missing = await done(client, again, { model: { name: "nobody/nothing" } });
  expect(missing.run.state).toBe("FAILED");
  expect(missing.run.message).toContain("nobody/nothing");
  expect(missing.run.message).toContain(models);
});

test("detections that images need, and how detections become scores", async () => {
  const { folder, client } = await scene.dataset("scored");
  const names = numbered(6);
  await writePictures(folder, names);
  // Nobody is in these pictures.
  await writeFile(join(shared, "people.json"), JSON.stringify({ person: 1 }));
  await writeFile(join(shared, "cows.json"), JSON.stringify({ cow: 1 }));
  const none = await done(client, { pretagging: true, pretagging_config: "people.json", datasource: { enable_datapool_update: false } });
  expect(none.run.state, none.run.message).toBe("COMPLETED");
  expect(none.run.message).toMatch(/^0 of 0 images were selected/);
  const any = await done(client, { pretagging: true, pretagging_config: "people.json", pretagging_debug: true, datasource: { enable_datapool_update: false } }, {}, join(scene.folder, "nobody"));
  expect(any.lines.join("\n")).not.toContain("error:");
  expect((await done(client, { pretagging: true, pretagging_config: "cows.json" })).run).toMatchObject({ state: "FAILED", message: expect.stringContaining('the detector has no class "cow"') as string });

  await writeOld(join(folder, ".lightly/predictions/tasks.json"), JSON.stringify(["cars"]));
  await writeOld(join(folder, ".lightly/predictions/cars/schema.json"), JSON.stringify({ task_type: "object-detection", categories: [{ id: 0, name: "car" }] }));
  for (const [i, file] of names.entries()) await writeOld(join(folder, ".lightly/predictions/cars", file.replace(".jpg", ".json")), JSON.stringify({ file_name: file, predictions: Array.from({ length: i }, (_, box) => ({ category_id: 0, bbox: [10 * box, 10, 25, 40], score: 0.8 })) }));
  const scores = async (scorerConfig: Config, directory: string) => {
    const output = join(scene.folder, "scores");
    const { run } = await done(client, { method: "active_learning", active_learning: { task_name: "cars", score_name: "object_frequency" }, scorer_config: scorerConfig, datasource: { enable_datapool_update: false }, run_directory: directory }, {}, output);
    expect(run.state, run.message).toBe("COMPLETED");
    const report = JSON.parse(await readFile(join(output, directory, "report.json"), "utf8")) as { selection: { picks: { reason: string }[] } };
    return [...JSON.stringify(report.selection).matchAll(/a score of (\d\.\d+)/g)].map(([, score]) => Number(score));
  };
  // 0 … 5 boxes of one class: the first counts 1, each further one 0.5 (or nothing).
  expect(await scores({ frequency_penalty: 0.5, min_score: 0.4 }, "half")).toEqual([1, 0.9, 0.8, 0.7, 0.6, 0.4]);
  expect(await scores({ frequency_penalty: 0, min_score: 0.7 }, "flat")).toEqual([1, 1, 1, 1, 1, 0.7]);
});

test("where crops go, and whether", async () => {
  const { id, folder, client } = await scene.dataset("cut out");
  const names = numbered(4);
  await writePictures(folder, names);
  await writeOld(join(folder, ".lightly/predictions/tasks.json"), JSON.stringify(["things"]));
  await writeOld(join(folder, ".lightly/predictions/things/schema.json"), JSON.stringify({ task_type: "object-detection", categories: [{ id: 3, name: "thing" }] }));
  for (const name of names) await writeOld(join(folder, ".lightly/predictions/things", name.replace(".jpg", ".json")), JSON.stringify({ file_name: name, predictions: [{ category_id: 3, bbox: [10, 10, 60, 50], score: 0.9 }] }));
  const children = () => client.call(domains.datasets.getChildrenOfDatasetId, { path: { datasetId: id } });
  const stopping = { stopping_condition: { n_samples: 1 } };
  for (const crops of [{ enable_upload: false }, { enable_upload_for_tasks: ["others"] }]) {
    const { run } = await done(client, { ...again, ...stopping, object_level: { task_name: "things" }, crops });
    expect(run.state, run.message).toBe("COMPLETED");
    expect(await children()).toEqual([]);
  }
  expect((await client.getFilenames()).length).toBeGreaterThan(0);
  const { run } = await done(client, { ...again, ...stopping, object_level: { task_name: "things", crop_dataset_name: "my crops" }, crops: { enable_upload: true, enable_upload_for_tasks: ["things"] } });
  expect(run.state, run.message).toBe("COMPLETED");
  expect((await children()).map(({ name }) => name)).toEqual(["my crops"]);
  // A dataset of images takes no crops.
  await scene.dataset("taken");
  expect((await done(client, { ...again, object_level: { task_name: "things", crop_dataset_name: "taken" } })).run).toMatchObject({ state: "FAILED", message: expect.stringContaining("Give another name in object_level.crop_dataset_name") as string });
});

test("what counts as selected: another dataset, the own one or not, rows of an embeddings file; a pool without history", async () => {
  const one = await scene.dataset("counts one");
  const two = await scene.dataset("counts two");
  await writePictures(one.folder, numbered(4));
  await writePictures(two.folder, numbered(4));
  await writePictures(two.folder, ["other.jpg"], 99);
  expect((await done(one.client, {})).names).toHaveLength(4);
  // Copies of what the other dataset holds are duplicates.
  const beside = await done(two.client, { datapool: { dataset_id: await one.client.datasetId } });
  expect(beside.run.state, beside.run.message).toBe("COMPLETED");
  expect(beside.names).toEqual(["other.jpg"]);

  // A copy of what the dataset holds is at no distance of it, unless that doesn't count.
  await writeOld(join(two.folder, "twin.jpg"), await readFile(join(two.folder, "other.jpg")));
  await writeOld(join(two.folder, "twin.txt"), "twin.jpg\n");
  const twin = { relevant_filenames_file: "twin.txt", remove_exact_duplicates: false, stopping_condition: { min_distance: 0.01 }, ...again };
  expect((await done(two.client, twin)).names).toEqual(["other.jpg"]);
  expect((await done(two.client, { ...twin, use_datapool: false })).names).toEqual(["other.jpg", "twin.jpg"]);

  const three = await scene.dataset("counts three");
  await writePictures(three.folder, numbered(4));
  const rows = [0, 0.1, 5, 9].map((value, i) => `00${i}.jpg,${value},0,${i === 0 ? 1 : 0},0`);
  await writeFile(join(shared, "chosen.csv"), ["filenames,embedding_0,embedding_1,selected,labels", ...rows].join("\n"));
  const listed = await done(three.client, { embeddings: "chosen.csv", normalize_embeddings: false, stopping_condition: { min_distance: 1 } });
  expect(listed.run.state, listed.run.message).toBe("COMPLETED");
  expect(listed.names).toEqual(["002.jpg", "003.jpg"]);

  const pooled = { datapool: { name: "short", keep_history: false }, stopping_condition: { n_samples: 1 } };
  const four = await scene.dataset("counts four");
  await writePictures(four.folder, numbered(3));
  for (let time = 0; time < 2; time++) expect((await done(four.client, { ...pooled, ...again })).run.state).toBe("COMPLETED");
  expect((await readFile(join(shared, "datapools/short/embeddings.csv"), "utf8")).trim().split("\n")).toHaveLength(3);
  expect(existsSync(join(shared, "datapools/short/history"))).toBe(false);
});

test("bypass_verify: the datasource isn't tried before it is read", async () => {
  const { folder, client } = await scene.dataset("not tried");
  await writePictures(folder, numbered(2));
  const asked: string[] = [];
  const { fetch } = globalThis;
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
    asked.push(new URL(input instanceof Request ? input.url : input).pathname);
    return fetch(input, init);
  });
  try {
    const tried = () => asked.splice(0).filter((path) => path.endsWith("/datasource/check")).length;
    expect((await done(client, { stopping_condition: { n_samples: 1 } })).run.state).toBe("COMPLETED");
    expect(tried()).toBe(1);
    expect((await done(client, { datasource: { process_all: true, bypass_verify: true }, stopping_condition: { n_samples: 1 } })).run.state).toBe("COMPLETED");
    expect(tried()).toBe(0);
  } finally {
    spy.mockRestore();
  }
});

test("how much works at a time changes nothing of what is chosen; the seed does; checks and the report's parts are as wanted", async () => {
  const { folder, client } = await scene.dataset("how");
  await writePictures(folder, numbered(8));
  // Six frames, each all of one grey: rows of one colour are what corruption looks like.
  await drawVideo(join(folder, "short.mp4"), { frames: 6, width: 96, height: 64, draw: (index) => ({ width: 96, height: 64, data: new Uint8Array(96 * 64 * 3).fill(20 + 40 * index) }) });
  await age(join(folder, "short.mp4"));
  // What its name says isn't what it is.
  await writeOld(join(folder, "liar.jpg"), await encodePng({ width: 40, height: 30, data: new Uint8Array(3600).map((_, i) => (i * 7) % 251) }));
  const output = join(scene.folder, "how output");
  const chosen = async (directory: string, workerConfig: Config, lightlyConfig: Config) => {
    const { run } = await done(client, { method: "random", stopping_condition: { n_samples: 4 }, datasource: { enable_datapool_update: false }, run_directory: directory, ...workerConfig }, lightlyConfig, output);
    expect(run.state, run.message).toBe("COMPLETED");
    return { message: run.message!, names: await readFile(join(output, directory, "filenames/sampled_filenames.txt"), "utf8") };
  };
  const few = await chosen("few", { num_threads: 1, num_processes: 1, corruptness_check: { corruption_threshold: 1 } }, { loader: { batch_size: 2, num_workers: 1 }, seed: 3 });
  expect(few.message).toMatch(/^4 of 14 images were selected \(1 broken left out\)/);
  const many = await chosen("many", { num_threads: 3, num_processes: 20, corruptness_check: { corruption_threshold: 1 }, show_video_sampling_timeline: false, n_example_images: 0, dump_sampled_embeddings: false }, { loader: { batch_size: 16, num_workers: 7 }, seed: 3 });
  expect(many.names).toBe(few.names);
  const has = (directory: string) => ["plots/video-timelines.svg", "data/sampled.csv"].map((file) => existsSync(join(output, directory, file)));
  expect([has("few"), has("many")]).toEqual([[true, true], [false, false]]);
  const examples = async (directory: string) => (JSON.parse(await readFile(join(output, directory, "report.json"), "utf8")) as { examples?: unknown[] }).examples?.length ?? 0;
  expect([await examples("few"), await examples("many")]).toEqual([3, 0]);
  const strict = await chosen("strict", { corruptness_check: { corruption_threshold: 0.5 } }, { seed: 4 });
  expect(strict.message).toMatch(/^4 of 8 images were selected \(7 broken left out\)/);
  const lax = await chosen("lax", { enable_corruptness_check: false, corruptness_check: { corruption_threshold: 0.5 } }, { seed: 4 });
  expect(lax.message).toMatch(/^4 of 15 images were selected, /);
  expect(lax.names).not.toBe(few.names);
});
