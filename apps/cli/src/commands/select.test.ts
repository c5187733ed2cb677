import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { matrix, selectByStrategies, selectSamples } from "@winnow/curation";
import { writeEmbeddingsCsv } from "@winnow/formats";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../program.ts";
import { runWords } from "../testing/run-words.ts";

const SIZE = 40;
const names = Array.from({ length: SIZE }, (_, row) => `folder ${row % 3}/${row}.jpg`);
const points = matrix(SIZE, 3);
for (let index = 0; index < points.data.length; index++) points.data[index] = Math.sin(7 * index) * (index % 5);
const scores = Float64Array.from({ length: SIZE }, (_, row) => (row === 7 ? Number.NaN : ((row * 17) % 40) / 40));
const weather = names.map((_, row) => (row % 8 === 0 ? "snow" : "sun"));

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "winnow-select-"));
  const rows = names.map((fileName, row) => ({ fileName, values: points.data.subarray(3 * row, 3 * row + 3) }));
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeEmbeddingsCsv(rows)) chunks.push(chunk);
  file("embeddings.csv", Buffer.concat(chunks));
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (40, 3), }".padEnd(117);
  file("embeddings.npy", Buffer.concat([Buffer.from([0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0]), Buffer.from(`${header}\n`), Buffer.from(Uint8Array.from(new Uint8Array(points.data.buffer, 0, points.data.byteLength)))]));
  file("names.txt", names.map((name) => `${name}\n`).join(""));
  file("one.csv", `filenames,margin\n${names.map((name, row) => (row === 7 ? "" : `${name},${scores[row]}\n`)).join("")}`);
  file("table.csv", `filenames,margin,weather,t/car,t/bus\n${names.map((name, row) => `${name},${row === 7 ? "" : scores[row]},${weather[row]},${row % 4},${row % 3}\n`).join("")}`);
  file("chosen.txt", `${names[3]}\n${names[30]}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
const lines = (name: string) => readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1);
const named = ({ ordinals }: { ordinals: Uint32Array }) => Array.from(ordinals, (ordinal) => names[ordinal]!);

const winnow = (...words: string[]) => runWords(["select", ...words], { cwd: folder });

describe("by a method", () => {
  test("coreset, printed or written, in order of picking", async () => {
    const truth = named(await selectSamples({ method: "CORESET", size: SIZE, points, nSamples: 8 }));
    const printed = await winnow("embeddings.csv", "--n", "8");
    expect(printed).toEqual({ code: EXIT.ok, stdout: truth.map((name) => `${name}\n`).join(""), stderr: "Selected 8 of 40; that is as many as asked for.\n" });
    expect(await winnow("embeddings.csv", "--n", "20%", "--out", "out.txt")).toMatchObject({ code: EXIT.ok, stdout: "" });
    expect(lines("out.txt")).toEqual(truth);
    expect(readdirSync(folder).filter((name) => name.includes(".part"))).toEqual([]);
  });

  test("more than there are: all, and it says so", async () => {
    expect(await winnow("embeddings.csv", "--n", "50", "--out", "out.txt")).toEqual({ code: EXIT.ok, stdout: "", stderr: "Selected 40 of 40; nothing is left, fewer than the 50 asked for.\n" });
    expect(lines("out.txt").sort()).toEqual([...names].sort());
    expect((await winnow("embeddings.csv", "--n", "40", "--out", "out.txt")).stderr).not.toContain("fewer");
  });

  test("unknown names are counted, and one that is known is shown", async () => {
    file("unknown.txt", `${names[3]}\nfoo.jpg\nbar.jpg\n`);
    const { code, stderr } = await winnow("embeddings.csv", "--n", "8", "--preselected", "unknown.txt");
    expect(code).toBe(EXIT.failure);
    expect(stderr).toContain('unknown.txt names "foo.jpg" and 1 more, which the embeddings don\'t have; names must be written as there, such as "folder 0/0.jpg".');
  });

  test("NPY with names, or row numbers", async () => {
    const truth = await selectSamples({ method: "CORESET", size: SIZE, points, nSamples: 8, metric: "cosine" });
    await winnow("embeddings.npy", "--n", "8", "--metric", "cosine", "--names", "names.txt", "--out", "out.txt");
    expect(lines("out.txt")).toEqual(named(truth));
    expect((await winnow("embeddings.npy", "--n", "8", "--metric", "cosine")).stdout.trim().split("\n")).toEqual(Array.from(truth.ordinals, String));
  });

  test("Parquet with names in it, or from a list", async () => {
    const columns = Array.from({ length: 3 }, (_, column) => ({ name: `embedding_${column}`, data: Float32Array.from({ length: SIZE }, (_, row) => points.data[3 * row + column]!) }));
    file("named.parquet", Buffer.from(parquetWriteBuffer({ columnData: [...columns, { name: "file_name", data: names }], rowGroupSize: 15 })));
    file("bare.parquet", Buffer.from(parquetWriteBuffer({ columnData: columns })));
    file("twice.parquet", Buffer.from(parquetWriteBuffer({ columnData: [...columns, { name: "path", data: names.map(() => "same") }] })));
    const truth = named(await selectSamples({ method: "CORESET", size: SIZE, points, nSamples: 8 }));
    await winnow("named.parquet", "--n", "8", "--out", "out.txt");
    expect(lines("out.txt")).toEqual(truth);
    await winnow("bare.parquet", "--names", "names.txt", "--n", "8", "--out", "out.txt");
    expect(lines("out.txt")).toEqual(truth);
    expect(await winnow("twice.parquet", "--n", "8")).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("names a file twice") });
  });

  test.each(["random", "coral", "active_learning", "active-learning", "CORESET"])("%s, with all that goes with it", async (method) => {
    const name = method.toUpperCase().replace("-", "_") as "CORAL";
    const truth = await selectSamples({ method: name, size: SIZE, points, scores, preselected: Uint32Array.of(3, 30), nSamples: 12, minDistance: 0.5, seed: 5 });
    const { code, stderr } = await winnow("embeddings.csv", "--method", method, "--n", "12", "--min-distance", "0.5", "--seed", "5", "--scores", "one.csv", "--preselected", "chosen.txt", "--out", "out.txt", "--explain", "why.json");
    expect({ code, stderr }).toMatchObject({ code: EXIT.ok, stderr: expect.stringContaining("beside 2 preselected") });
    expect(lines("out.txt")).toEqual(named(truth));
    const why = JSON.parse(readFileSync(join(folder, "why.json"), "utf8"));
    expect(why).toMatchObject({ stopped: truth.stopped, configuration: truth.configuration });
    expect(why).toMatchObject({ preselected: [names[3], names[30]], inputs: { embeddings: "embeddings.csv", scores: "one.csv", preselected: "chosen.txt" } });
    expect(why.picks.map((pick: { fileName: string }) => pick.fileName)).toEqual(named(truth));
    expect(why.picks.map((pick: { distance: number; radius: number }) => [pick.distance, pick.radius])).toEqual(Array.from(truth.distances, (distance, pick) => [distance, truth.radii[pick]]));
  });

  test("a column of several, and a first pick without distance", async () => {
    const truth = await selectSamples({ method: "ACTIVE_LEARNING", size: SIZE, points, scores, nSamples: 5 });
    await winnow("embeddings.csv", "--method", "active_learning", "--n", "5", "--scores", "table.csv", "--score", "margin", "--out", "out.txt", "--explain", "why.json");
    expect(lines("out.txt")).toEqual(named(truth));
    expect(JSON.parse(readFileSync(join(folder, "why.json"), "utf8")).picks[0]).toMatchObject({ distance: null, score: truth.scores[0], row: truth.ordinals[0] });
  });
});

test("by strategies, with every kind of column", async () => {
  const strategies = [
    { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } },
    { input: { type: "SCORES", score: "margin" }, strategy: { type: "WEIGHTS", strength: 0.5 } },
    { input: { type: "METADATA", key: "weather" }, strategy: { type: "BALANCE", target: { snow: 0.5 } } },
    { input: { type: "METADATA", key: "margin" }, strategy: { type: "THRESHOLD", threshold: 0.1, operation: "BIGGER" } },
    { input: { type: "PREDICTIONS", task: "t", name: "CATEGORY_COUNT", categories: ["car"] }, strategy: { type: "WEIGHTS" } },
    { input: { type: "PREDICTIONS", task: "t", name: "CLASS_DISTRIBUTION" }, strategy: { type: "BALANCE", distribution: "UNIFORM" } },
    { input: { type: "EMBEDDINGS", tag_name: "query" }, strategy: { type: "SIMILARITY" } },
    { input: { type: "RANDOM" }, strategy: { type: "WEIGHTS", strength: 0.1 } },
  ];
  file("strategies.json", JSON.stringify({ proportion_samples: 1, strategies }));
  const counts = Float64Array.from({ length: 2 * SIZE }, (_, at) => (at % 2 === 0 ? (at / 2) % 4 : ((at - 1) / 2) % 3));
  const categorical = { categories: ["snow", "sun"], codes: Int32Array.from(weather, (one) => Number(one === "sun")) };
  const predictions = { categories: ["car", "bus"], counts };
  const truth = await selectByStrategies({
    size: SIZE,
    selection: { nSamples: 15, strategies },
    values: [{ points }, { numbers: scores }, categorical, { numbers: scores }, predictions, predictions, { points, similarTo: points }, undefined],
    preselected: Uint32Array.of(3, 30),
    seed: 9,
  });
  const { code, stderr } = await winnow("embeddings.csv", "--strategies", "strategies.json", "--scores", "table.csv", "--n", "15", "--seed", "9", "--similar-to", "embeddings.npy", "--preselected", "chosen.txt", "--out", "out.txt", "--explain", "why.json");
  expect({ code, stderr }).toMatchObject({ code: EXIT.ok, stderr: expect.stringContaining("Selected 13 of 40") });
  expect(lines("out.txt")).toEqual(named(truth));
  const why = JSON.parse(readFileSync(join(folder, "why.json"), "utf8"));
  expect(why).toMatchObject({ inputHash: truth.inputHash, filtered: truth.filtered });
  expect(why.picks[2]).toMatchObject({ gain: truth.gains[2], shares: Array.from(truth.shares.subarray(16, 24)) });
  // The configuration that was written down is one that can be given again.
  file("again.json", JSON.stringify({ ...why.configuration.selection }));
  await winnow("embeddings.csv", "--strategies", "again.json", "--scores", "table.csv", "--similar-to", "embeddings.npy", "--preselected", "chosen.txt", "--out", "again.txt");
  expect(lines("again.txt")).toEqual(lines("out.txt"));
});

test("what --explain writes is enough to repeat the run", async () => {
  await winnow("embeddings.csv", "--method", "coral", "--n", "12", "--seed", "4", "--scores", "table.csv", "--score", "margin", "--preselected", "chosen.txt", "--out", "out.txt", "--explain", "why.json");
  const { configuration, inputs, inputHash, preselected } = JSON.parse(readFileSync(join(folder, "why.json"), "utf8"));
  file("before.txt", preselected.map((name: string) => `${name}\n`).join(""));
  const { method, nSamples, metric, seed } = configuration;
  await winnow(inputs.embeddings, "--method", method, "--n", String(nSamples), "--metric", metric, "--seed", String(seed), "--scores", inputs.scores, "--score", inputs.score, "--preselected", "before.txt", "--out", "again.txt", "--explain", "again.json");
  expect(lines("again.txt")).toEqual(lines("out.txt"));
  expect(lines("again.txt")).toHaveLength(10);
  expect(JSON.parse(readFileSync(join(folder, "again.json"), "utf8"))).toMatchObject({ configuration, inputHash, preselected });
});

describe("is refused, in one sentence", () => {
  const e = "embeddings.csv";
  test.each<[string[], string, number]>([
    [[e], "give --n, --min-distance or both", EXIT.usage],
    [[e, "--n", "0"], "--n must be a count", EXIT.usage],
    [[e, "--n", "2.5"], "--n must be a count", EXIT.usage],
    [[e, "--n", "3", "--method", "best"], "--method must be one of", EXIT.usage],
    [[e, "--n", "3", "--metric", "l1"], "--metric must be", EXIT.usage],
    [[e, "--n", "3", "--seed", "x"], "--seed must be a number", EXIT.usage],
    [[e, "--min-distance", "-1"], "--min-distance must be", EXIT.usage],
    [[e, "--n", "3", "--method", "coral"], "needs --scores", EXIT.usage],
    [[e, "--n", "3", "--method", "coral", "--scores", "table.csv"], "say which with --score, one of margin, weather", EXIT.usage],
    [[e, "--n", "3", "--method", "coral", "--scores", "table.csv", "--score", "weather"], "must hold numbers", EXIT.failure],
    [[e, "--n", "3", "--method", "random", "--strategies", "x.json"], "--strategies goes without", EXIT.usage],
    [["missing.csv", "--n", "3"], "There is no file", EXIT.failure],
    [[".", "--n", "3"], "is a folder", EXIT.failure],
    [["names.txt", "--n", "3"], "read from .csv, .npy and .parquet", EXIT.failure],
    [["e.parquet", "--n", "3"], "e.parquet: not a Parquet file: it is too short", EXIT.failure],
    [["one.csv", "--n", "3"], "one.csv: line 1: not the header", EXIT.failure],
    [["broken.npy", "--n", "3"], "broken.npy: not an NPY file", EXIT.failure],
    [["flat.npy", "--n", "3"], "flat.npy: an array of two dimensions is needed, a row for each sample; its shape is (2,)", EXIT.failure],
    [[e, "--n", "3", "--names", "names.txt"], "--names goes with files without names", EXIT.failure],
    [["embeddings.npy", "--n", "3", "--names", "chosen.txt"], "has 2 names, but", EXIT.failure],
    [[e, "--n", "3", "--preselected", "wrong.txt"], 'names "nobody.jpg"', EXIT.failure],
    [[e, "--n", "3", "--scores", "wrong.txt"], "first line must name the columns", EXIT.failure],
    [[e, "--n", "3", "--scores", "wrong.csv"], 'line 3 names "nobody.jpg"', EXIT.failure],
    [[e, "--n", "3", "--out", "no/out.txt"], "There is no folder", EXIT.failure],
    [[e, "--strategies", "wrong.txt"], "is not JSON", EXIT.failure],
    [[e, "--strategies", "wrong.json"], "did you mean strategies?", EXIT.failure],
    [[e, "--n", "3", "--strategies", "scores.json"], "give a CSV file with that column", EXIT.failure],
    [[e, "--n", "3", "--strategies", "scores.json", "--scores", "one.csv"], "has no column entropy; its columns are margin", EXIT.failure],
    [[e, "--n", "3", "--strategies", "similar.json"], "--similar-to", EXIT.failure],
  ])("%j", async (words, sentence, exit) => {
    file("e.parquet", "");
    file("broken.npy", "no");
    file("flat.npy", Buffer.concat([Buffer.from([0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0]), Buffer.from(`${"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }".padEnd(117)}\n`), Buffer.alloc(8)]));
    file("wrong.txt", "nobody.jpg\n");
    file("wrong.csv", `filenames,x\n${names[0]},1\nnobody.jpg,2\n`);
    file("wrong.json", '{"n_samples": 3, "strategys": []}');
    file("scores.json", '{"strategies": [{"input": {"type": "SCORES", "score": "entropy"}, "strategy": {"type": "WEIGHTS"}}]}');
    file("similar.json", '{"strategies": [{"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "SIMILARITY"}}]}');
    const { code, stdout, stderr } = await winnow(...words);
    expect(stderr).toContain(sentence);
    expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
  });
});
