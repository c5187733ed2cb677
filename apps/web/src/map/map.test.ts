import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { representatives } from "./discs.ts";
import { enclosed } from "./lasso.ts";
import { indexPoints, nearestPlace, runsWithin } from "./point-index.ts";
import { Scratch, drawPoints, ghost, hidden } from "./raster.ts";
import { fitting, toMap, toScreen, zoomedAt } from "./viewport.ts";

const coordinate = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constant(Number.NaN));
const cloud = fc.array(fc.tuple(coordinate, coordinate), { maxLength: 200 }).map((points) => Float32Array.from(points.flat()));

describe("index of points", () => {
  test("holds every point that has a place, once", () => {
    fc.assert(
      fc.property(cloud, (coordinates) => {
        const index = indexPoints(coordinates);
        const expected = Array.from({ length: coordinates.length / 2 }, (_, i) => i).filter((i) => !Number.isNaN(coordinates[2 * i]! + coordinates[2 * i + 1]!));
        expect([...index.ordinals].toSorted((a, b) => a - b)).toEqual(expected);
        index.ordinals.forEach((ordinal, place) => expect([...index.points.subarray(2 * place, 2 * place + 2)]).toEqual([...coordinates.subarray(2 * ordinal, 2 * ordinal + 2)]));
      }),
    );
  });

  test("a rectangle's runs cover all points in it", () => {
    fc.assert(
      fc.property(cloud, fc.integer({ min: -25, max: 25 }), fc.integer({ min: -25, max: 25 }), fc.integer({ min: 0, max: 30 }), (coordinates, minX, minY, side) => {
        const index = indexPoints(coordinates);
        const covered = new Set(runsWithin(index, { minX, minY, maxX: minX + side, maxY: minY + side }).flatMap(([from, to]) => [...index.ordinals.subarray(from, to)]));
        for (let i = 0; i < coordinates.length / 2; i++) {
          const [x, y] = [coordinates[2 * i]!, coordinates[2 * i + 1]!];
          if (x >= minX && x <= minX + side && y >= minY && y <= minY + side) expect(covered).toContain(i);
        }
      }),
    );
  });

  test("the nearest point is the one that a plain search finds", () => {
    fc.assert(
      fc.property(cloud, fc.integer({ min: -25, max: 25 }), fc.integer({ min: -25, max: 25 }), (coordinates, x, y) => {
        const index = indexPoints(coordinates);
        const place = nearestPlace(index, x, y, 6, (ordinal) => ordinal % 3 !== 0);
        const distances = Array.from({ length: coordinates.length / 2 }, (_, i) => (i % 3 === 0 ? Number.NaN : Math.hypot(coordinates[2 * i]! - x, coordinates[2 * i + 1]! - y))).filter((d) => d <= 6);
        if (distances.length === 0) expect(place).toBe(-1);
        else expect(Math.hypot(index.points[2 * place]! - x, index.points[2 * place + 1]! - y)).toBeCloseTo(Math.min(...distances), 5);
      }),
    );
  });

  test("a lasso encloses what lies inside of it", () => {
    const index = indexPoints(Float32Array.of(1, 1, 5, 5, 3, 1, 9, 9, Number.NaN, 0));
    expect([...enclosed(index, [0, 0, 6, 0, 6, 6, 0, 6])]).toEqual([0, 1, 2]);
    expect([...enclosed(index, [0, 0, 4, 0, 0, 4])]).toEqual([0]);
    expect([...enclosed(index, [0, 0, 4, 0])]).toEqual([]);
  });
});

describe("viewport", () => {
  test("screen and map lead to each other, and zooming keeps the point below the pointer", () => {
    const size = { width: 300, height: 200 };
    const view = fitting({ minX: -1, minY: 2, maxX: 5, maxY: 9 }, size);
    const [x, y] = toMap(view, size, 40, 170);
    expect(toScreen(view, size, x, y)).toEqual([expect.closeTo(40), expect.closeTo(170)]);
    const zoomed = zoomedAt(view, size, 40, 170, 3);
    expect(toScreen(zoomed, size, x, y)).toEqual([expect.closeTo(40), expect.closeTo(170)]);
    expect(zoomed.scale).toBeCloseTo(3 * view.scale);
  });
});

test("pictures that stand for others don't lie on each other, and none could be added", () => {
  fc.assert(
    fc.property(cloud, (coordinates) => {
      const index = indexPoints(coordinates);
      const look = { colours: new Uint8Array(index.ordinals.length), palette: new Uint32Array(256) };
      const places = Uint32Array.from({ length: index.ordinals.length }, (_, i) => i);
      const found = [...representatives(index, look, places, { x: 0, y: 0, scale: 4 }, { width: 200, height: 200 }, 20)];
      const apart = (a: number, b: number) => Math.abs(index.points[2 * a]! - index.points[2 * b]!) >= 5 || Math.abs(index.points[2 * a + 1]! - index.points[2 * b + 1]!) >= 5;
      for (const [i, one] of found.entries()) for (const other of found.slice(i + 1)) expect(apart(one, other)).toBe(true);
      for (const place of places) expect(found.includes(place) || found.some((one) => !apart(one, place))).toBe(true);
    }),
  );
});

describe("drawing", () => {
  const size = { width: 20, height: 10 };
  const view = { x: 10, y: 5, scale: 1 };
  const palette = Uint32Array.of(0xff0000ff, 0xff00ff00);

  test("points stand where they belong, denser ones more opaque, hidden ones not at all", () => {
    const index = indexPoints(Float32Array.of(2, 3, 2, 3, 15, 8, 7, 7, 900, 900));
    const colours = new Uint8Array(5);
    index.ordinals.forEach((ordinal, place) => (colours[place] = ordinal === 3 ? hidden : ordinal === 2 ? 1 : 0));
    const image = new Uint32Array(200).fill(7);
    expect(drawPoints(image, new Scratch(), index, { colours, palette }, view, size, 1)).toBe(3);
    const painted = [...image.entries()].filter(([, pixel]) => pixel !== 0).map(([at, pixel]) => [at % 20, Math.floor(at / 20), (pixel & 0xffffff) >>> 0]);
    expect(painted).toEqual([[15, 2, 0x00ff00], [2, 7, 0x0000ff]]);
    expect(image[7 * 20 + 2]! >>> 24).toBeGreaterThan(image[2 * 20 + 15]! >>> 24);
  });

  test("what is filtered away never hides what isn't", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(0, 1, ghost, hidden)), { minLength: 1, maxLength: 30 }), (points) => {
        const index = indexPoints(Float32Array.from(points.flatMap(([x]) => [x, 5])));
        const colours = Uint8Array.from(index.ordinals, (ordinal) => points[ordinal]![1]);
        const palette256 = new Uint32Array(256);
        palette256.set(palette);
        palette256[ghost] = 0xff777777;
        const image = new Uint32Array(200);
        drawPoints(image, new Scratch(), index, { colours, palette: palette256 }, view, size, 1);
        for (const x of [1, 2, 3]) {
          const here = points.filter(([at, colour]) => at === x && colour !== hidden).map(([, colour]) => colour);
          const colour = image[5 * 20 + x]! & 0xffffff;
          if (here.length === 0) expect(image[5 * 20 + x]).toBe(0);
          else if (here.every((one) => one === ghost)) expect(colour).toBe(0x777777);
          else expect([...here.includes(0) ? [0x0000ff] : [], ...here.includes(1) ? [0x00ff00] : []]).toContain(colour);
        }
      }),
    );
  });

  test("a crowded pixel shows each colour as often as it is there, the same every time", () => {
    const n = 3000;
    const coordinates = new Float32Array(2 * n);
    for (let i = 0; i < n; i++) coordinates.set([i % 20, Math.floor(i / 20) % 10], 2 * i);
    const index = indexPoints(coordinates);
    const colours = Uint8Array.from(index.ordinals, (ordinal) => (Math.imul(ordinal + 7, 0x85ebca6b) >>> 16) % 4 === 0 ? 1 : 0);
    const draw = () => {
      const image = new Uint32Array(200);
      drawPoints(image, new Scratch(), index, { colours, palette }, { x: 10, y: 4.5, scale: 1 }, size, 1);
      return image;
    };
    const first = draw();
    expect(draw()).toEqual(first);
    const share = first.filter((pixel) => (pixel & 0xffffff) === 0x00ff00).length / first.filter((pixel) => pixel !== 0).length;
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.45);
  });
});
