/** The commands that work with a platform, against a real one: from a folder to a dataset and back. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { ApiWorkflowClient, domains } from "@winnow/client";
import { uprightSize } from "@winnow/media";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "../program.ts";
import { Scene } from "../testing/scene.ts";

const NAMES = ["a.jpg", "b.jpg", "sub/c.jpg", "sub/d.jpg", "e.jpg"];
let scene: Scene;
let client: ApiWorkflowClient;
interface Named {
  readonly name: string;
}
const lines = (text: string) => text.split("\n").slice(0, -1);
beforeAll(async () => {
  scene = await Scene.begin();
  client = new ApiWorkflowClient({ token: scene.token, serverUrl: scene.server.url, onWarning: () => undefined });
  await scene.pictures(NAMES.map((name) => `photos/${name}`));
});
afterAll(() => scene.end());

function embeddingsOf(names: readonly string[], width = 4): string {
  return `filenames,${Array.from({ length: width }, (_, i) => `embedding_${i}`).join(",")},labels\n${names.map((name, row) => `${name},${Array.from({ length: width }, (_, i) => (row * 3 + i * 5) % 7).join(",")},0\n`).join("")}`;
}

test("upload: into a new dataset, again, with more, and with a picture that went missing", async () => {
  expect(await scene.json(["upload", "photos"])).toMatchObject({ dataset: "photos", made: true, total: 5, uploaded: 5, skipped: 0, failed: [] });
  expect(await scene.json(["upload", "photos"])).toMatchObject({ dataset: "photos", made: false, uploaded: 0, skipped: 5, repaired: 0 });
  expect((await scene.json<Named[]>(["tags", "ls", "--dataset", "photos"])).map(({ name }) => name)).toEqual(["initial-tag"]);

  // As an upload that was killed between the two leaves it: registered, without a picture.
  await client.setDatasetIdByName("photos");
  const datasetId = await client.datasetId;
  await scene.picture("photos/f.jpg", 5);
  await client.call(domains.samples.createSampleByDatasetId, { path: { datasetId }, body: { fileName: "f.jpg" } });
  await scene.picture("photos/g.jpg", 6, { broken: true });
  const again = await scene.winnow(["upload", "photos", "--dataset", datasetId]);
  expect(again).toMatchObject({ code: EXIT.ok, stdout: `photos (${datasetId}): 1 uploaded, 5 there already, 1 repaired, 0 failed.\n` });
  expect(again.stderr).toMatch(/Broken: 1\n {2}g\.jpg: /);
  expect(again.stderr).not.toContain("\u001b");
  expect(await scene.winnow(["upload", "photos", "--new"])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("has samples already") });
  rmSync(scene.at("photos/g.jpg"));
  rmSync(scene.at("photos/f.jpg"));
});

test("upload: resized, thumbnails only, and what can't be", async () => {
  expect(await scene.json(["upload", "photos", "--dataset", "small ones", "--resize", "32"])).toMatchObject({ uploaded: 5 });
  await scene.winnow(["download", "--dataset", "small ones", "--images", "small"]);
  expect(await uprightSize(scene.at("small/sub/c.jpg"))).toEqual({ width: 48, height: 32 });
  expect(await scene.json(["upload", "photos", "--dataset", "thumbnails", "--mode", "thumbnails"])).toMatchObject({ uploaded: 5 });
  expect(await scene.winnow(["download", "--dataset", "thumbnails", "--images", "none"])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("no images to download") });
  mkdirSync(scene.at("empty"));
  const cases: [string[], number, RegExp][] = [
    [["upload", "nowhere"], EXIT.failure, /There is no folder .*nowhere/],
    [["upload", "empty"], EXIT.failure, /There are no images/],
    [["upload", "photos", "--dataset", "?"], EXIT.usage, /at least 3 characters/],
    [["upload", "photos", "--dataset", "f".repeat(24)], EXIT.failure, /no dataset with the id/],
    [["upload", "photos", "--mode", "some"], EXIT.usage, /--mode must be one of full, thumbnails, metadata/],
    [["upload", "photos", "--resize", "0x5"], EXIT.usage, /--resize must be/],
    [["upload", "photos", "--embeddings", "none.csv"], EXIT.failure, /There is no file .*none\.csv/],
    [["upload", "photos", "--server", "http://127.0.0.1:1", "--token", "x"], EXIT.failure, /The platform doesn't answer .*winnow server starts one/],
    [["upload", "photos", "--token", "a-wrong-token"], EXIT.failure, /doesn't know the token/],
  ];
  for (const [words, code, sentence] of cases) {
    const outcome = await scene.winnow(words);
    expect({ words, code: outcome.code, stdout: outcome.stdout }).toEqual({ words, code, stdout: "" });
    expect(outcome.stderr).toMatch(sentence);
    expect(outcome.stderr).not.toContain("a-wrong-token");
  }
}, 120_000);

test("upload with embeddings and metadata; images without a vector are left out; again nothing changes", async () => {
  scene.write("embeddings.csv", embeddingsOf(NAMES.slice(1)));
  scene.write("weather.csv", `filenames,weather,temperature,night,count\n${NAMES.map((name, i) => `${name},${i % 2 ? "rain" : "sun"},${i}.5,${i > 2},${i}\n`).join("")}`);
  const before = readFileSync(scene.at("embeddings.csv"));
  const words = ["upload", "photos", "--dataset", "with vectors", "--embeddings", "embeddings.csv", "--metadata", "weather.csv"];
  const first = await scene.json<{ embedding: { id: string } }>(words);
  expect(first).toMatchObject({ uploaded: 4, leftOut: [{ fileName: "a.jpg" }], embedding: { name: "default", vectors: 4, there: false } });
  expect(await scene.json(words)).toMatchObject({ uploaded: 0, skipped: 4, embedding: { id: first.embedding.id, there: true } });
  expect((await scene.winnow(words)).code).toBe(EXIT.incomplete);
  expect(readFileSync(scene.at("embeddings.csv"))).toEqual(before);
  expect(await scene.json(["datasets", "show", "with vectors"])).toMatchObject({ nSamples: 4, embeddings: [{ name: "default" }] });
  await client.setDatasetIdByName("with vectors");
  const path = { datasetId: await client.datasetId };
  const samples = await client.call(domains.samples.getSamplesByDatasetId, { path });
  expect(samples.find(({ fileName }) => fileName === "sub/d.jpg")!.customMetaData).toMatchObject({ weather: "rain", temperature: 3.5, night: true, count: 3 });
  const configurations = await client.call(domains.metadata.getMetaDataConfigurations, { path });
  expect(configurations.map(({ configs }) => configs.map((one) => `${one.path} ${one.valueDataType}`))).toEqual([["weather CATEGORICAL_STRING", "temperature NUMERIC_FLOAT", "night CATEGORICAL_BOOLEAN", "count NUMERIC_INT"]]);
});

test("import embeddings, metadata and predictions into a dataset that is there", async () => {
  expect(await scene.json(["upload", "photos", "--dataset", "imports"])).toMatchObject({ uploaded: 5 });
  const dataset = ["--dataset", "imports"];
  scene.write("all.csv", embeddingsOf(NAMES));
  expect(await scene.json(["import", "embeddings", "all.csv", ...dataset])).toMatchObject({ name: "default", there: false });
  expect(await scene.json(["import", "embeddings", "all.csv", ...dataset])).toMatchObject({ name: "default", there: true });
  scene.write("others.csv", embeddingsOf(NAMES.toReversed()));
  expect((await scene.json<Named>(["import", "embeddings", "others.csv", ...dataset])).name).toMatch(/^default_/);
  expect(await scene.winnow(["import", "embeddings", "embeddings.csv", "--name", "less", ...dataset])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining('"a.jpg" has none') });
  expect(await scene.winnow(["import", "embeddings", "all.csv", "--new", ...dataset])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("already") });

  scene.write("metadata.json", JSON.stringify({ images: [{ id: 1, file_name: "a.jpg" }, { id: 2, file_name: "nowhere.jpg" }], metadata: [{ image_id: 1, weather: { rain: true } }, { image_id: 2 }] }));
  const metadata = await scene.winnow(["import", "metadata", "metadata.json", ...dataset]);
  expect(metadata).toMatchObject({ code: EXIT.incomplete, stdout: "Metadata of 1 of 2 rows stored.\n", stderr: expect.stringContaining("nowhere.jpg") });
  scene.write("wrong.json", "{}");
  expect(await scene.winnow(["import", "metadata", "wrong.json", ...dataset])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining('"images" must be a list') });

  scene.write("boxes.csv", "filename,category,score,x,y,width,height\na.jpg,car,0.9,1,2,30,40\na.jpg,person,0.5,5,5,10,10\nsub/c.jpg,,,,,,\nnowhere.jpg,car,0.5,1,1,5,5\n");
  expect(await scene.json(["import", "predictions", "csv", "boxes.csv", "--task", "things", ...dataset])).toMatchObject({ images: 2, predictions: 2, unknown: 1, refused: [] });
  const exported = lines((await scene.winnow(["export", "predictions", ...dataset])).stdout).map((line) => JSON.parse(line) as { fileName: string; singletons: unknown[] });
  expect(exported.map(({ fileName, singletons }) => [fileName, singletons.length])).toEqual([["a.jpg", 2], ["b.jpg", 0], ["e.jpg", 0], ["sub/c.jpg", 0], ["sub/d.jpg", 0]]);
  expect(await scene.winnow(["import", "predictions", "yolo", "labels", "--task", "things", ...dataset])).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("--images") });
});

test("tags: made of a list, combined, shown, renamed, deleted", async () => {
  const tags = (...words: string[]) => scene.winnow(["tags", ...words, "--dataset", "imports"]);
  scene.write("first.txt", "a.jpg\nb.jpg\nb.jpg\n");
  expect(await tags("create", "first", "--from", "first.txt")).toMatchObject({ code: EXIT.ok, stdout: expect.stringMatching(/^Made the tag first \([0-9a-f]{24}\) of 2 samples\.\n$/) });
  async function* piped() {
    yield Buffer.from("b.jpg\nsub/");
    yield Buffer.from("c.jpg");
  }
  expect(await scene.winnow(["tags", "create", "second", "--from", "-", "--dataset", "imports"], { stdin: piped() })).toMatchObject({ code: EXIT.ok });
  expect((await tags("union", "first", "second", "either")).stdout).toContain("of 3 samples");
  expect((await tags("intersection", "first", "second", "both of them")).stdout).toContain("of 1 samples");
  expect((await tags("difference", "first", "second", "the rest")).stdout).toContain("of 1 samples");
  const download = async (tag: string, ...more: string[]) => lines((await scene.winnow(["download", "--dataset", "imports", "--tag", tag, ...more])).stdout);
  expect(await download("either")).toEqual(["a.jpg", "b.jpg", "sub/c.jpg"]);
  expect(await download("both of them")).toEqual(["b.jpg"]);
  expect(await download("the rest")).toEqual(["a.jpg"]);
  expect(await tags("create", "nested", "--from", "first.txt", "--parent", "either")).toMatchObject({ code: EXIT.ok });
  expect((await tags("ls")).stdout).toMatch(/^NAME +SAMPLES +FROM .*\n(.*\n)*nested +2 +either /);
  expect(await scene.json(["tags", "show", "nested", "--dataset", "imports"])).toMatchObject({ parent: "either", samples: 2, of: 5 });
  expect(await tags("rename", "nested", "renamed")).toMatchObject({ code: EXIT.ok });
  expect(await tags("rm", "renamed")).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("--yes") });
  expect(await tags("rm", "renamed", "--yes")).toMatchObject({ code: EXIT.ok });
  expect(await tags("show", "eiter")).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining('Do you mean "either"?') });
  expect(await tags("create", "more", "--from", "missing.txt")).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("missing.txt") });
  scene.write("strangers.txt", "z.jpg\n");
  expect(await tags("create", "more", "--from", "strangers.txt")).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining('"z.jpg"') });
});

test("download: a list, the images, copies from a folder, without the parent's; again nothing is fetched", async () => {
  const download = (...words: string[]) => scene.winnow(["download", "--dataset", "imports", ...words]);
  expect(await download("--tag", "either", "--out", "list.txt")).toMatchObject({ code: EXIT.ok, stdout: expect.stringContaining("3 names") });
  expect(lines(readFileSync(scene.at("list.txt"), "utf8"))).toEqual(["a.jpg", "b.jpg", "sub/c.jpg"]);
  expect(await download("--tag", "either", "--images", "fetched")).toMatchObject({ code: EXIT.ok, stdout: expect.stringMatching(/^3 of 3 images downloaded/) });
  expect(readFileSync(scene.at("fetched/sub/c.jpg"))).toEqual(readFileSync(scene.at("photos/sub/c.jpg")));
  expect(await scene.json(["download", "--dataset", "imports", "--tag", "either", "--images", "fetched"])).toMatchObject({ downloaded: 0, skipped: 3 });
  copyFileSync(scene.at("photos/e.jpg"), scene.at("elsewhere.jpg"));
  rmSync(scene.at("photos/e.jpg"));
  const copied = await download("--images", "copied", "--copy-from", "photos");
  expect(copied).toMatchObject({ code: EXIT.incomplete, stdout: expect.stringMatching(/^4 of 5 images copied .* 1 failed/), stderr: expect.stringContaining("e.jpg: there is no such file") });
  copyFileSync(scene.at("elsewhere.jpg"), scene.at("photos/e.jpg"));
  scene.write("part.txt", "a.jpg\n");
  await scene.winnow(["tags", "create", "part", "--from", "part.txt", "--parent", "first", "--dataset", "imports"]);
  expect((await download("--tag", "first", "--exclude-parent-tag")).stdout).toBe("");
  expect(await scene.json(["download", "--dataset", "imports", "--tag", "part"])).toMatchObject({ fileNames: ["a.jpg"] });
  expect(await download("--exclude-parent-tag")).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("made from no other") });
  expect(await download("--copy-from", "photos")).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("--images") });
  expect(readdirSync(scene.at("fetched")).toSorted()).toEqual(["a.jpg", "b.jpg", "sub"]);
});

test("export: every kind", async () => {
  const exported = async (kind: string, ...words: string[]) => (await scene.winnow(["export", kind, "--dataset", "imports", "--tag", "either", ...words])).stdout;
  const names = ["a.jpg", "b.jpg", "sub/c.jpg"];
  expect(lines(await exported("names"))).toEqual(names);
  expect(JSON.parse(await exported("names", "--json"))).toEqual(names);
  const urls = lines(await exported("urls", "--expires-in", "600"));
  expect(urls[0]).toBe("filename,url");
  const picture = await fetch(urls[1]!.slice("a.jpg,".length));
  expect(Buffer.from(await picture.arrayBuffer())).toEqual(readFileSync(scene.at("photos/a.jpg")));
  expect(JSON.parse(await exported("label-studio")).map(({ data }: { data: { lightlyFileName: string } }) => data.lightlyFileName)).toEqual(names);
  expect(JSON.parse(await exported("label-studio", "--with-metadata"))[0].data.lightlyMetaInfo).toMatchObject({ fileName: "a.jpg" });
  expect(JSON.parse(await exported("labelbox")).map(({ externalId }: { externalId: string }) => externalId)).toEqual(names);
  expect(JSON.parse(await exported("sama"))).toHaveLength(3);
  expect(lines(await exported("embeddings")).map((line) => line.split(",")[0])).toEqual(["filenames", ...names]);
  expect(await scene.winnow(["export", "embeddings", "--embedding", "none", "--dataset", "imports"])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining('"default"') });
  expect(await scene.winnow(["export", "zip", "--dataset", "imports"])).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("--out") });
  expect(await scene.json(["export", "zip", "--dataset", "imports", "--tag", "either", "--out", "either.zip"])).toMatchObject({ kind: "zip", bytes: statSync(scene.at("either.zip")).size });
  expect(readFileSync(scene.at("either.zip")).subarray(0, 2).toString()).toBe("PK");
  expect(await scene.winnow(["export", "cvat", "--dataset", "imports"])).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("label-studio") });
  type Coco = { images: { id: number; file_name: string }[]; annotations: { image_id: number; bbox: number[]; score: number }[]; categories: { name: string }[] };
  const coco = JSON.parse(await exported("coco", "--min-score", "0.6")) as Coco;
  expect(coco).toMatchObject({ categories: [{ name: "car" }, { name: "person" }], annotations: [{ bbox: [1, 2, 30, 40], score: 0.9 }] });
  expect(coco.images.map(({ file_name }) => file_name)).toEqual(names);
  expect(coco.annotations.map(({ image_id }) => coco.images.find(({ id }) => id === image_id)?.file_name)).toEqual(["a.jpg"]);
  expect(await scene.json(["export", "coco", "--dataset", "imports", "--task", "things", "--out", "coco.json"])).toMatchObject({ kind: "coco", bytes: statSync(scene.at("coco.json")).size });
  expect((JSON.parse(readFileSync(scene.at("coco.json"), "utf8")) as Coco).annotations).toHaveLength(2);
  expect(await scene.winnow(["export", "coco", "--dataset", "imports", "--min-score", "1.5"])).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("--min-score") });
  expect(await scene.winnow(["export", "coco", "--dataset", "imports", "--task", "none"])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining('"none"') });
  expect(await scene.winnow(["export", "predictions", "--dataset", "photos"])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("no predictions") });
});

test("datasets: made, renamed, found by name and id, deleted after a question", async () => {
  const { id } = await scene.json<{ id: string }>(["datasets", "create", "street scenes"]);
  expect(await scene.winnow(["datasets", "create", "street scenes"])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("already") });
  expect((await scene.winnow(["datasets", "ls"])).stdout).toMatch(new RegExp(`street scenes +images +0 .* ${id}\n`));
  expect(await scene.winnow(["datasets", "rename", id, "city scenes"])).toMatchObject({ code: EXIT.ok });
  expect((await scene.winnow(["datasets", "show", "city scenes"])).stdout).toMatch(new RegExp(`^name +city scenes\nid +${id}\n`));
  expect(await scene.winnow(["datasets", "show", "city scene"])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining('Do you mean "city scenes"?') });
  expect(await scene.winnow(["tags", "ls"])).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("--dataset or in WINNOW_DATASET") });
  const asked: string[] = [];
  const answering = (answer: string) => ({ ask: async (question: string) => (asked.push(question), answer) });
  expect(await scene.winnow(["datasets", "rm", "city scenes"], answering("yes"))).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("Nothing was deleted") });
  expect(asked[0]).toContain("This can't be undone");
  expect(await scene.winnow(["datasets", "rm", "city scenes"], answering("city scenes"))).toMatchObject({ code: EXIT.ok });
  expect((await scene.json<Named[]>(["datasets", "ls"])).map(({ name }) => name)).not.toContain("city scenes");
});

test("curate: all in one against a platform that runs; again and with more images", async () => {
  await scene.pictures(Array.from({ length: 12 }, (_, i) => `many/${String(i).padStart(2, "0")}.jpg`));
  copyFileSync(scene.at("many/00.jpg"), scene.at("many/copy.jpg"));
  const words = ["curate", "many", "--select", "3", "--out", "picks.txt"];
  const first = await scene.json<{ tag: string; picks: { fileName: string }[] }>(words);
  expect(first).toMatchObject({ dataset: "many", samples: 12, duplicates: [{ fileName: "copy.jpg", of: "00.jpg" }], selection: { total: 3 } });
  const picks = lines(readFileSync(scene.at("picks.txt"), "utf8"));
  expect(picks).toEqual(first.picks.map(({ fileName }) => fileName));
  expect(lines((await scene.winnow(["download", "--dataset", "many", "--tag", first.tag])).stdout).toSorted()).toEqual(picks.toSorted());
  expect(await scene.json(words)).toMatchObject({ nothingNew: true, tag: first.tag });
  await scene.picture("many/99.jpg", 77);
  const more = await scene.winnow(["curate", "many", "--select", "1", "--out", "picks.txt"]);
  expect(more).toMatchObject({ code: EXIT.ok, stdout: expect.stringContaining("3 chosen earlier, 1 added") });
  expect(lines(readFileSync(scene.at("picks.txt"), "utf8")).slice(0, 3)).toEqual(picks);
  // What it remembers is the user's alone, and nothing is left locked.
  expect(existsSync(scene.at("home/.local/state/winnow"))).toBe(true);
  expect(readdirSync(scene.at("home/.local/state/winnow")).filter((name) => name.endsWith(".lock"))).toEqual([]);
}, 120_000);
