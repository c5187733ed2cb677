/** A run on a bucket of S3 and one on a container of Azure, by way of emulators: the worker has no credentials of either. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { domains } from "@winnow/client";
import { drawVideo, sniffFormat } from "@winnow/media";
import { openSource, type SourceConfig } from "@winnow/storage";
import { azureSignature, azuriteAccount, createAzureContainer, s3Key, s3Region, startAzurite, startS3Server } from "@winnow/storage/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { RunScene, numbered, writePictures } from "./worker-scene.ts";

/** Runs take their time where many tests run side by side. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let local: string;
let s3: Awaited<ReturnType<typeof startS3Server>>;
let azurite: Awaited<ReturnType<typeof startAzurite>>;
let scene: RunScene;

beforeAll(async () => {
  local = await mkdtemp(join(tmpdir(), "winnow-cloud-files-"));
  await writePictures(local, numbered(7));
  await drawVideo(join(local, "short.mp4"), { frames: 8, width: 96, height: 64 });
  [s3, azurite] = await Promise.all([startS3Server("pictures"), startAzurite()]);
  await createAzureContainer(azurite.endpoint, "pictures");
  scene = await RunScene.begin({ s3Endpoint: s3.endpoint, azureEndpoint: azurite.endpoint });
});
afterAll(async () => {
  await scene?.end();
  await s3?.close();
  await azurite?.close();
  await rm(local, { recursive: true, force: true });
});

const clouds = {
  S3: (): SourceConfig => ({ type: "S3", fullPath: "s3://pictures/drives", s3Region, s3AccessKeyId: s3Key.accessKeyId, s3SecretAccessKey: s3Key.secretAccessKey }),
  Azure: (): SourceConfig => ({ type: "AZURE", fullPath: "pictures/drives", accountName: azuriteAccount.accountName, accountKey: azureSignature("pictures", "rwdlc") }),
};

test.each(Object.keys(clouds) as (keyof typeof clouds)[])("%s: images and frames are read there and thumbnails and frames written there", async (cloud) => {
  const config = clouds[cloud]();
  const source = await openSource(config, { s3: { endpoint: s3.endpoint }, azure: { endpoint: azurite.endpoint } });
  for (const name of [...numbered(7), "short.mp4"]) await source.write(name, await readFile(join(local, name)));
  await source.write("broken.jpg", Buffer.from("nothing"));
  const client = scene.newClient();
  await client.createDataset(`cloud ${cloud}`);
  if (config.type === "S3") await client.setS3Config(config.fullPath, s3Region, s3Key.accessKeyId, s3Key.secretAccessKey);
  else if (config.type === "AZURE") await client.setAzureConfig(config.fullPath, config.accountName, config.accountKey);
  await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 6 } } });
  const lines = await scene.work();
  const datasetId = await client.datasetId;
  const run = await scene.lastRun(datasetId);
  expect(run.state, `${run.message} ${lines.join("\n")}`).toBe("COMPLETED");
  const samples = await client.call(domains.samples.getSamplesByDatasetId, { path: { datasetId }, query: { mode: "full" } });
  expect(samples).toHaveLength(6);
  expect(new Set(samples.map(({ type }) => type))).toEqual(new Set(["IMAGE", "VIDEO_FRAME"]));
  for (const { fileName, thumbName, type, id: sampleId } of samples) {
    expect(sniffFormat(await buffer(await source.read(thumbName!)))).toBe(type === "IMAGE" ? "jpeg" : "png");
    if (type === "VIDEO_FRAME") expect(sniffFormat(await buffer(await source.read(`.lightly/frames/${fileName}`)))).toBe("png");
    const url = await client.call(domains.samples.getSampleImageReadUrlById, { path: { datasetId, sampleId }, query: { type: "thumbnail" } });
    expect((await fetch(url)).status).toBe(200);
  }
  expect(JSON.stringify([run, lines])).not.toMatch(/S3RVER|sig=/);
});
