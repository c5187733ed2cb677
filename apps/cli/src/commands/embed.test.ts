/** Vectors of a folder, and what they are compared for: in this process, without a server. */
import { copyFileSync, existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { readEmbeddingsCsv, readNpy } from "@winnow/formats";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "../program.ts";
import { Scene } from "../testing/scene.ts";

let scene: Scene;
const NAMES = Array.from({ length: 12 }, (_, i) => `${i % 2 ? "odd/" : ""}${String(i).padStart(2, "0")}.jpg`);
beforeAll(async () => {
  scene = await Scene.begin();
  await scene.pictures(NAMES.map((name) => `photos/${name}`));
  await scene.picture("photos/broken.jpg", 50, { broken: true });
  copyFileSync(scene.at("photos/00.jpg"), scene.at("photos/odd/copy.jpg"));
});
afterAll(() => scene.end());

const usable = [...NAMES, "odd/copy.jpg"].toSorted();

test("embed: a CSV file with all that can be read, in the order of paths; the rest is named", async () => {
  const { code, stdout, stderr } = await scene.winnow(["embed", "photos", "--out", "embeddings.csv"]);
  expect(code).toBe(EXIT.incomplete);
  expect(stdout).toMatch(/^13 vectors of [\d,]+ numbers by .* written to /);
  expect(stderr).toMatch(/Left out: 1\n {2}broken\.jpg: /);
  const { fileNames, width, data } = await readEmbeddingsCsv([readFileSync(scene.at("embeddings.csv"))]);
  expect(fileNames.toSorted()).toEqual(usable);
  const row = (name: string) => data.subarray(fileNames.indexOf(name) * width, (fileNames.indexOf(name) + 1) * width);
  expect(row("odd/copy.jpg")).toEqual(row("00.jpg"));
  expect(row("02.jpg")).not.toEqual(row("00.jpg"));
  expect(Math.hypot(...row("00.jpg"))).toBeCloseTo(1, 5);
  expect(readdirSync(scene.folder).filter((name) => name.startsWith(".embeddings"))).toEqual([]);

  const npy = await scene.json(["embed", "photos", "--out", "embeddings.npy"]);
  expect(npy).toMatchObject({ images: 14, embedded: 13, dimensions: width, leftOut: [{ fileName: "broken.jpg" }] });
  expect(await readNpy([readFileSync(scene.at("embeddings.npy"))])).toEqual({ rows: 13, columns: width, data: Float32Array.from(data) });
  expect(readFileSync(scene.at("embeddings.txt"), "utf8").split("\n").slice(0, -1)).toEqual(fileNames);

  expect(await scene.json(["embed", "photos", "--out", "embeddings.parquet"])).toMatchObject({ embedded: 13, files: [scene.at("embeddings.parquet")] });
  const chosen = await Promise.all(["csv", "parquet"].map(async (kind) => (await scene.winnow(["select", `embeddings.${kind}`, "--n", "5"])).stdout));
  expect(chosen[1]).toBe(chosen[0]);
  expect(chosen[1]!.split("\n")).toHaveLength(6);

  await scene.winnow(["embed", "photos", "--out", "centred.csv", "--centred"]);
  const centred = await readEmbeddingsCsv([readFileSync(scene.at("centred.csv"))]);
  const [dot, dotBefore] = [centred.data, data].map((values) => values.subarray(0, width).reduce((sum, value, at) => sum + value * values[width + at]!, 0));
  expect(dot!).toBeLessThan(dotBefore!);
});

test("embed: stopped in the middle it keeps what is done, and the next run does the rest only", async () => {
  const whole = readFileSync(scene.at("embeddings.csv"));
  const stop = new AbortController();
  const first = await scene.winnow(["embed", "photos", "--out", "again.csv"], {
    stop: stop.signal,
    isTTY: true,
    stderr: { write: (text) => void (/Embedding: \d/.test(text) && stop.abort("SIGINT")) },
  });
  expect(first.code).toBe(130);
  expect(existsSync(scene.at("again.csv"))).toBe(false);
  expect(statSync(scene.at(".again.csv.vectors")).size).toBeGreaterThan(0);
  const second = await scene.winnow(["embed", "photos", "--out", "again.csv"]);
  expect(second.stderr).toMatch(/beside [1-9]\d* images? done before/);
  expect(readFileSync(scene.at("again.csv"))).toEqual(whole);
  expect(readdirSync(scene.folder).filter((name) => name.startsWith(".again"))).toEqual([]);
});

test("embed: two at a time don't get in each other's way, and a lock that was left behind counts for nothing", async () => {
  writeFileSync(scene.at(".locked.csv.vectors.lock"), `${process.pid} ${(await import("node:os")).hostname()}\n`);
  expect(await scene.winnow(["embed", "photos", "--out", "locked.csv"])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("Another winnow process works on") });
  writeFileSync(scene.at(".locked.csv.vectors.lock"), `999999999 ${(await import("node:os")).hostname()}\n`);
  expect((await scene.winnow(["embed", "photos", "--out", "locked.csv"])).code).toBe(EXIT.incomplete);
});

test("embed says what it lacks", async () => {
  scene.write("only-broken/a.jpg", "no image");
  const cases: [string[], number, RegExp][] = [
    [["photos"], EXIT.usage, /give --out/],
    [["photos", "--out", "vectors.txt"], EXIT.usage, /--out must end in \.csv, \.npy or \.parquet/],
    [["photos", "--out", "no/e.csv"], EXIT.failure, /There is no folder .*no for the file of --out/],
    [["nowhere", "--out", "e.csv"], EXIT.failure, /There is no folder .*nowhere/],
    [["only-broken", "--out", "e.csv"], EXIT.failure, /None of the images .* a\.jpg: /],
    [["photos", "--out", "e.csv", "--model", "model.ckpt"], EXIT.failure, /Export the model as ONNX/],
    [["photos", "--out", "e.csv", "--model", "none.onnx"], EXIT.failure, /There is no file .*none\.onnx/],
    [["photos", "--out", "e.csv", "--model", "nonsense"], EXIT.failure, /there is no encoder "nonsense"/],
  ];
  for (const [words, code, sentence] of cases) {
    const outcome = await scene.winnow(["embed", ...words]);
    expect({ words, code: outcome.code, stdout: outcome.stdout }).toEqual({ words, code, stdout: "" });
    expect(outcome.stderr).toMatch(sentence);
  }
});

test("duplicates: copies by their bytes, near ones by their vectors; the list of what stays", async () => {
  copyFileSync(scene.at("photos/02.jpg"), scene.at("photos/near.jpg"));
  // The same image, other bytes.
  writeFileSync(scene.at("photos/near.jpg"), Buffer.concat([readFileSync(scene.at("photos/near.jpg")), Buffer.from("more")]));
  const found = await scene.json(["duplicates", "photos", "--threshold", "0.0001", "--out", "groups.csv", "--keep", "unique.txt"]);
  expect(found).toMatchObject({ files: 14, kept: 12, exact: [["00.jpg", "odd/copy.jpg"]], near: [["02.jpg", "near.jpg"]], leftOut: [{ fileName: "broken.jpg" }] });
  expect(readFileSync(scene.at("groups.csv"), "utf8")).toBe("group,kind,filename,keep\n1,exact,00.jpg,1\n1,exact,odd/copy.jpg,0\n2,near,02.jpg,1\n2,near,near.jpg,0\n");
  expect(readFileSync(scene.at("unique.txt"), "utf8").split("\n").slice(0, -1).toSorted()).toEqual(NAMES.toSorted());

  const plain = await scene.winnow(["duplicates", "photos", "--threshold", "0.0001"]);
  expect(plain.stdout).toBe("exact\t00.jpg\todd/copy.jpg\nnear\t02.jpg\tnear.jpg\n");
  expect(plain.stderr).toMatch(/Embedding: 0 images beside 13 images done before/);
  // A file that changed is read again.
  utimesSync(scene.at("photos/04.jpg"), new Date(0), new Date(0));
  expect((await scene.winnow(["duplicates", "photos"])).stderr).toMatch(/Embedding: 1 image beside 12 images done before/);
  expect((await scene.winnow(["duplicates", "photos", "--exact"])).stdout).toBe("exact\t00.jpg\todd/copy.jpg\n");

  expect(await scene.json(["duplicates", "embeddings.csv", "--threshold", "0.0001"])).toMatchObject({ files: 13, near: [["00.jpg", "odd/copy.jpg"]], exact: [] });
  expect(await scene.json(["duplicates", "embeddings.npy", "--names", "embeddings.txt", "--threshold", "0.0001"])).toMatchObject({ near: [["00.jpg", "odd/copy.jpg"]] });
  expect(await scene.winnow(["duplicates", "embeddings.csv", "--exact"])).toMatchObject({ code: EXIT.usage });
  expect(await scene.winnow(["duplicates", "photos", "--threshold", "3"])).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("--threshold must be a number from 0 to 2") });
});
