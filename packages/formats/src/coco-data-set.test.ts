import fc from "fast-check";
import { expect, test } from "vitest";
import { cocoAnnotation, cocoCategory } from "./coco-data-set.ts";
import { convertCoco } from "./conversion/coco.ts";
import { encodeRunLengths } from "./masks/run-lengths.ts";

const image = { id: 3, file_name: "a.jpg", width: 4, height: 3 };

test("a box keeps its numbers, and its area is theirs", () => {
  expect(cocoAnnotation(7, image, { categoryId: 2, score: 0.25, bbox: [1, 0, 2, 3] })).toEqual({ id: 7, image_id: 3, category_id: 2, bbox: [1, 0, 2, 3], area: 6, iscrowd: 0, score: 0.25 });
});

test("a mask goes by columns, compressed as COCO's own tools do it", () => {
  // Rows: 0110 / 0100 / 0000. By columns: 3 zeros, 2 ones, 1 zero, 1 one, 5 zeros.
  const made = cocoAnnotation(1, image, { categoryId: 0, score: 1, segmentation: "1,2,2 1 6" })!;
  expect(made.bbox).toEqual([1, 0, 2, 2]);
  expect(made.area).toBe(3);
  expect(made.segmentation!.size).toEqual([3, 4]);
  // The first three counts as they are, then the difference to the one two before: 1 - 2 = -1, 5 - 1 = 4.
  expect(made.segmentation!.counts).toBe("321O4");
});

test("points that aren't seen are zeros; the box is that of the others", () => {
  expect(cocoAnnotation(1, image, { categoryId: 0, score: 0.5, keypoints: [3, 1, 1, 9, 9, 0, 1, 2, 1] })).toMatchObject({ keypoints: [3, 1, 2, 0, 0, 0, 1, 2, 2], num_keypoints: 2, bbox: [1, 1, 2, 1], area: 2 });
  expect(cocoCategory(1, "person", "joints", 2)).toEqual({ id: 1, name: "person", supercategory: "joints", keypoints: ["point 1", "point 2"], skeleton: [] });
  expect(cocoCategory(1, "person", "boxes", 0)).toEqual({ id: 1, name: "person", supercategory: "boxes" });
});

test.each([
  ["a class alone", image, {}],
  ["a mask of another size", image, { segmentation: "5 2" }],
  ["a mask that is no list of counts", image, { segmentation: "5 x 7" }],
  ["a mask without a one", image, { segmentation: "12" }],
  ["a mask of an image of unknown size", { id: 1, file_name: "a.jpg" }, { segmentation: "1 2 9" }],
  ["points of which none is seen", image, { keypoints: [1, 1, 0] }],
])("%s is no annotation", (_what, of, source) => {
  expect(cocoAnnotation(1, of, { categoryId: 0, score: 1, ...source })).toBeUndefined();
});

test("what is written is read back as the same masks", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.array(fc.boolean(), { minLength: 144, maxLength: 144 }), (width, height, bits) => {
      const pixels = Uint8Array.from({ length: width * height }, (_, i) => (bits[i] ? 1 : 0));
      const runs = encodeRunLengths(pixels);
      const of = { id: 1, file_name: "a.jpg", width, height };
      const annotation = cocoAnnotation(1, of, { categoryId: 5, score: 0.5, segmentation: runs.join(" ") });
      if (!pixels.includes(1)) {
        expect(annotation).toBeUndefined();
        return;
      }
      const { images } = convertCoco(JSON.stringify({ images: [of], categories: [cocoCategory(5, "thing", "masks", 0)], annotations: [annotation] }), { taskName: "masks", type: "INSTANCE_SEGMENTATION", file: "coco.json" });
      expect([...images][0]!.singletons).toEqual([{ type: "INSTANCE_SEGMENTATION", categoryId: 5, score: 0.5, segmentation: runs }]);
    }),
  );
});
