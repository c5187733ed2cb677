/** What the keys of a configuration do, against the real server. */
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ApiWorkflowClient, domains } from "@winnow/client";
import { decodeImage, sniffFormat } from "@winnow/media";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { RunScene, numbered, writeOld, writePictures } from "./worker-scene.ts";

/** Runs take their time where many tests run side by side. */
vi.setConfig({ testTimeout: 240_000 });

let scene: RunScene;
let shared: string;
beforeAll(async () => {
  scene = await RunScene.begin();
  shared = join(scene.folder, "shared");
  await mkdir(shared);
});
afterAll(() => scene.end());

type Config = Readonly<Record<string, unknown>>;

/** Schedules a run, does it, and gives what became of it. */
async function done(client: ApiWorkflowClient, workerConfig: Config, more: { readonly lightlyConfig?: Config; readonly selectionConfig?: Config; readonly output?: string } = {}) {
  const { output, selectionConfig, lightlyConfig } = more;
  const { id: configId } = await client.call(domains.workers.createDockerWorkerConfig, { body: { config: { workerType: "FULL", docker: { ...workerConfig }, lightly: { ...lightlyConfig }, ...(selectionConfig === undefined ? {} : { selection: { ...selectionConfig } }) } } });
  const datasetId = await client.datasetId;
  await client.call(domains.workers.createDockerRunScheduledByDatasetId, { path: { datasetId }, body: { configId, priority: "MID" } });
  const lines = await scene.work({ shared, ...(output === undefined ? {} : { output }) });
  const run = await scene.lastRun(datasetId);
  return { run, lines, names: (await client.getFilenames()).toSorted() };
}

/** Images with predictions of two tasks and metadata: the higher the number, the surer the model, and the hotter. */
async function described(name: string, count: number) {
  const scenery = await scene.dataset(name);
  const { folder } = scenery;
  const names = numbered(count);
  await writePictures(folder, names);
  await writeOld(join(folder, ".lightly/metadata/schema.json"), JSON.stringify([{ name: "Temperature", path: "air.temperature", defaultValue: 0, valueDataType: "NUMERIC_FLOAT" }, { name: "Side", path: "side", defaultValue: "none", valueDataType: "CATEGORICAL_STRING" }]));
  await writeOld(join(folder, ".lightly/predictions/tasks.json"), JSON.stringify(["weather", "cars"]));
  await writeOld(join(folder, ".lightly/predictions/weather/schema.json"), JSON.stringify({ task_type: "classification", categories: [{ id: 0, name: "rain" }, { id: 1, name: "sun" }] }));
  await writeOld(join(folder, ".lightly/predictions/cars/schema.json"), JSON.stringify({ task_type: "object-detection", categories: [{ id: 0, name: "car" }, { id: 1, name: "bus" }] }));
  for (const [i, file] of names.entries()) {
    const side = file.replace(".jpg", ".json");
    const sure = 0.5 + (0.5 * i) / count;
    await writeOld(join(folder, ".lightly/metadata", side), JSON.stringify({ file_name: file, type: "image", metadata: { air: { temperature: i }, side: i < count / 2 ? "left" : "right" } }));
    await writeOld(join(folder, ".lightly/predictions/weather", side), JSON.stringify({ file_name: file, predictions: [{ category_id: 0, probabilities: [sure, 1 - sure] }] }));
    await writeOld(join(folder, ".lightly/predictions/cars", side), JSON.stringify({ file_name: file, predictions: Array.from({ length: i % 4 }, (_, box) => ({ category_id: box % 2, bbox: [20 * box, 10, 25, 40], score: 0.8 })) }));
  }
  return { ...scenery, names };
}

test("active learning takes what the model is least sure of; coral and the older scorer need scores too", async () => {
  const { client, names } = await described("scores", 12);
  const { run, names: chosen } = await done(client, { method: "active_learning", active_learning: { task_name: "weather", score_name: "uncertainty_margin" }, stopping_condition: { n_samples: 3 } });
  expect(run.state, run.message).toBe("COMPLETED");
  expect(chosen).toEqual(names.slice(0, 3));
  // Of what is left, with distances: any, but as many.
  const coral = await done(client, { method: "coral", active_learning: { task_name: "cars", score_name: "object_frequency" }, stopping_condition: { n_samples: 2 }, datasource: { process_all: true } });
  expect(coral.run.state, coral.run.message).toBe("COMPLETED");
  expect(coral.names).toHaveLength(5);
  const wrong = await done(client, { method: "active_learning", active_learning: { task_name: "cars", score_name: "no_such_score" }, datasource: { process_all: true } });
  expect(wrong.run).toMatchObject({ state: "FAILED", message: expect.stringContaining("it gives object_frequency") as string });
});

test("strategies: thresholds, weights, balances, diversity, similarity, of metadata, scores and predictions", async () => {
  const { client, names } = await described("strategies", 12);
  const first = await done(client, {}, {
    selectionConfig: {
      n_samples: 3,
      strategies: [
        { input: { type: "METADATA", key: "Temperature" }, strategy: { type: "THRESHOLD", threshold: 8, operation: "SMALLER" } },
        { input: { type: "METADATA", key: "air.temperature" }, strategy: { type: "WEIGHTS" } },
      ],
    },
  });
  expect(first.run.state, first.run.message).toBe("COMPLETED");
  expect(first.names).toEqual(["005.jpg", "006.jpg", "007.jpg"]);

  const second = await done(client, { datasource: { process_all: true } }, {
    selectionConfig: { nSamples: 3, strategies: [{ input: { type: "METADATA", key: "Side" }, strategy: { type: "BALANCE", target: { left: 0.5, right: 0.5 } } }, { input: { type: "PREDICTIONS", task: "cars", name: "CATEGORY_COUNT", categories: ["bus"] }, strategy: { type: "THRESHOLD", threshold: 0, operation: "BIGGER" } }] },
  });
  expect(second.run.state, second.run.message).toBe("COMPLETED");
  // One on the left so far, two on the right: the next three make it three and three.
  const sides = second.names.map((name) => (Number(name.slice(0, 3)) < 6 ? "left" : "right"));
  expect(sides.filter((side) => side === "left")).toHaveLength(3);
  expect(second.names.filter((name) => !first.names.includes(name)).every((name) => Number(name.slice(0, 3)) % 4 >= 2)).toBe(true);

  const third = await done(client, { datasource: { process_all: true } }, {
    selectionConfig: {
      proportion_samples: 0.5,
      strategies: [
        { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } },
        { input: { type: "EMBEDDINGS", task: "cars" }, strategy: { type: "DIVERSITY", strength: 0.5 } },
        { input: { type: "SCORES", task: "weather", score: "uncertainty_entropy" }, strategy: { type: "WEIGHTS", strength: 0.1 } },
        { input: { type: "PREDICTIONS", task: "weather", name: "CLASS_DISTRIBUTION" }, strategy: { type: "BALANCE", distribution: "INPUT" } },
        { input: { type: "EMBEDDINGS", dataset_id: await client.datasetId, tag_name: "initial-tag" }, strategy: { type: "SIMILARITY" } },
        { input: { type: "EMBEDDINGS" }, strategy: { type: "TYPICALITY", num_nearest_neighbors: 3 } },
        { input: { type: "RANDOM", random_seed: 3 }, strategy: { type: "WEIGHTS", strength: 0.1 } },
      ],
    },
  });
  expect(third.run.state, third.run.message).toBe("COMPLETED");
  expect(third.names).toHaveLength(9);
  expect(names).toEqual(expect.arrayContaining(third.names));

  const wrong = await done(client, { datasource: { process_all: true } }, { selectionConfig: { n_samples: 1, strategies: [{ input: { type: "METADATA", key: "Humidity" }, strategy: { type: "WEIGHTS" } }] } });
  expect(wrong.run).toMatchObject({ state: "FAILED", message: "There is no metadata Humidity: the schema has Temperature, Side." });
});

test("an embeddings file takes the model's place, with its masks, selections and scores", async () => {
  const { folder, client } = await scene.dataset("embeddings file");
  const names = numbered(6);
  await writePictures(folder, names);
  const rows = names.map((name, i) => [name, i === 4 ? 10 : i, 0, i === 2 ? 1 : 0, 0, i / 10, 0].join(","));
  await writeFile(join(shared, "mine.csv"), ["filenames,embedding_0,embedding_1,masked,selected,al_score,labels", ...rows].join("\n"));
  const { run, names: chosen } = await done(client, { embeddings: "mine.csv", normalize_embeddings: false, remove_exact_duplicates: true, method: "active_learning", stopping_condition: { n_samples: 4 } });
  expect(run.state, run.message).toBe("COMPLETED");
  expect(chosen).toEqual(["001.jpg", "003.jpg", "004.jpg", "005.jpg"]);
  await client.setEmbeddingIdToLatest();
  const url = await client.call(domains.embeddings.getEmbeddingsCsvReadUrlById, { path: { datasetId: await client.datasetId, embeddingId: client.embeddingId! } });
  expect((await (await fetch(url)).text()).trim().split("\n").sort().slice(-5)).toEqual(["001.jpg,1,0,0", "003.jpg,3,0,0", "004.jpg,10,0,0", "005.jpg,5,0,0", "filenames,embedding_0,embedding_1,labels"]);
  await writeFile(join(shared, "short.csv"), "filenames,embedding_0,embedding_1,labels\n000.jpg,1,2,0\n");
  expect((await done(client, { embeddings: "short.csv", datasource: { process_all: true } })).run).toMatchObject({ state: "FAILED", message: expect.stringContaining("has no row for") as string });
  expect((await done(client, { embeddings: "nowhere.csv" })).run.message).toMatch(/Nothing new|there is no file nowhere\.csv/);
});

test("relevant file names, shares, dumps, weak labels, and a run that only reports", async () => {
  const { folder, client } = await scene.dataset("many keys");
  await writePictures(folder, [...numbered(6, 0, "a/"), ...numbered(6, 10, "b/")]);
  await writeOld(join(folder, "wanted.txt"), "a/*\nb/010.jpg\nb/nowhere.jpg\n");
  const output = join(scene.folder, "many keys output");
  const dry = await done(client, { relevant_filenames_file: "wanted.txt", stopping_condition: { n_samples: 0.5 }, datasource: { enable_datapool_update: false }, dump_dataset: true, output_image_size: 40, output_image_format: "webp", run_directory: "first", n_example_images: 4, append_weak_labels: true, memory_requirement_in_GB: 0.5 }, { output });
  expect(dry.run.state, dry.run.message).toBe("COMPLETED");
  expect(dry.run.message).toMatch(/^4 of 7 images were selected, the dataset was left as it was\./);
  expect(dry.names).toEqual([]);
  expect(await client.getProcessedUntilTimestamp()).toBe(0);
  const dumped = (await readdir(join(output, "first/sampled/images"), { recursive: true })).filter((name) => name.endsWith(".webp"));
  expect(dumped).toHaveLength(4);
  const bytes = await readFile(join(output, "first/sampled/images", dumped[0]!));
  expect(sniffFormat(bytes)).toBe("webp");
  const { width, height } = await decodeImage(bytes);
  expect([width, height]).toEqual([53, 40]);
  expect(await readFile(join(output, "first/report.json"), "utf8")).toContain("b/nowhere.jpg");

  const random = await done(client, { method: "random", stopping_condition: { n_samples: 3 }, datasource: { process_all: true }, upload_report: false }, { lightlyConfig: { seed: 7, model: { name: "resnet-18" } } });
  expect(random.run.state, random.run.message).toBe("COMPLETED");
  expect(random.names).toHaveLength(3);
  expect(random.run.artifacts ?? []).toEqual([]);

  // All that is left and at least so far apart.
  const far = await done(client, { stopping_condition: { min_distance: 1.2 }, datasource: { process_all: true } });
  expect(far.run.state, far.run.message).toBe("COMPLETED");
  expect(far.run.message).toContain("nearer to a chosen one than the minimum distance");

  // What is known when a run is scheduled is told then.
  await expect(done(client, { relevant_filenames_file: "nowhere.txt" })).rejects.toThrow("nowhere.txt");
});

test("a local pool counts as chosen in later runs, whichever dataset they are on", async () => {
  const one = await scene.dataset("pool one");
  const two = await scene.dataset("pool two");
  await writePictures(one.folder, numbered(6));
  await writePictures(two.folder, numbered(6));
  await writePictures(two.folder, ["other.jpg"], 99);
  const first = await done(one.client, { datapool: { name: "mine" } });
  expect(first.run.state, first.run.message).toBe("COMPLETED");
  expect(first.names).toHaveLength(6);
  expect(existsSync(join(shared, "datapools/mine/embeddings.csv"))).toBe(true);
  const second = await done(two.client, { datapool: { name: "mine" } });
  expect(second.run.state, second.run.message).toBe("COMPLETED");
  expect(second.names).toEqual(["other.jpg"]);
  expect(await readdir(join(shared, "datapools/mine/history"))).toHaveLength(1);
});

test("pretagging finds objects for selections, reports and the datasource", async () => {
  const { folder, client } = await scene.dataset("pretagged");
  await writePictures(folder, numbered(4));
  const { run, names } = await done(client, { pretagging: true, pretagging_upload: true, pretagging_debug: true, method: "active_learning", scorer: "object-frequency", stopping_condition: { n_samples: 2 } });
  expect(run.state, run.message).toBe("COMPLETED");
  expect(names).toHaveLength(2);
  expect(run.messages!.map(({ state }) => state)).toContain("PRETAGGING");
  expect(JSON.parse(await readFile(join(folder, ".lightly/predictions/tasks.json"), "utf8"))).toEqual(["lightly_pretagging"]);
  expect(await readdir(join(folder, ".lightly/predictions/lightly_pretagging"))).toEqual(["000.json", "001.json", "002.json", "003.json", "schema.json"]);
  const [task] = await client.getPredictionTasks();
  expect(task!.categories.map(({ name }) => name)).toEqual(expect.arrayContaining(["bicycle", "bus", "car", "motorcycle", "person", "train", "truck"]));
});
