import { expect, it } from "vitest";
import { frameNameOf, frameOf, metadataFileOf, predictionFileOf, sideFileOf, staysBelow, taskSchemaFileOf } from "./paths.ts";

it("files stand beside images, videos and frames", () => {
  expect(sideFileOf("a.b/c.tar.gz")).toBe("a.b/c.tar.json");
  expect(sideFileOf("a.b/c")).toBe("a.b/c.json");
  expect(sideFileOf("a/.hidden")).toBe("a/.hidden.json");
  expect(predictionFileOf("t", "a/b.jpg")).toBe(".lightly/predictions/t/a/b.json");
  expect(taskSchemaFileOf("t")).toBe(".lightly/predictions/t/schema.json");
  expect(metadataFileOf("a/b.mp4")).toBe(".lightly/metadata/a/b.json");
});

it("frames are named after video and index", () => {
  expect(frameNameOf("a/b.mp4", 99, 200)).toBe("a/b-099-mp4.png");
  expect(frameNameOf("v.MOV", 0, 1)).toBe("v-0-MOV.png");
  expect(predictionFileOf("t", frameNameOf("a/b.mp4", 99, 200))).toBe(".lightly/predictions/t/a/b-099-mp4.json");
  expect(frameOf("a/b-099-mp4.png")).toEqual({ videoPath: "a/b.mp4", index: 99 });
  for (const name of ["a/b.png", "a-1.png", "a-x-mp4.png", "a-1-mp4.jpg", "-1-mp4.png"]) expect(frameOf(name), name).toBeUndefined();
  for (const [index, count] of [[200, 200], [-1, 5], [1.5, 5], [0, 0]] as const) expect(() => frameNameOf("a.mp4", index, count)).toThrow(RangeError);
});

it("paths from outside stay below", () => {
  for (const path of ["a", "a/b.jpg", "a/..b", "ü/ x"]) expect(staysBelow(path), path).toBe(true);
  for (const path of ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\\..\\b", "a\0"]) expect(staysBelow(path), path).toBe(false);
});
