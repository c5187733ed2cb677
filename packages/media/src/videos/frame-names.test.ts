import fc from "fast-check";
import { expect, it } from "vitest";
import { VIDEO_EXTENSIONS } from "../names.ts";
import { frameName, parseFrameName } from "./frame-names.ts";

it("names frames as the layout of prediction files says", () => {
  expect(frameName("a/b.mp4", 99, 200)).toBe("a/b-099-mp4.png");
  expect(frameName("a/b.mp4", 99, 200, "json")).toBe("a/b-099-mp4.json");
  expect(frameName("v.1.MOV", 0, 1)).toBe("v.1-0-MOV.png");
  expect(frameName("v.webm", 9, 10)).toBe("v-09-webm.png");
  expect(() => frameName("v.webm", 10, 10)).toThrow(/video of 10 frames has no frame 10/);
  expect(() => frameName("v.webm", -1, 10)).toThrow(RangeError);
});

it("takes them apart, and nothing else", () => {
  expect(parseFrameName("a/b-c-099-mp4.png")).toEqual({ video: "a/b-c.mp4", index: 99, digits: 3, extension: "png" });
  for (const name of ["a/b.png", "a-12.png", "a-12-txt.png", "-12-mp4.png", "a/-12-mp4.png", "a-x-mp4.png", "a-1-mp4", ".a-1-mp4.png"]) expect([name, parseFrameName(name)]).toEqual([name, undefined]);
});

it("gives back what a name was made of", () => {
  const video = fc.tuple(fc.stringMatching(/^[a-z0-9_-]{1,8}(\/[a-z0-9_-][a-z0-9. _-]{0,8}[a-z0-9])?$/), fc.constantFrom(...VIDEO_EXTENSIONS)).map(([stem, extension]) => `${stem}.${extension}`);
  fc.assert(fc.property(video, fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (path, count, share) => {
    const index = Math.floor(share * count);
    expect(parseFrameName(frameName(path, index, count))).toEqual({ video: path, index, digits: String(count).length, extension: "png" });
  }));
});

it("sorts frames of one video in their order, by byte", () => {
  const names = Array.from({ length: 120 }, (_, i) => frameName("a/b.mp4", i, 120));
  expect(names.toSorted()).toEqual(names);
});
