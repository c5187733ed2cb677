import { expect, describe, it } from "vitest";
import { encodeCocoCounts } from "../masks/coco-counts.ts";
import { decodeRunLengths } from "../masks/run-lengths.ts";
import type { SegmentationSingleton } from "../predictions/singletons.ts";
import { convertCoco } from "./coco.ts";
import { convertPredictionTable } from "./prediction-table.ts";
import { readYoloLabels, readYoloNames } from "./yolo.ts";

const coco = (more: object = {}) => ({
  images: [{ id: 7, file_name: "a/b.jpg", width: 4, height: 3 }, { id: 9, file_name: "c.jpg" }],
  categories: [{ id: 3, name: "cat", supercategory: "animal" }, { id: 1, name: "dog" }],
  annotations: [{ id: 1, image_id: 7, category_id: 3, bbox: [1, 2, 3.5, 4], iscrowd: 0 }],
  ...more,
});
const convert = (data: object, options: object = {}) => convertCoco(JSON.stringify(data), { taskName: "t", file: "labels.json", ...options });

describe("convertCoco", () => {
  it("gives boxes by image, images without any too, categories in the order of their ids", () => {
    expect(convert(coco())).toEqual({
      task: { name: "t", type: "OBJECT_DETECTION", categories: [{ id: 1, name: "dog" }, { id: 3, name: "cat" }] },
      images: [{ fileName: "a/b.jpg", singletons: [{ type: "OBJECT_DETECTION", categoryId: 3, score: 1, bbox: [1, 2, 3.5, 4] }] }, { fileName: "c.jpg", singletons: [] }],
    });
  });

  it("takes a model's results in place of the labels", () => {
    const results = { file: "results.json", text: JSON.stringify([{ image_id: 9, category_id: 1, bbox: [0, 0, 1, 1], score: 0.25 }]) };
    expect(convert(coco(), { results }).images).toEqual([{ fileName: "a/b.jpg", singletons: [] }, { fileName: "c.jpg", singletons: [{ type: "OBJECT_DETECTION", categoryId: 1, score: 0.25, bbox: [0, 0, 1, 1] }] }]);
    expect(() => convert(coco(), { results: { file: "results.json", text: '[{"image_id":9,"category_id":1,"bbox":[0,0,1,1]}]' } })).toThrow(/results\.json: "\[0\]\.score" must be a number/);
  });

  it("turns masks from columns to rows: plain runs, compressed ones and polygons agree", () => {
    // 4 wide, 3 high: the two columns in the middle, without the last row.
    const mask = [0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0];
    const byColumns = [3, 2, 1, 2, 4];
    for (const segmentation of [{ size: [3, 4], counts: byColumns }, { size: [3, 4], counts: encodeCocoCounts(byColumns) }, [[1, 0, 3, 0, 3, 2, 1, 2]]]) {
      const { images } = convert(coco({ annotations: [{ image_id: 7, category_id: 3, segmentation }] }), { type: "INSTANCE_SEGMENTATION" });
      expect([...decodeRunLengths((images[0]!.singletons[0] as SegmentationSingleton).segmentation, 12)]).toEqual(mask);
    }
    const unknown = coco({ annotations: [{ image_id: 9, category_id: 3, segmentation: [[1, 0, 3, 0, 3, 2]] }] });
    expect(() => convert(unknown, { type: "INSTANCE_SEGMENTATION" })).toThrow(/width and height are known \(c\.jpg has none\)/);
    const wrong = coco({ annotations: [{ image_id: 7, category_id: 3, segmentation: { size: [3, 4], counts: [3, 1] } }] });
    expect(() => convert(wrong, { type: "INSTANCE_SEGMENTATION" })).toThrow(/"annotations\[0\]\.segmentation" must be a mask/);
  });

  it("makes confidences of keypoints' visibility", () => {
    const { images } = convert(coco({ annotations: [{ image_id: 7, category_id: 3, keypoints: [1, 2, 2, 0, 0, 0, 3, 4, 1] }] }), { type: "KEYPOINT_DETECTION" });
    expect(images[0]!.singletons).toEqual([{ type: "KEYPOINT_DETECTION", categoryId: 3, score: 1, keypoints: [1, 2, 1, 0, 0, 0, 3, 4, 1] }]);
  });

  it("names what is wrong", () => {
    expect(() => convertCoco("[", { taskName: "t", file: "x.json" })).toThrow(/x\.json: the file must be JSON/);
    expect(() => convert(coco({ annotations: [{ image_id: 8, category_id: 3, bbox: [0, 0, 1, 1] }] }))).toThrow(/"annotations\[0\]\.image_id" must be the id of one of the images, got 8/);
    expect(() => convert(coco({ annotations: [{ image_id: 7, category_id: 2, bbox: [0, 0, 1, 1] }] }))).toThrow(/"annotations\[0\]\.category_id" must be the id of one of the categories, got 2/);
    expect(() => convert(coco({ annotations: [{ image_id: 7, category_id: 3, bbox: [0, 0, 1] }] }))).toThrow(/bbox" must be a list of 4/);
    expect(() => convert(coco({ images: [{ id: 7, file_name: "a" }, { id: 7, file_name: "b" }] }))).toThrow(/"images\[1\]\.id" must be an id that no other image has/);
    expect(() => convert({ images: [] })).toThrow(/"categories" must be a list/);
  });
});

describe("YOLO", () => {
  it("reads boxes, with confidence or without, and outlines as the boxes around them", () => {
    expect(readYoloLabels("\ufeff1 0.5 0.5 0.2 0.4\r\n\n0 0.5 0.25 1 0.5 0.75\n2 0.1 0.2 0.3 0.2 0.3 0.6\n", { file: "a.txt", categories: 3 })).toEqual([
      { category: 1, x: 0.4, y: 0.3, width: 0.2, height: 0.4, score: 1 },
      { category: 0, x: 0, y: 0, width: 1, height: 0.5, score: 0.75 },
      { category: 2, x: 0.1, y: 0.2, width: expect.closeTo(0.2, 9), height: expect.closeTo(0.4, 9), score: 1 },
    ]);
    expect(readYoloLabels("", { file: "a.txt", categories: 3 })).toEqual([]);
  });

  it("names file and line of what is wrong", () => {
    const read = (text: string) => () => readYoloLabels(text, { file: "a.txt", categories: 2 });
    expect(read("0 0.5 0.5 0.1 0.1\n2 0.5 0.5 0.1 0.1")).toThrow(/a\.txt: "line 2" must be a class from 0 to 1, got 2/);
    expect(read("0 0.5 0.5 0.1")).toThrow(/"line 1" must be a class and at least four numbers/);
    expect(read("0 0.5 x 0.1 0.1")).toThrow(/"line 1"/);
    expect(read("0 0.5 0.5 -0.1 0.1")).toThrow(/a width and height from 0/);
    expect(read("0 0.5 0.5 0.1 0.1 7")).toThrow(/a confidence from 0 to 1, got 7/);
    expect(read("0 0.5 0.5 0.1 0.1 7 8 9")).toThrow(/pairs of x and y/);
  });

  it("reads the names of classes in every form", () => {
    expect(readYoloNames("\ufeffcat\r\ndog\n\n", "classes.txt")).toEqual(["cat", "dog"]);
    expect(readYoloNames("path: x\nnc: 2\nnames: ['cat', \"big dog\"]\n", "data.yaml")).toEqual(["cat", "big dog"]);
    expect(readYoloNames("names:\n  - cat # small\n  - 'dog'\ntrain: x\n", "data.yaml")).toEqual(["cat", "dog"]);
    expect(readYoloNames("names:\n  0: cat\n\n  1: dog\nnc: 2\n", "data.yml")).toEqual(["cat", "dog"]);
    expect(() => readYoloNames("names:\n  1: cat\n", "data.yaml")).toThrow(/numbered from 0/);
    expect(() => readYoloNames("nc: 2\n", "data.yaml")).toThrow(/"names" must be the classes' names/);
    expect(() => readYoloNames("a\na\n", "classes.txt")).toThrow(/"a" twice/);
    expect(() => readYoloNames("\n", "classes.txt")).toThrow(/a list of the classes' names, got none/);
  });
});

describe("convertPredictionTable", () => {
  const table = (text: string) => convertPredictionTable([new TextEncoder().encode(text)], { taskName: "t", file: "p.csv" });

  it("reads boxes, brings those of an image together, and keeps images without any", async () => {
    expect(await table("filename,category,score,x,y,width,height\na.jpg,dog,0.5,1,2,3,4\nb.jpg,,,,,,\n\"c,d.jpg\",cat,1,0,0,9,9\na.jpg,cat,0.25,5,6,7,8\n")).toEqual({
      task: { name: "t", type: "OBJECT_DETECTION", categories: [{ id: 0, name: "cat" }, { id: 1, name: "dog" }] },
      images: [
        { fileName: "a.jpg", singletons: [{ type: "OBJECT_DETECTION", categoryId: 1, score: 0.5, bbox: [1, 2, 3, 4] }, { type: "OBJECT_DETECTION", categoryId: 0, score: 0.25, bbox: [5, 6, 7, 8] }] },
        { fileName: "b.jpg", singletons: [] },
        { fileName: "c,d.jpg", singletons: [{ type: "OBJECT_DETECTION", categoryId: 0, score: 1, bbox: [0, 0, 9, 9] }] },
      ],
    });
  });

  it("reads probabilities of classes", async () => {
    const { task, images } = await table("filename,sun,rain\na.jpg,0.25,0.75\nb.jpg,1,0\n");
    expect(task.type).toBe("CLASSIFICATION");
    expect(images.map(({ singletons }) => singletons[0])).toEqual([{ type: "CLASSIFICATION", categoryId: 1, score: 0.75, probabilities: [0.25, 0.75] }, { type: "CLASSIFICATION", categoryId: 0, score: 1, probabilities: [1, 0] }]);
  });

  it("names file and line of what is wrong", async () => {
    await expect(table("")).rejects.toThrow(/p\.csv: "line 1" must be column names, got an empty file/);
    await expect(table("name,score\n")).rejects.toThrow(/"line 1" must be column names: filename with category/);
    await expect(table("filename,a,b\nx.jpg,0.5\n")).rejects.toThrow(/"line 2" must be 3 fields/);
    await expect(table("filename,a,b\nx.jpg,0.5,7\n")).rejects.toThrow(/a probability from 0 to 1 of b, got "7"/);
    await expect(table("filename,a,b\nx.jpg,0.5,0.5\nx.jpg,1,0\n")).rejects.toThrow(/"line 3" must be an image that has no other line/);
    await expect(table("filename,category,score,x,y,width,height\na.jpg,dog,0.5,1,2,3,?\n")).rejects.toThrow(/a number as height, got "\?"/);
    await expect(table('filename,a\n"x')).rejects.toThrow(/must be CSV/);
  });
});
