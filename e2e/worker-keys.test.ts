/** Every key of a run's configuration has a test of what it changes; the table at the end says where, and a key that is missing from it fails. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ApiWorkflowClient, domains } from "@winnow/client";
import { readRunConfiguration, runConfigurationCatalogue } from "@winnow/contract";
import { drawVideo } from "@winnow/media";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { RunScene, age, numbered, writeOld, writePictures } from "./worker-scene.ts";

/** Runs take their time where many tests run side by side. */
vi.setConfig({ testTimeout: 600_000 });

let scene: RunScene;
let shared: string;
let output: string;
beforeAll(async () => {
  scene = await RunScene.begin();
  shared = join(scene.folder, "shared");
  output = join(scene.folder, "output");
  await mkdir(shared);
});
afterAll(() => scene.end());

type Config = Readonly<Record<string, unknown>>;

let made = 0;
/** Does a run. `picked` is what it selected, also where the dataset is left as it was. */
async function done(client: ApiWorkflowClient, workerConfig: Config, lightlyConfig: Config = {}) {
  const directory = `run-${made++}`;
  const datasetId = await client.datasetId;
  await client.scheduleComputeWorkerRun({ workerConfig: { run_directory: directory, upload_report: false, ...workerConfig, datasource: { process_all: true, ...(workerConfig["datasource"] as Config | undefined) } }, lightlyConfig });
  const lines = await scene.work({ shared, output });
  const run = await scene.lastRun(datasetId);
  const list = join(output, directory, "filenames/sampled_filenames_excluding_datapool.txt");
  const picked = existsSync(list) ? (await readFile(list, "utf8")).trim().split("\n").filter((name) => name !== "").sort() : [];
  return { run, lines: lines.join("\n"), picked, folder: join(output, directory) };
}

const DRY = { datasource: { enable_datapool_update: false } };

/** An ONNX file that halves images of 4 × 4 pixels: mean values of quarters. */
const AVERAGE = Buffer.from("CAcSBndpbm5vdzqXAQpCCgVpbWFnZRIDbWFwIgtBdmVyYWdlUG9vbCoVCgxrZXJuZWxfc2hhcGVAAkACoAEHKhAKB3N0cmlkZXNAAkACoAEHEgdhdmVyYWdlWiQKBWltYWdlEhsKGQgBEhUKBxIFYmF0Y2gKAggDCgIIBAoCCARiIgoDbWFwEhsKGQgBEhUKBxIFYmF0Y2gKAggDCgIIAgoCCAJCBAoAEA0=", "base64");

test("a checkpoint embeds, is kept with the run, and a later run names it; loaders and threads don't change what comes out", async () => {
  const { folder, client } = await scene.dataset("checkpoint");
  await writePictures(folder, numbered(5));
  await writeFile(join(shared, "average.onnx"), AVERAGE);
  await writeFile(join(shared, "average.json"), JSON.stringify({ dimensions: 3, width: 4, height: 4, fit: "fill", mean: [0, 0, 0], std: [1, 1, 1] }));
  const first = await done(client, { checkpoint: "average.onnx", upload_report: true, stopping_condition: { n_samples: 3 }, num_threads: 1, dump_sampled_embeddings: false }, { loader: { batch_size: 2, num_workers: 1 }, collate: { input_size: 32 }, resize: 100 });
  expect(first.run.state, first.lines).toBe("COMPLETED");
  expect(first.lines).toContain("lightly.collate.input_size changes nothing");
  expect(first.lines).toContain("lightly.resize changes nothing");
  expect(first.run.artifacts!.filter(({ type }) => type === "CHECKPOINT").map(({ fileName }) => fileName).sort()).toEqual(["average.json", "average.onnx"]);
  expect((await readFile(join(first.folder, "data/embeddings.csv"), "utf8")).split("\n")[0]).toBe("filenames,embedding_0,embedding_1,embedding_2,labels");
  expect(existsSync(join(first.folder, "data/sampled.csv"))).toBe(false);
  const { client: other, folder: otherFolder } = await scene.dataset("checkpoint of a run");
  await writePictures(otherFolder, numbered(5));
  const second = await done(other, { checkpoint_run_id: first.run.id, stopping_condition: { n_samples: 3 }, num_threads: 2, num_processes: 2 }, { loader: { batch_size: 5 } });
  expect(second.run.state, second.lines).toBe("COMPLETED");
  expect(second.picked).toEqual(first.picked);
  expect(existsSync(join(second.folder, "data/sampled.csv"))).toBe(true);
  const none = await done(other, { checkpoint_run_id: second.run.id });
  expect(none.run).toMatchObject({ state: "FAILED", message: expect.stringContaining("has kept no checkpoint") as string });
});

test("a hub model that can't be had says so, offline; the names of the original lead to the built-in encoder", async () => {
  const { folder, client } = await scene.dataset("hub");
  await writePictures(folder, numbered(2));
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  try {
    const { run } = await done(client, DRY, { model: { name: "nobody/nothing-at-all" } });
    expect(run.state).toBe("FAILED");
    expect(run.message).toMatch(/nobody\/nothing-at-all.*offline/s);
  } finally {
    vi.unstubAllEnvs();
  }
});

test("pools: of another dataset, without what the dataset holds, and without a history", async () => {
  const { id, folder, client } = await scene.dataset("pool host");
  await writePictures(folder, numbered(4));
  const first = await done(client, { datapool: { name: "brief", keep_history: false }, stopping_condition: { n_samples: 2 } });
  expect(first.run.state, first.lines).toBe("COMPLETED");
  // Nothing is as far as that from what is there, unless nothing counts as there.
  const far = { stopping_condition: { min_distance: 1.99 } };
  expect((await done(client, { ...DRY, ...far })).picked).toEqual([]);
  expect((await done(client, { ...DRY, ...far, use_datapool: false })).picked).toHaveLength(1);
  const more = await done(client, { datapool: { name: "brief", keep_history: false } });
  expect(more.picked).toHaveLength(2);
  expect(existsSync(join(shared, "datapools/brief/history"))).toBe(false);
  expect((await readFile(join(shared, "datapools/brief/embeddings.csv"), "utf8")).trim().split("\n")).toHaveLength(5);
  const guest = await scene.dataset("pool guest");
  await writePictures(guest.folder, numbered(4));
  await writePictures(guest.folder, ["other.jpg"], 99);
  expect((await done(guest.client, { ...DRY, datapool: { dataset_id: id } })).picked).toEqual(["other.jpg"]);
});

test("files that the checks would leave out stay without them; embeddings files name what is selected, and their column of scores", async () => {
  const { folder, client } = await scene.dataset("columns");
  await writePictures(folder, numbered(4));
  await writeOld(join(folder, "004.png"), await readFile(join(folder, "000.jpg")));
  const rows = ["000.jpg,0,1,1,0.1", "001.jpg,1,0,0,0.3", "002.jpg,2,0,0,0.9", "003.jpg,3,0,0,0.2", "004.png,4,4,0,0.8"].map((row) => `${row},0`);
  await writeFile(join(shared, "columns.csv"), ["filenames,embedding_0,embedding_1,selected,worth,labels", ...rows].join("\n"));
  const config = { ...DRY, embeddings: "columns.csv", normalize_embeddings: false, method: "active_learning", active_learning_score_column_name: "worth", remove_exact_duplicates: false, stopping_condition: { n_samples: 2 } };
  const strict = await done(client, config);
  expect(strict.picked, strict.lines).toEqual(["001.jpg", "002.jpg"]);
  expect((await done(client, { ...config, enable_corruptness_check: false })).picked).toEqual(["002.jpg", "004.png"]);
  expect((await done(client, { ...config, stopping_condition: { n_samples: 4 }, enable_corruptness_check: false })).picked).toEqual(["001.jpg", "002.jpg", "003.jpg", "004.png"]);
});

test("the older scorer's numbers, detections that an image must have, and crops that are not wanted", async () => {
  const { id, folder, client } = await scene.dataset("objects");
  await writePictures(folder, numbered(2));
  await writeOld(join(folder, ".lightly/predictions/tasks.json"), JSON.stringify(["cars"]));
  await writeOld(join(folder, ".lightly/predictions/cars/schema.json"), JSON.stringify({ task_type: "object-detection", categories: [{ id: 0, name: "car" }] }));
  for (const [name, boxes] of [["000", 1], ["001", 3]] as const) {
    await writeOld(join(folder, `.lightly/predictions/cars/${name}.json`), JSON.stringify({ file_name: `${name}.jpg`, predictions: Array.from({ length: boxes }, (_, box) => ({ category_id: 0, bbox: [40 * box, 10, 30, 40 + box], score: 0.8 })) }));
  }
  const config = { ...DRY, method: "active_learning", active_learning: { task_name: "cars", score_name: "object_frequency" }, stopping_condition: { n_samples: 1 } };
  expect((await done(client, config)).picked).toEqual(["001.jpg"]);
  // Further boxes add nothing, or all values are the lowest one: the first of equals is taken.
  expect((await done(client, { ...config, scorer_config: { frequency_penalty: 0 } })).picked).toEqual(["000.jpg"]);
  expect((await done(client, { ...config, scorer_config: { min_score: 1 } })).picked).toEqual(["000.jpg"]);

  await writeFile(join(shared, "least.json"), JSON.stringify({ train: 3 }));
  const least = await done(client, { ...DRY, pretagging: true, pretagging_config: "least.json" });
  expect([least.run.state, least.picked], least.lines).toEqual(["COMPLETED", []]);

  const children = async () => (await client.call(domains.datasets.getChildrenOfDatasetId, { path: { datasetId: id } })).map(({ name }) => name);
  const objects = { object_level: { task_name: "cars", crop_dataset_name: "cut out" }, stopping_condition: { n_samples: 1 } };
  expect((await done(client, { ...objects, crops: { enable_upload: false } })).run.state).toBe("COMPLETED");
  expect((await done(client, { ...objects, crops: { enable_upload_for_tasks: ["people"] } })).run.state).toBe("COMPLETED");
  expect(await children()).toEqual([]);
  expect((await done(client, { ...objects, crops: { enable_upload_for_tasks: ["cars"] } })).run.state).toBe("COMPLETED");
  expect(await children()).toEqual(["cut out"]);
});

test("frames: trusted counts, a cache, no timeline, a strict score of corruption; and a datasource that is not tried first", async () => {
  const { folder, client } = await scene.dataset("frames");
  await drawVideo(join(folder, "short.mp4"), { frames: 12, width: 96, height: 64 });
  await age(join(folder, "short.mp4"));
  const config = { ...DRY, stopping_condition: { n_samples: 2 } };
  const usual = await done(client, config);
  expect(usual.run.state, usual.lines).toBe("COMPLETED");
  expect(await readFile(join(usual.folder, "report.html"), "utf8")).toMatch(/Timeline|timeline/);
  const fast = await done(client, { ...config, datasource: { enable_datapool_update: false, use_frame_count_metadata: true, bypass_verify: true, use_redirected_read_url: true }, cache_size: 10_000_000, show_video_sampling_timeline: false });
  expect(fast.picked).toEqual(usual.picked);
  expect(fast.lines).toContain("use_redirected_read_url changes nothing");
  expect(existsSync(join(fast.folder, "plots")) && readFileSync(join(fast.folder, "report.html"), "utf8").length).toBeLessThan(readFileSync(join(usual.folder, "report.html"), "utf8").length);
  const strict = await done(client, { ...config, corruptness_check: { corruption_threshold: 0 } });
  expect(strict.run.message).toMatch(/can be used|broken/);
});

const KEYS = "e2e/worker-keys.test.ts";
const CONFIGURATION = "e2e/worker-configuration.test.ts";
const VIDEOS = "e2e/worker-videos.test.ts";
/** Where it is tested what a key changes. */
const SEEN: Readonly<Record<string, string>> = {
  "docker.enable_corruptness_check": KEYS,
  "docker.corruptness_check.corruption_threshold": KEYS,
  "docker.remove_exact_duplicates": CONFIGURATION,
  "docker.relevant_filenames_file": CONFIGURATION,
  "docker.datasource.process_all": "e2e/worker-runs.test.ts",
  "docker.datasource.enable_datapool_update": CONFIGURATION,
  "docker.datasource.use_frame_count_metadata": KEYS,
  "docker.datasource.use_redirected_read_url": KEYS,
  "docker.datasource.bypass_verify": KEYS,
  "docker.datasource.input_expiration.min_days_to_expiration": "apps/worker/src/files/source-files.test.ts",
  "docker.datasource.input_expiration.handling_strategy": "apps/worker/src/files/source-files.test.ts",
  "docker.num_processes": KEYS,
  "docker.num_threads": KEYS,
  "docker.cache_size": KEYS,
  "docker.shutdown_when_job_finished": "e2e/worker-program.test.ts",
  "docker.checkpoint": KEYS,
  "docker.checkpoint_run_id": KEYS,
  "docker.embeddings": CONFIGURATION,
  "docker.enable_training": "packages/contract/src/run-configuration/run-configuration.test.ts",
  "docker.normalize_embeddings": CONFIGURATION,
  "docker.append_weak_labels": CONFIGURATION,
  "docker.pretagging": CONFIGURATION,
  "docker.pretagging_debug": CONFIGURATION,
  "docker.pretagging_upload": CONFIGURATION,
  "docker.pretagging_config": KEYS,
  "docker.method": CONFIGURATION,
  "docker.stopping_condition.n_samples": CONFIGURATION,
  "docker.stopping_condition.min_distance": CONFIGURATION,
  "docker.selected_sequence_length": VIDEOS,
  "docker.scorer": CONFIGURATION,
  "docker.scorer_config.frequency_penalty": KEYS,
  "docker.scorer_config.min_score": KEYS,
  "docker.active_learning_score_column_name": KEYS,
  "docker.active_learning.task_name": CONFIGURATION,
  "docker.active_learning.score_name": CONFIGURATION,
  "docker.object_level.task_name": VIDEOS,
  "docker.object_level.crop_dataset_name": KEYS,
  "docker.object_level.padding": VIDEOS,
  "docker.datapool.name": CONFIGURATION,
  "docker.datapool.keep_history": KEYS,
  "docker.datapool.dataset_id": KEYS,
  "docker.use_datapool": KEYS,
  "docker.crops.enable_upload": KEYS,
  "docker.crops.enable_upload_for_tasks": KEYS,
  "docker.dump_dataset": CONFIGURATION,
  "docker.dump_sampled_embeddings": KEYS,
  "docker.output_image_size": CONFIGURATION,
  "docker.output_image_format": CONFIGURATION,
  "docker.upload_report": CONFIGURATION,
  "docker.n_example_images": CONFIGURATION,
  "docker.memory_requirement_in_GB": CONFIGURATION,
  "docker.show_video_sampling_timeline": KEYS,
  "docker.run_directory": CONFIGURATION,
  "lightly.loader.batch_size": KEYS,
  "lightly.loader.num_workers": KEYS,
  "lightly.model.name": KEYS,
  "lightly.collate.input_size": KEYS,
  "lightly.seed": CONFIGURATION,
  "lightly.resize": KEYS,
  "selection.n_samples": CONFIGURATION,
  "selection.proportion_samples": CONFIGURATION,
};

test("every key that works has a test, and every other says that it changes nothing", () => {
  const root = join(import.meta.dirname, "..");
  const working = runConfigurationCatalogue.filter(({ use }) => use === "works").map(({ dictionary, path }) => `${dictionary}.${path}`);
  expect(Object.keys(SEEN).toSorted()).toEqual(working.toSorted());
  for (const [key, file] of Object.entries(SEEN)) {
    const leaf = key.slice(key.lastIndexOf(".") + 1);
    const camel = leaf.replace(/_([a-zA-Z])/g, (_, letter: string) => letter.toUpperCase());
    // In this file the table itself doesn't count.
    const text = readFileSync(join(root, file), "utf8").split("const SEEN:")[0]!;
    expect(text.includes(`${leaf}:`) || text.includes(`${camel}:`), `${key} in ${file}`).toBe(true);
  }
  for (const { dictionary, path, use, default: value } of runConfigurationCatalogue) {
    if (use === "works" || dictionary === "selection" || value === null || value === "") continue;
    const written = path.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Config;
    expect(readRunConfiguration({ [dictionary]: written }).notices.join(" "), path).toContain(`${dictionary}.${path}`);
  }
});
