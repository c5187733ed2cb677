// `winnow predictions import` and `winnow crop` on small folders made here; what they write is read back by the readers.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PredictionFileReader, type PredictionTask, readTaskList, readTaskSchema } from "@winnow/formats";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "../program.ts";
import { runWords } from "../testing/run-words.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-labels-"));
  await mkdir(join(folder, "photos/a"), { recursive: true });
  await mkdir(join(folder, "labels/a"), { recursive: true });
  // Left half red, right half blue; one lies on its side and is turned by its EXIF orientation.
  const halves = sharp({ create: { width: 80, height: 40, channels: 3, background: "#0000ff" } }).composite([{ input: { create: { width: 40, height: 40, channels: 3, background: "#ff0000" } }, left: 0, top: 0 }]);
  const bytes = await halves.png().toBuffer();
  await writeFile(join(folder, "photos/a/b.png"), bytes);
  await writeFile(join(folder, "photos/turned.jpg"), await sharp(bytes).rotate(270).withMetadata({ orientation: 6 }).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer());
  await writeFile(join(folder, "photos/none.png"), bytes);
  await writeFile(join(folder, "photos/broken.png"), "no image");
  await writeFile(join(folder, "photos/wrong.png"), bytes);
  await writeFile(join(folder, "labels/a/b.txt"), "0 0.25 0.5 0.5 1\n1 0.75 0.5 0.25 0.5 0.5\n");
  await writeFile(join(folder, "labels/turned.txt"), "0 0.25 0.5 0.5 1\n");
  await writeFile(join(folder, "labels/broken.txt"), "0 0.5 0.5 1 1\n");
  await writeFile(join(folder, "labels/wrong.txt"), "7 0.5 0.5 1 1\n");
  await writeFile(join(folder, "classes.txt"), "red\n../blue\n");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const winnow = (...words: string[]) => runWords(words, { cwd: folder });

async function readBack(root: string, name: string, file: string, fileName: string) {
  const schema = `.lightly/predictions/${name}/schema.json`;
  const task = readTaskSchema(await readFile(join(folder, root, schema), "utf8"), { file: schema, name }) as PredictionTask;
  return { task, read: new PredictionFileReader(task).read(await readFile(join(folder, root, `.lightly/predictions/${name}/${file}`), "utf8"), { file: `.lightly/predictions/${name}/${file}`, fileName }) };
}

const tasks = async (root: string) => readTaskList(await readFile(join(folder, root, ".lightly/predictions/tasks.json"), "utf8"), "tasks.json");

test("YOLO labels become predictions in pixels of the upright image; what is wrong is listed, the rest written", async () => {
  const { code, stdout, stderr } = await winnow("predictions", "import", "yolo", "labels", "--names", "classes.txt", "--task", "boxes", "--to", "photos");
  expect(code).toBe(EXIT.incomplete);
  expect(stdout).toMatch(/^3 predictions of 2 images in 2 categories written as task boxes to .* 2 could not be written\.\n$/);
  expect(stderr).toMatch(/broken\.png: the file is not an image/);
  expect(stderr).toMatch(/wrong\.txt: "line 1" must be a class from 0 to 1, got 7/);
  const { task, read } = await readBack("photos", "boxes", "a/b.json", "a/b.png");
  expect(task).toEqual({ name: "boxes", type: "OBJECT_DETECTION", categories: [{ id: 0, name: "red" }, { id: 1, name: "../blue" }] });
  expect(read).toEqual({ fileName: "a/b.png", singletons: [{ type: "OBJECT_DETECTION", categoryId: 0, score: 1, bbox: [0, 0, 40, 40] }, { type: "OBJECT_DETECTION", categoryId: 1, score: 0.5, bbox: [50, 10, 20, 20] }] });
  expect((await readBack("photos", "boxes", "turned.json", "turned.jpg")).read).toMatchObject({ singletons: [{ bbox: [0, 0, 40, 40] }] });
  expect(await tasks("photos")).toEqual(["boxes"]);
});

test("COCO and CSV come in the same way, beside tasks that are there; another schema only with --replace", async () => {
  await mkdir(join(folder, "root"), { recursive: true });
  await writeFile(join(folder, "coco.json"), JSON.stringify({ images: [{ id: 1, file_name: "a/b.png", width: 80, height: 40 }], categories: [{ id: 5, name: "thing" }], annotations: [{ image_id: 1, category_id: 5, bbox: [1, 2, 3, 4], segmentation: [[0, 0, 2, 0, 2, 1, 0, 1]] }] }));
  await writeFile(join(folder, "weather.csv"), "filename,sun,rain\na/b.png,0.25,0.75\n../out.png,1,0\n");
  expect(await winnow("predictions", "import", "coco", "coco.json", "--task", "things", "--to", "root")).toMatchObject({ code: 0, stderr: "" });
  const table = await winnow("predictions", "import", "csv", "weather.csv", "--task", "weather", "--to", "root", "--json");
  expect(table.code).toBe(EXIT.incomplete);
  expect(JSON.parse(table.stdout)).toEqual({ task: "weather", images: 1, predictions: 2, refused: [expect.stringMatching(/a path from the root/)] });
  expect(await tasks("root")).toEqual(["things", "weather"]);
  expect((await readBack("root", "weather", "a/b.json", "a/b.png")).read).toMatchObject({ singletons: [{ categoryId: 1, probabilities: [0.25, 0.75] }] });
  const again = await winnow("predictions", "import", "coco", "coco.json", "--type", "segmentation", "--task", "things", "--to", "root");
  expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/There is a task things .* with another type or other categories/) });
  expect(await winnow("predictions", "import", "coco", "coco.json", "--type", "segmentation", "--task", "things", "--to", "root", "--replace")).toMatchObject({ code: 0 });
  expect((await readBack("root", "things", "a/b.json", "a/b.png")).read).toMatchObject({ singletons: [{ type: "INSTANCE_SEGMENTATION", segmentation: [0, 2, 3198] }] });
  expect((await readdir(join(folder, "root/.lightly/predictions"))).toSorted()).toEqual(["tasks.json", "things", "weather"]); // nothing half-written
});

test("import says what it lacks", async () => {
  const cases: [string[], number, RegExp][] = [
    [["xml", "x", "--to", "photos", "--task", "t"], 2, /FORMAT must be coco, yolo, csv/],
    [["coco", "coco.json", "--to", "photos"], 2, /give --to and --task/],
    [["coco", "coco.json", "--to", "photos", "--task", "../t"], 2, /--task must be letters/],
    [["coco", "coco.json", "--type", "boxes", "--to", "photos", "--task", "t"], 2, /--type must be one of detection, segmentation, keypoints/],
    [["yolo", "labels", "--to", "photos", "--task", "t"], 2, /yolo needs --names/],
    [["yolo", "root", "--images", "photos", "--names", "classes.txt", "--to", "root", "--task", "t"], 1, /No image has a label file/],
    [["coco", "missing.json", "--to", "photos", "--task", "t"], 1, /There is no file .*missing\.json/],
    [["coco", "coco.json", "--to", "nowhere", "--task", "t"], 1, /There is no folder .*nowhere/],
    [["csv", "missing.csv", "--to", "photos", "--task", "t"], 1, /missing\.csv/],
  ];
  for (const [words, code, sentence] of cases) {
    const answer = await winnow("predictions", "import", ...words);
    expect({ words, code: answer.code }).toEqual({ words, code });
    expect(answer.stderr).toMatch(sentence);
  }
});

test("crop cuts objects into a folder per class, which stays below the target", async () => {
  const { code, stdout, stderr } = await winnow("crop", "photos", "labels", "crops", "--names", "classes.txt", "--padding", "0");
  expect(code).toBe(EXIT.incomplete);
  expect(stdout).toMatch(/^3 crops of 3 images written to /);
  expect(stderr).toMatch(/broken\.png: the file is not an image/);
  expect((await readdir(join(folder, "crops"))).toSorted()).toEqual(["_._blue", "red"]);
  const dominant = async (path: string) => {
    const { data, info } = await sharp(join(folder, "crops", path)).raw().toBuffer({ resolveWithObject: true });
    return [info.width, info.height, ...data.subarray(0, 3)].map((value, i) => (i > 1 ? Math.round(value / 255) : value));
  };
  expect(await dominant("red/a/b-0.png")).toEqual([40, 40, 1, 0, 0]);
  expect(await dominant("_._blue/a/b-1.png")).toEqual([20, 20, 0, 0, 1]);
  expect(await dominant("red/turned-0.png")).toEqual([40, 40, 1, 0, 0]);
  const padded = await winnow("crop", "photos", "labels", "padded", "--names", "classes.txt", "--padding", "0.5", "--format", "jpg", "--json");
  expect(JSON.parse(padded.stdout)).toMatchObject({ images: 3, crops: 3, refused: [expect.any(String), expect.any(String)] });
  const header = await sharp(join(folder, "padded/_._blue/a/b-1.jpg")).metadata();
  expect([header.format, header.width, header.height]).toEqual(["jpeg", 30, 30]);
});

test("crop says what it lacks", async () => {
  expect(await winnow("crop", "photos", "labels", "out", "--names", "classes.txt", "--padding", "-1")).toMatchObject({ code: 2, stderr: expect.stringContaining("--padding must be a number from 0") });
  expect(await winnow("crop", "photos", "crops", "out", "--names", "classes.txt")).toMatchObject({ code: 1, stderr: expect.stringContaining("has a label file in") });
  await writeFile(join(folder, "same.txt"), "a/b\na:b\n");
  expect(await winnow("crop", "photos", "labels", "out", "--names", "same.txt")).toMatchObject({ code: 1, stderr: expect.stringContaining("would share a folder") });
});
