import { describe, expect, it } from "vitest";
import { PredictionFileError } from "../side-files/side-file-error.ts";
import { PredictionFileReader, predictionFileText } from "./prediction-file.ts";
import type { Singleton } from "./singletons.ts";
import { type PredictionTask, type PredictionTaskType, TASK_TYPES, readTaskList, readTaskSchema, taskListText, taskSchemaText, taskTypeOf } from "./task-schema.ts";
import { wireSingleton, wireTaskSchema } from "./wire.ts";
import { classification, detections, predictionFiles } from "./writing.ts";

const categories = [{ id: 2, name: "car" }, { id: 7, name: "bus" }];
const task = (type: PredictionTaskType): PredictionTask => ({ name: "t", type, categories });
const file = ".lightly/predictions/t/a/b.json";
const read = (type: PredictionTaskType, value: unknown) => new PredictionFileReader(task(type)).read(typeof value === "string" ? value : JSON.stringify(value), { file, fileName: "a/b.jpg" });
const one = (type: PredictionTaskType, singleton: unknown) => read(type, { file_name: "a/b.jpg", predictions: [singleton] });

describe("tasks", () => {
  it("are listed", () => {
    expect(readTaskList('\uFEFF["a", "b/c"]', "tasks.json")).toEqual(["a", "b/c"]);
    expect(readTaskList(taskListText(["a"], "b"), "f")).toEqual(["a", "b"]);
    expect(taskListText(["a"], "a")).toBe(taskListText([], "a"));
    for (const [text, field] of [["{}", ""], ["[1]", "[0]"], ['["a","a"]', "[1]"], ['["../a"]', "[0]"], ['["a//b"]', "[0]"], ['["ü"]', "[0]"], ['[""]', "[0]"], ["[", ""], ["", ""], ["null", ""]] as const) {
      const error = readTaskList(text, "tasks.json");
      expect(error, text).toBeInstanceOf(PredictionFileError);
      expect(error, text).toMatchObject({ file: "tasks.json", field });
    }
  });

  it("have a schema, in every spelling of its type", () => {
    for (const [spelled, type] of Object.entries(TASK_TYPES)) {
      for (const text of [spelled, spelled.replaceAll("-", "_"), type, spelled.replaceAll("-", " ").toUpperCase()]) expect(taskTypeOf(text)).toBe(type);
      expect(readTaskSchema(taskSchemaText(task(type)), { file: "s", name: "t" })).toEqual(task(type));
    }
    expect(taskTypeOf("constructor")).toBeUndefined();
    expect(readTaskSchema('{"task_type":"classification","categories":[{"id":7,"name":"b"},{"id":0,"name":"a","x":1}]}', { file: "s", name: "t" })).toMatchObject({ categories: [{ id: 0, name: "a" }, { id: 7, name: "b" }] });
  });

  it.each([
    [{ categories }, "task_type"],
    [{ task_type: "detection", categories }, "task_type"],
    [{ task_type: "classification" }, "categories"],
    [{ task_type: "classification", categories: [] }, "categories"],
    [{ task_type: "classification", categories: {} }, "categories"],
    [{ task_type: "classification", categories: [null] }, "categories[0]"],
    [{ task_type: "classification", categories: [{ id: 1.5, name: "a" }] }, "categories[0].id"],
    [{ task_type: "classification", categories: [{ id: -1, name: "a" }] }, "categories[0].id"],
    [{ task_type: "classification", categories: [{ id: 1, name: "a" }, { id: 1, name: "b" }] }, "categories[1].id"],
    [{ task_type: "classification", categories: [{ id: 1, name: "a" }, { id: 2, name: "a" }] }, "categories[1].name"],
    [{ task_type: "classification", categories: [{ id: 1, name: "" }] }, "categories[0].name"],
    [{ task_type: "classification", categories: [{ id: 1, name: "a\0" }] }, "categories[0].name"],
    [[], ""],
  ])("schema %j is refused at %s", (value, field) => {
    expect(readTaskSchema(JSON.stringify(value), { file: "s.json", name: "t" })).toMatchObject({ file: "s.json", field, message: expect.stringContaining("s.json: ") });
  });
});

describe("a prediction file", () => {
  it.each<[PredictionTaskType, object, object]>([
    ["CLASSIFICATION", { category_id: 7, probabilities: [0.2, 0.8] }, { categoryId: 7, score: 0.8, probabilities: [0.2, 0.8] }],
    ["CLASSIFICATION", { category_id: 7 }, { categoryId: 7, score: 1 }],
    ["OBJECT_DETECTION", { category_id: 2, bbox: [-0.5, 1, 2, 3], score: 0.5, probabilities: null, other: 1 }, { categoryId: 2, score: 0.5, bbox: [-0.5, 1, 2, 3] }],
    ["SEMANTIC_SEGMENTATION", { category_id: 2, segmentation: [2, 2], score: 1 }, { categoryId: 2, score: 1, segmentation: [2, 2] }],
    ["INSTANCE_SEGMENTATION", { category_id: 2, segmentation: [0, 2], score: 0, probabilities: [0.5, 0.5005] }, { categoryId: 2, score: 0, segmentation: [0, 2], probabilities: [0.5, 0.5005] }],
    ["KEYPOINT_DETECTION", { category_id: 2, keypoints: [1, 2.5, 0.5, 3, 4, 1], score: 0.1 }, { categoryId: 2, score: 0.1, keypoints: [1, 2.5, 0.5, 3, 4, 1] }],
  ])("of %s, %j", async (type, singleton, expected) => {
    const found = one(type, singleton);
    expect(found).toEqual({ fileName: "a/b.jpg", singletons: [{ type, ...expected }] });
    // What is written is read back.
    const image = found as { fileName: string; singletons: Singleton[] };
    expect(read(type, predictionFileText(image))).toEqual(image);
    expect(await collected(predictionFiles(task(type), [image]))).toEqual([{ path: file, text: predictionFileText(image) }]);
  });

  it("may be empty, and must be for the image that its path says", () => {
    expect(read("CLASSIFICATION", { file_name: "a/b.jpg", predictions: [] })).toEqual({ fileName: "a/b.jpg", singletons: [] });
    const reader = new PredictionFileReader(task("CLASSIFICATION"));
    expect(reader.read('{"file_name":"a/b.png","predictions":[]}', { file })).toMatchObject({ fileName: "a/b.png" });
    expect(reader.read('{"file_name":"b.png","predictions":[]}', { file })).toMatchObject({ field: "file_name" });
    expect(reader.read('{"file_name":"a/b.png","predictions":[]}', { file, fileName: "a/b.jpg" })).toMatchObject({ field: "file_name", message: expect.stringContaining('"a/b.jpg"') });
  });

  const box = { category_id: 2, bbox: [1, 2, 3, 4], score: 0.5 };
  it.each<[PredictionTaskType, object, string]>([
    ["OBJECT_DETECTION", { ...box, category_id: 3 }, ".category_id"],
    ["OBJECT_DETECTION", { ...box, category_id: "2" }, ".category_id"],
    ["OBJECT_DETECTION", { ...box, category_id: undefined }, ".category_id"],
    ["OBJECT_DETECTION", { ...box, score: 1.01 }, ".score"],
    ["OBJECT_DETECTION", { ...box, score: undefined }, ".score"],
    ["OBJECT_DETECTION", { ...box, score: "0.5" }, ".score"],
    ["OBJECT_DETECTION", { ...box, bbox: [1, 2, 3] }, ".bbox"],
    ["OBJECT_DETECTION", { ...box, bbox: [1, 2, -3, 4] }, ".bbox"],
    ["OBJECT_DETECTION", { ...box, bbox: [1, null, 3, 4] }, ".bbox[1]"],
    ["OBJECT_DETECTION", { ...box, bbox: { length: 4 } }, ".bbox"],
    ["OBJECT_DETECTION", { ...box, probabilities: [0.5, 0.4] }, ".probabilities"],
    ["OBJECT_DETECTION", { ...box, probabilities: [1] }, ".probabilities"],
    ["OBJECT_DETECTION", { ...box, probabilities: [1.5, -0.5] }, ".probabilities[0]"],
    ["CLASSIFICATION", { category_id: 2, score: 2 }, ".score"],
    ["SEMANTIC_SEGMENTATION", { category_id: 2, score: 1, segmentation: [] }, ".segmentation"],
    ["SEMANTIC_SEGMENTATION", { category_id: 2, score: 1, segmentation: [1, -1] }, ".segmentation[1]"],
    ["SEMANTIC_SEGMENTATION", { category_id: 2, score: 1, segmentation: [1e15] }, ".segmentation"],
    ["SEMANTIC_SEGMENTATION", { category_id: 2, score: 1, segmentation: "2 2" }, ".segmentation"],
    ["KEYPOINT_DETECTION", { category_id: 2, score: 1, keypoints: [1, 2] }, ".keypoints"],
    ["KEYPOINT_DETECTION", { category_id: 2, score: 1, keypoints: [] }, ".keypoints"],
    ["KEYPOINT_DETECTION", { category_id: 2, score: 1, keypoints: [1, 2, 2] }, ".keypoints[2]"],
    ["CLASSIFICATION", [], ""],
  ])("of %s with %j is refused at %s", (type, singleton, field) => {
    const error = one(type, singleton);
    expect(error).toBeInstanceOf(PredictionFileError);
    expect(error).toMatchObject({ file, field: `predictions[0]${field}`, expected: expect.stringMatching(/^\S/) });
  });

  it("that is hostile is an error, never a crash", () => {
    const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const texts = [
      deep(200_000),
      `{"file_name":"a/b.jpg","predictions":${deep(200_000)}}`,
      `{"a":`.repeat(100_000),
      `{"__proto__":{"file_name":"a/b.jpg","predictions":[]}}`,
      `{"file_name":"a/b.jpg","predictions":[{"__proto__":{"category_id":2}}]}`,
      `{"file_name":"a/b.jpg","predictions":[${"{},".repeat(100_000)}{}]}`,
      `{"file_name":"a/b.jpg","predictions":{"length":1,"0":{}}}`,
      `{"file_name":["a/b.jpg"],"predictions":[]}`,
      `{"file_name":"a/b.jpg","predictions":[{"category_id":1e999}]}`,
      `{"file_name":"a/b.jpg","predictions":[NaN]}`,
      "\0",
      "\ud800",
      "[]",
      `"${"x".repeat(65 * 1024 * 1024)}"`,
    ];
    for (const text of texts) {
      const error = read("CLASSIFICATION", text);
      expect(error, text.slice(0, 60)).toBeInstanceOf(PredictionFileError);
      expect((error as Error).message.length).toBeLessThan(500);
    }
    expect(Object.prototype).not.toHaveProperty("file_name");
  });
});

describe("writing", () => {
  it("tells of what can't be written in its place, and goes on", async () => {
    const good = classification(task("CLASSIFICATION"), [0.25, 0.75]);
    expect(good).toEqual({ type: "CLASSIFICATION", categoryId: 7, score: 0.75, probabilities: [0.25, 0.75] });
    const images = [
      { fileName: "../x.jpg", singletons: [good] },
      { fileName: "/x.jpg", singletons: [good] },
      { fileName: "schema.jpg", singletons: [good] },
      { fileName: "a.jpg", singletons: [good] },
      { fileName: "a.png", singletons: [good] },
      { fileName: "b.jpg", singletons: [{ ...good, score: Number.NaN }] },
      { fileName: "c.jpg", singletons: detections([1, 2, 3, 4], [2], [1]) },
      { fileName: "d.v1/c", singletons: [] },
    ];
    const written = await collected(predictionFiles(task("CLASSIFICATION"), images));
    expect(written.map((one) => (one instanceof PredictionFileError ? one.field : one.path))).toEqual([
      "file_name", "file_name", "file_name", ".lightly/predictions/t/a.json", "file_name", "predictions[0].score", "predictions[0]", ".lightly/predictions/t/d.v1/c.json",
    ]);
    expect(() => classification(task("CLASSIFICATION"), [1])).toThrow(RangeError);
    expect(() => detections([1, 2, 3, 4], [2, 2], [1, 1])).toThrow(RangeError);
  });
});

describe("the wire", () => {
  it("has whole numbers, and one kind of segmentation", () => {
    const base = { categoryId: 2, score: 0.5 };
    expect(wireSingleton("t", { type: "OBJECT_DETECTION", ...base, bbox: [0.6, 1.4, 1.6, 1.2], probabilities: [1, 0] })).toEqual({ type: "OBJECT_DETECTION", taskName: "t", ...base, bbox: [1, 1, 1, 2], probabilities: [1, 0] });
    expect(wireSingleton("t", { type: "SEMANTIC_SEGMENTATION", ...base, segmentation: [1, 2] })).toEqual({ type: "INSTANCE_SEGMENTATION", taskName: "t", ...base, segmentation: "1 2" });
    expect(wireSingleton("t", { type: "KEYPOINT_DETECTION", ...base, keypoints: [1.2, 2.7, 0.9] })).toMatchObject({ keypoints: [1, 3, 1] });
    expect(wireTaskSchema(task("SEMANTIC_SEGMENTATION"))).toEqual({ name: "t", type: "INSTANCE_SEGMENTATION", categories });
  });
});

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
