// The built-in detector on streets drawn here: what is found, and where exactly, is known. And its parts alone.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { resizedPixels } from "@winnow/media";
import fc from "fast-check";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boxOf, drawScene, type DrawnThing } from "../testing/street-scenes.ts";
import { MAP_SIDES, mapAnchors } from "./anchors.ts";
import type { Detection, Detector } from "./detector.ts";
import { STREET_CATEGORIES, streetColumns, streetVerdict } from "./street-categories.ts";
import { createStreetDetector } from "./street-detector.ts";
import { type Corners, overlap, suppress } from "./suppress.ts";

const PHOTOGRAPHS = fileURLToPath(new URL("../../../../../shared/data/clothing", import.meta.url));

const things: readonly DrawnThing[] = [
  { kind: "car", x: 40, y: 180, scale: 1 },
  { kind: "person", x: 440, y: 120, scale: 1 },
];

let detector: Detector;
beforeAll(async () => {
  detector = await createStreetDetector();
});
afterAll(() => detector.close());

const named = (found: readonly Detection[]) => found.map(({ category }) => detector.categories[category]);

describe("the built-in detector", () => {
  it("finds cars and persons where they are, at several sizes, and nothing where nothing is", async () => {
    const scenes: (readonly DrawnThing[])[] = [things, [{ kind: "car", x: 120, y: 180, scale: 1.2 }], [{ kind: "car", x: 300, y: 220, scale: 0.6 }], [{ kind: "person", x: 240, y: 110, scale: 1.1 }], [{ kind: "person", x: 200, y: 10, scale: 1.7 }], []];
    const found = await detector.detect(await Promise.all(scenes.map((scene) => drawScene(scene).png().toBuffer())));
    for (const [i, scene] of scenes.entries()) {
      expect(named(found[i]!).toSorted(), `scene ${i}`).toEqual(scene.map(({ kind }) => kind as string).toSorted());
      for (const thing of scene) {
        const match = found[i]!.find(({ category }) => detector.categories[category] === thing.kind)!;
        expect(overlap(match.box, boxOf(thing)), `${thing.kind} of scene ${i}`).toBeGreaterThan(0.75);
        expect(match.score).toBeGreaterThan(0.5);
      }
    }
  });

  it("gives boxes in pixels of the image as it came, whatever its size, shape and EXIF orientation", async () => {
    const doubled = await drawScene(things).png().toBuffer().then((bytes: Buffer) => sharp(bytes).resize(1200, 800).jpeg().toBuffer());
    const sideways = await sharp(await drawScene(things).png().toBuffer()).rotate(270).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const [large, turned] = await detector.detect([doubled, sideways]);
    for (const thing of things) {
      const at = (found: readonly Detection[]) => found.find(({ category }) => detector.categories[category] === thing.kind)!.box;
      expect(overlap(at(large!), boxOf(thing).map((value) => value * 2) as unknown as Corners)).toBeGreaterThan(0.75);
      expect(overlap(at(turned!), boxOf(thing))).toBeGreaterThan(0.75);
    }
  });

  it("gives the same bits alone, in a batch, from a file's bytes or prepared, on any number of threads", async () => {
    const images = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => drawScene([{ kind: i % 2 ? "car" : "person", x: 50 * i, y: 100, scale: 0.7 }]).png().toBuffer()));
    const together = await detector.detect(images);
    for (const threads of [1, 3]) {
      const other = await createStreetDetector({ threads });
      for (const [i, image] of images.entries()) expect(await other.detect([await other.prepare(image)])).toEqual([together[i]]);
      await other.close();
    }
    const frame = await sharp(images[0]).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect(await detector.detect([await detector.prepare({ width: frame.info.width, height: frame.info.height, data: frame.data })])).toEqual([together[0]]);
    expect(await detector.detect([])).toEqual([]);
  });

  it("keeps boxes within the image, probabilities summing to 1 with their category on top, and knows only its classes", async () => {
    const [found] = await (await createStreetDetector({ scoreMin: 0.02 })).detect([await drawScene(things).png().toBuffer()]);
    expect(found!.length).toBeGreaterThan(20);
    for (const { box: [x, y, width, height], category, score, probabilities } of found!) {
      expect(x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 600.001 && y + height <= 400.001).toBe(true);
      expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
      expect(probabilities[category]).toBe(Math.max(...probabilities));
      expect(detector.known).toContain(STREET_CATEGORIES[category]);
      expect(score).toBeGreaterThanOrEqual(0.02);
    }
    expect(found!.map(({ score }) => score)).toEqual(found!.map(({ score }) => score).toSorted((a, b) => b - a));
  });

  it("refuses what it can't do", async () => {
    await expect(createStreetDetector({ scoreMin: 2 })).rejects.toThrow(/scoreMin must be a number from 0 to 1/);
    await expect(detector.detect([Buffer.from("no image")])).rejects.toMatchObject({ name: "ImageError" });
    await expect(detector.detect([{ ...(await resizedPixels(await drawScene([]).png().toBuffer(), { width: 20, height: 20, fit: "fill" })) }])).rejects.toThrow(/300 × 300 pixels, got 20 × 20/);
    const closed = await createStreetDetector();
    await closed.close();
    await expect(closed.detect([await drawScene([]).png().toBuffer()])).rejects.toThrow(/is closed/);
  });

  it.skipIf(!existsSync(PHOTOGRAPHS))("finds the person who wears the coat (skipped where the photographs aren't beside the repository)", async () => {
    const [found] = await detector.detect([join(PHOTOGRAPHS, "outwear/fab99089-ea1a-4380-988a-e700bbe73d42.jpg")]);
    expect(named(found!)).toEqual(["person"]);
  });
});

describe("its parts", () => {
  it("makes 1,917 anchors, centred in their cells", () => {
    const anchors = MAP_SIDES.map((_, layer) => mapAnchors(layer));
    expect(anchors.map(({ length }) => length)).toEqual([1083, 600, 150, 54, 24, 6]);
    expect(anchors[0]![0]).toEqual({ x: 0.5 / 19, y: 0.5 / 19, width: 0.1, height: 0.1 });
    expect(anchors[0]![4]).toMatchObject({ x: 1.5 / 19, y: 0.5 / 19, width: 0.2 * Math.SQRT2, height: 0.2 / Math.SQRT2 });
    expect(anchors[5]![0]).toEqual({ x: 0.5, y: 0.5, width: 0.95, height: 0.95 });
  });

  it("leaves the best of boxes that lie on one another, per group", () => {
    const candidate = (box: Corners, score: number, group = 0) => ({ box, score, group });
    const [a, b, c, d] = [candidate([0, 0, 10, 10], 0.5), candidate([1, 0, 10, 10], 0.9), candidate([0, 0, 10, 10], 0.7, 1), candidate([20, 0, 10, 10], 0.1)];
    expect(suppress([a, b, c, d], 0.5, 10)).toEqual([b, c, d]);
    expect(suppress([a, b, c, d], 0.9, 10)).toEqual([b, c, a, d]);
    expect(suppress([a, b, c, d], 0.5, 2)).toEqual([b, c]);
  });

  it("measures overlap: symmetric, 1 with itself, 0 apart", () => {
    const box = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }));
    fc.assert(fc.property(box, box, (one, other) => {
      expect(overlap(one, other)).toBe(overlap(other, one));
      expect(overlap(one, one)).toBe(1);
      expect(overlap(one, other)).toBeLessThanOrEqual(1);
      expect(overlap(one, [one[0] + one[2], one[1], 5, 5])).toBe(0);
    }));
    expect(overlap([0, 0, 10, 10], [5, 0, 10, 10])).toBeCloseTo(1 / 3);
  });

  it("calls a vehicle by its kind where the model can tell, and a vehicle otherwise", () => {
    const columns = streetColumns(["???", "Bicycle", "Person", "Vehicle", "Car"]);
    const verdict = (bicycle: number, person: number, vehicle: number, car: number) => {
      const { category, score } = streetVerdict((column) => [0, bicycle, person, vehicle, car][column]!, columns);
      return [STREET_CATEGORIES[category], score];
    };
    expect(verdict(0.1, 0.1, 0.8, 0.7)).toEqual(["car", 0.7]);
    expect(verdict(0.1, 0.1, 0.8, 0.2)).toEqual(["vehicle", 0.8]);
    expect(verdict(0.6, 0.1, 0.7, 0.1)).toEqual(["bicycle", 0.6]);
    expect(verdict(0.1, 0.9, 0.2, 0.1)).toEqual(["person", 0.9]);
    expect(() => streetColumns(["Person"])).toThrow(/no class Bicycle/);
  });
});
