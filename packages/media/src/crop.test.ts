import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { type Box, cropImage, cropRegion } from "./crop.ts";

/** 40 × 30, every pixel its own colour: red is x, green is y. */
const pixels = { width: 40, height: 30, data: Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => [Math.floor(i / 3) % 40, Math.floor(i / 120), 7][i % 3]!) };
const png = () => sharp(pixels.data, { raw: { width: 40, height: 30, channels: 3 } }).png();

describe("cropImage", () => {
  it("cuts exactly what the box covers, of many boxes with one decode", async () => {
    const boxes: Box[] = [[3, 4, 5, 6], [0, 0, 40, 30], [39, 29, 1, 1]];
    for (const source of [pixels, await png().toBuffer()]) {
      const crops = await cropImage(source, boxes);
      expect(crops.map((crop) => crop!.region)).toEqual(boxes);
      expect([...crops[0]!.data.subarray(0, 6)]).toEqual([3, 4, 7, 4, 4, 7]);
      expect([...crops[0]!.data.subarray(-3)]).toEqual([7, 9, 7]);
      expect(Buffer.from(crops[1]!.data).equals(Buffer.from(pixels.data))).toBe(true);
      expect([...crops[2]!.data]).toEqual([39, 29, 7]);
    }
  });

  it("reads boxes in the image as it is seen, whatever its EXIF orientation", async () => {
    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const stored = await png().withMetadata({ orientation }).toBuffer();
      const seen = await sharp(stored).autoOrient().raw().toBuffer({ resolveWithObject: true });
      const [crop] = await cropImage(stored, [[2, 1, 3, 2]]);
      expect([...crop!.data.subarray(0, 3)], `orientation ${orientation}`).toEqual([...seen.data.subarray((seen.info.width + 2) * 3, (seen.info.width + 2) * 3 + 3)]);
    }
  });

  it("has nothing for a box outside or without size, and refuses what is no box", async () => {
    expect(await cropImage(pixels, [[40, 0, 5, 5], [-5, -5, 5, 5], [1, 1, 0, 3], [1, 1, 3, -2]])).toEqual([undefined, undefined, undefined, undefined]);
    await expect(cropImage(pixels, [[0, 0, Number.NaN, 3]])).rejects.toThrow(/a box is four numbers/);
    await expect(cropImage(pixels, [[0, 0, 3, 3]], { padding: -1 })).rejects.toThrow(/padding must be a number from 0/);
    await expect(cropImage(Buffer.from("no image"), [[0, 0, 1, 1]])).rejects.toMatchObject({ name: "ImageError" });
  });
});

describe("cropRegion", () => {
  it("grows a box by a share of its width and height, half on each side", () => {
    const image = { width: 1000, height: 1000 };
    expect(cropRegion([100, 200, 50, 80], image, 0.1)).toEqual([97, 196, 56, 88]);
    expect(cropRegion([100, 200, 50, 80], image, 1)).toEqual([75, 160, 100, 160]);
    expect(cropRegion([10, 10, 100, 100], image, 0.5)).toEqual([0, 0, 135, 135]);
    expect(cropRegion([0.1 + 0.2, 0, 0.7, 1], { width: 5, height: 5 })).toEqual([0, 0, 1, 1]);
  });

  it("always lies within the image and covers the box's part of it", () => {
    const number = fc.double({ min: -50, max: 150, noNaN: true });
    fc.assert(fc.property(number, number, fc.double({ min: 0.01, max: 200, noNaN: true }), fc.double({ min: 0.01, max: 200, noNaN: true }), fc.double({ min: 0, max: 2, noNaN: true }), (x, y, w, h, padding) => {
      const region = cropRegion([x, y, w, h], { width: 100, height: 60 }, padding);
      const visible = x < 99.99 && y < 59.99 && x + w > 0.01 && y + h > 0.01;
      if (visible) expect(region).toBeDefined();
      if (region === undefined) return;
      const [left, top, width, height] = region;
      expect(left >= 0 && top >= 0 && width >= 1 && height >= 1 && left + width <= 100 && top + height <= 60).toBe(true);
      expect(left).toBeLessThanOrEqual(Math.max(0, x) + 1e-5);
      expect(left + width).toBeGreaterThanOrEqual(Math.min(100, x + w) - 1e-5);
    }));
  });
});
