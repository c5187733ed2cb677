/** Three rounds of active learning against the real server. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ActiveLearningAgent, ApiWorkflowClient, ScorerClassification, SelectionConfig, type WinnowWarning } from "@winnow/client";
import { writeEmbeddingsCsv } from "@winnow/formats";
import { type RunningServer, startServer } from "@winnow/server";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";

const COUNT = 16;
const TOKEN = "a token of three rounds";
const name = (number: number) => `${String(number).padStart(2, "0")}.png`;

let folder: string;
let server: RunningServer;
let client: ApiWorkflowClient;
const warnings: WinnowWarning[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-rounds-"));
  server = await startServer({ dataFolder: join(folder, "data"), port: 0, ownerToken: TOKEN, logLevel: "silent" });
  client = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, onWarning: (warning) => warnings.push(warning) });
  client.waitTimeTillNextPoll = 0.05;
  const images = join(folder, "images");
  await mkdir(images);
  for (let number = 0; number < COUNT; number++) {
    const background = { r: 16 * number, g: 255 - 16 * number, b: 90 };
    await writeFile(join(images, name(number)), await sharp({ create: { width: 16, height: 16, channels: 3, background } }).png().toBuffer());
  }
  await client.createDataset("three rounds");
  await client.uploadDataset(images);
  const rows = Array.from({ length: COUNT }, (_, number) => ({ fileName: name(number), values: [Math.cos(number), Math.sin(number), number / COUNT], label: 0 }));
  const csv = join(folder, "embeddings.csv");
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeEmbeddingsCsv(rows)) chunks.push(chunk);
  await writeFile(csv, Buffer.concat(chunks));
  await client.uploadEmbeddings(csv, "default");
});

afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

it("each round adds to the one before, and the scores decide what", async () => {
  const agent = new ActiveLearningAgent(client);
  const querySet = await agent.querySet;
  expect(querySet.toSorted()).toEqual(Array.from({ length: COUNT }, (_, number) => name(number)));
  await expect(agent.addedSet).rejects.toThrow("before the first query");

  await agent.query(new SelectionConfig({ method: "CORESET", nSamples: 4, name: "round 1" }));
  const first = await agent.labeledSet;
  expect(first).toHaveLength(4);
  expect(await agent.addedSet).toEqual(first);

  // The model is unsure about the last ones by name, the more the later.
  const unsure = (fileName: string) => 0.5 + 0.03 * (COUNT - Number.parseInt(fileName));
  const predictions = querySet.map((fileName) => [unsure(fileName), 1 - unsure(fileName)]);
  const expected = querySet.filter((fileName) => !first.includes(fileName)).sort().slice(-3);
  await agent.query(new SelectionConfig({ method: "ACTIVE_LEARNING", nSamples: 7, name: "round 2", scoreType: "uncertainty_margin" }), new ScorerClassification(predictions));
  const second = await agent.labeledSet;
  expect((await agent.addedSet).toSorted()).toEqual(expected);
  expect(second.toSorted()).toEqual([...first, ...expected].sort());

  await agent.query(new SelectionConfig({ method: "CORAL", nSamples: 10, name: "round 3", scoreType: "uncertainty_entropy" }), new ScorerClassification(predictions));
  const third = await agent.labeledSet;
  expect(third).toHaveLength(10);
  expect(third).toEqual(expect.arrayContaining(second));
  expect(await agent.addedSet).toHaveLength(3);
  expect([...third, ...(await agent.unlabeledSet)].sort()).toEqual(querySet.toSorted());

  // Fewer than there are: a warning, and nothing changes.
  expect(warnings).toEqual([]);
  await agent.query(new SelectionConfig({ nSamples: 9, name: "round 4" }));
  expect(warnings).toHaveLength(1);
  expect(await agent.labeledSet).toEqual(third);
  expect((await client.getAllTags()).map((tag) => tag.name).sort()).toEqual(["initial-tag", "round 1", "round 2", "round 3"]);

  // Another agent can go on from the last tag, within a smaller query.
  const other = new ActiveLearningAgent(client, "round 3", "round 2");
  await expect(other.uploadScores(new ScorerClassification(predictions))).rejects.toThrow("the query set has 10 samples, but there are 16 scores");
  await other.query(new SelectionConfig({ nSamples: 8, name: "round 3 first" }));
  expect((await other.addedSet).every((fileName) => third.includes(fileName) && !second.includes(fileName))).toBe(true);
});
