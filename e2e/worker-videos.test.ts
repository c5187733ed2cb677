/** Runs on videos, on sequences and on objects, against the real server. */
import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type ApiWorkflowClient, domains } from "@winnow/client";
import { type Pixels, decodeImage, drawVideo, sniffFormat } from "@winnow/media";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { RunScene, age, numbered, writeOld, writePictures } from "./worker-scene.ts";

/** Runs take their time where many tests run side by side. */
vi.setConfig({ testTimeout: 240_000 });

let scene: RunScene;
beforeAll(async () => {
  scene = await RunScene.begin();
});
afterAll(() => scene.end());

/** The number that a drawn frame shows: a row of blocks, the lowest bit at the left. */
function numberOf({ width, height, data }: Pixels): number {
  const y = Math.floor(height * 0.85);
  return Array.from({ length: 16 }, (_, bit) => (data[(y * width + Math.floor(((bit + 0.5) * width) / 16)) * 3]! > 128 ? 2 ** bit : 0)).reduce((sum, one) => sum + one);
}

async function completed(id: string, lines: readonly string[]) {
  const run = await scene.lastRun(id);
  expect(run.state, `${run.message} ${lines.join("\n")}`).toBe("COMPLETED");
  return run;
}

async function samplesOf(client: ApiWorkflowClient) {
  return client.call(domains.samples.getSamplesByDatasetId, { path: { datasetId: await client.datasetId }, query: { mode: "full" } });
}

test("frames are selected as exactly as they decode, and stored as images", async () => {
  const { id, folder, client } = await scene.dataset("videos");
  await drawVideo(join(folder, "drive.mp4"), { frames: 30, width: 160, height: 120 });
  await age(join(folder, "drive.mp4"));
  await drawVideo(join(folder, "whole.mp4"), { frames: 40, width: 160, height: 120 });
  const whole = await readFile(join(folder, "whole.mp4"));
  await writeOld(join(folder, "cut.mp4"), whole.subarray(0, Math.floor(whole.length / 3)));
  await rm(join(folder, "whole.mp4"));
  await writePictures(folder, ["still.jpg"], 77);
  await writeOld(join(folder, ".lightly/metadata/schema.json"), JSON.stringify([{ name: "City", path: "city", defaultValue: "nowhere", valueDataType: "CATEGORICAL_STRING" }]));
  await writeOld(join(folder, ".lightly/metadata/drive.json"), JSON.stringify({ file_name: "drive.mp4", type: "video", metadata: { city: "Bonn" } }));
  await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 6 } } });
  const lines = await scene.work();
  const run = await completed(id, lines);
  const samples = await samplesOf(client);
  expect(samples).toHaveLength(6);
  const frames = samples.filter(({ type }) => type === "VIDEO_FRAME");
  expect(frames.length).toBeGreaterThan(3);
  for (const { fileName, videoFrameData, customMetaData, thumbName } of frames) {
    const index = videoFrameData!.sourceVideoFrameIndex!;
    expect(fileName).toBe(`drive-${String(index).padStart(2, "0")}-mp4.png`);
    expect(videoFrameData!.sourceVideo).toBe("drive.mp4");
    expect(customMetaData).toEqual({ city: "Bonn" });
    const bytes = await readFile(join(folder, ".lightly/frames", fileName));
    expect(sniffFormat(bytes)).toBe("png");
    expect(numberOf(await decodeImage(bytes))).toBe(index);
    expect(sniffFormat(await readFile(join(folder, thumbName!)))).toBe("png");
  }
  // The video that is cut short is told of.
  const json = run.artifacts!.find(({ type }) => type === "CORRUPTNESS_CHECK_INFORMATION")!;
  const url = await client.call(domains.workers.getDockerRunArtifactReadUrlById, { path: { runId: run.id, artifactId: json.id } });
  expect(JSON.stringify(await (await fetch(url)).json())).toContain("cut.mp4");
});

test("of a video that breaks off, the frames that are there are used, and it is told of", async () => {
  const { id, folder, client } = await scene.dataset("half a video");
  // What describes the video comes first, so that it opens although its end is missing.
  await drawVideo(join(folder, "whole.mp4"), { frames: 40, width: 160, height: 120, encoding: ["-movflags", "+faststart"] });
  const whole = await readFile(join(folder, "whole.mp4"));
  await writeOld(join(folder, "half.mp4"), whole.subarray(0, Math.floor(whole.length * 0.6)));
  await rm(join(folder, "whole.mp4"));
  await client.scheduleComputeWorkerRun({ workerConfig: { corruptness_check: { corruption_threshold: 1 } } });
  const lines = await scene.work();
  const run = await completed(id, lines);
  const names = (await samplesOf(client)).map(({ fileName }) => fileName);
  expect(names.length).toBeGreaterThan(5);
  expect(names.length).toBeLessThan(40);
  expect(run.message).toContain(`All ${names.length} were selected: nothing limited the selection.`);
  expect(names).toEqual(names.map((_, index) => `half-${String(index).padStart(2, "0")}-mp4.png`));
  const json = run.artifacts!.find(({ type }) => type === "CORRUPTNESS_CHECK_INFORMATION")!;
  const url = await client.call(domains.workers.getDockerRunArtifactReadUrlById, { path: { runId: run.id, artifactId: json.id } });
  const told = JSON.stringify(await (await fetch(url)).json());
  expect(told).toContain(`"half.mp4","reason":"the video is cut short or damaged: ${names.length} of 40 frames can be decoded"`);
});

test("sequences of frames that follow one another", async () => {
  const { id, folder, client } = await scene.dataset("sequences");
  await drawVideo(join(folder, "long.mp4"), { frames: 23, width: 96, height: 64 });
  await age(join(folder, "long.mp4"));
  await writePictures(join(folder, "images"), numbered(9));
  await client.scheduleComputeWorkerRun({ workerConfig: { selected_sequence_length: 4, stopping_condition: { n_samples: 12 } } });
  const output = join(scene.folder, "sequences-output");
  const lines = await scene.work({ output });
  await completed(id, lines);
  const names = (await client.getFilenames()).toSorted();
  expect(names).toHaveLength(12);
  const [date] = await readdir(output);
  const [time] = await readdir(join(output, date!));
  const information = JSON.parse(await readFile(join(output, date!, time!, "data/sequence_information.json"), "utf8")) as { frame_indices?: number[]; frame_names?: string[]; filenames?: string[] }[];
  expect(information).toHaveLength(3);
  expect(information.flatMap(({ frame_names: frames, filenames }) => frames ?? filenames ?? []).sort()).toEqual(names);
  for (const { frame_indices: indices } of information) if (indices) expect(indices).toEqual([0, 1, 2, 3].map((i) => indices[0]! + i));
});

test("objects are cut out, selected, and go into a dataset of their own beside their images", async () => {
  const { id, folder, client } = await scene.dataset("objects");
  const names = numbered(6);
  await writePictures(folder, names);
  await writeOld(join(folder, ".lightly/predictions/tasks.json"), JSON.stringify(["things"]));
  await writeOld(join(folder, ".lightly/predictions/things/schema.json"), JSON.stringify({ task_type: "object-detection", categories: [{ id: 3, name: "thing" }] }));
  for (const [i, name] of names.entries()) {
    const predictions = [{ category_id: 3, bbox: [10, 10, 40 + i, 30], score: 0.9 }, { category_id: 3, bbox: [90, 50, 30, 50], score: 0.4 }, { category_id: 3, bbox: [500, 500, 10, 10], score: 0.1 }];
    await writeOld(join(folder, ".lightly/predictions/things", name.replace(".jpg", ".json")), JSON.stringify({ file_name: name, predictions }));
  }
  const workerConfig = { object_level: { task_name: "things", padding: 0.1 }, stopping_condition: { n_samples: 5 } };
  await client.scheduleComputeWorkerRun({ workerConfig });
  await completed(id, await scene.work());
  const children = await client.call(domains.datasets.getChildrenOfDatasetId, { path: { datasetId: id } });
  expect(children.map(({ name, type }) => [name, type])).toEqual([["objects-crops", "Crops"]]);
  const crops = scene.newClient();
  await crops.setDatasetId(children[0]!.id);
  const samples = await samplesOf(crops);
  expect(samples).toHaveLength(5);
  const images = await samplesOf(client);
  for (const { type, fileName, cropData, id: sampleId } of samples) {
    expect(type).toBe("CROP");
    expect(cropData).toMatchObject({ predictionTaskName: "things", predictionTaskCategoryId: 3 });
    const parent = images.find((image) => image.id === cropData!.parentId)!;
    expect(fileName).toBe(`${parent.fileName.slice(0, 3)}-things-00${cropData!.predictionIndex}-jpg.jpg`);
    const { width, height } = await decodeImage(await readFile(join(folder, ".lightly/crops", fileName)));
    const box = cropData!.predictionIndex === 0 ? [40 + Number(parent.fileName.slice(0, 3)), 30] : [30, 50];
    expect(Math.abs(width - box[0]! * 1.1)).toBeLessThanOrEqual(2);
    expect(Math.abs(height - box[1]! * 1.1)).toBeLessThanOrEqual(2);
    const url = await crops.call(domains.samples.getSampleImageReadUrlById, { path: { datasetId: children[0]!.id, sampleId }, query: { type: "full" } });
    expect((await fetch(url)).status).toBe(200);
  }
  expect(new Set(images.map(({ fileName }) => fileName))).toEqual(new Set(samples.map(({ fileName }) => `${fileName.slice(0, 3)}.jpg`)));
  // The same again with new files goes into the same dataset.
  await client.scheduleComputeWorkerRun({ workerConfig: { ...workerConfig, datasource: { process_all: true }, stopping_condition: { n_samples: 2 } } });
  await completed(id, await scene.work());
  expect(await crops.getFilenames()).toHaveLength(7);
  expect(await client.call(domains.datasets.getChildrenOfDatasetId, { path: { datasetId: id } })).toHaveLength(1);
});
