import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCocoCounts, encodeCocoCounts } from "./coco-counts.ts";
import { polygonRunLengths } from "./polygons.ts";
import { RunLengthBuilder, areaOfRunLengths, boundsOfRunLengths, decodeRunLengths, encodeRunLengths, sizeOfRunLengths, transposeRunLengths } from "./run-lengths.ts";

interface Mask {
  width: number;
  height: number;
  pixels: Uint8Array;
}

const masks: fc.Arbitrary<Mask> = fc
  .record({ width: fc.integer({ min: 1, max: 12 }), height: fc.integer({ min: 1, max: 12 }) })
  .chain(({ width, height }) =>
    fc.oneof(fc.constantFrom(0, 1).map((value) => new Uint8Array(width * height).fill(value)), fc.uint8Array({ minLength: width * height, maxLength: width * height, max: 1 })).map((pixels) => ({ width, height, pixels })),
  );

/** The definition, pixel by pixel. */
function plainRuns(pixels: ArrayLike<number>): number[] {
  const runs: number[] = [];
  let value = 0;
  let count = 0;
  for (let i = 0; i < pixels.length; i++) {
    if (pixels[i] === value) count++;
    else {
      runs.push(count);
      value = pixels[i]!;
      count = 1;
    }
  }
  return pixels.length === 0 ? [] : [...runs, count];
}

function transposed({ width, height, pixels }: Mask): Uint8Array {
  return Uint8Array.from(pixels, (_, at) => pixels[(at % height) * width + Math.floor(at / height)]!);
}

describe("run lengths", () => {
  it("are those of the specification", () => {
    expect(encodeRunLengths(Uint8Array.from([0, 0, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1]))).toEqual([2, 2, 1, 3, 3, 1]);
    expect(encodeRunLengths(Uint8Array.from([1, 0]))).toEqual([0, 1, 1]);
    expect(encodeRunLengths(new Uint8Array(0))).toEqual([]);
    expect(encodeRunLengths(Uint8Array.from([0, 255, 7, 0]))).toEqual([1, 2, 1]);
  });

  it("agree with the definition and give the mask back", () => {
    fc.assert(
      fc.property(masks, ({ pixels }) => {
        const runs = encodeRunLengths(pixels);
        expect(runs).toEqual(plainRuns(pixels));
        expect(decodeRunLengths(runs, pixels.length)).toEqual(pixels);
        expect(sizeOfRunLengths(runs)).toBe(pixels.length);
      }),
    );
  });

  it("area and box need no pixels, and counts of 0 between change nothing", () => {
    fc.assert(
      fc.property(masks, fc.nat(), ({ width, pixels }, where) => {
        const runs = encodeRunLengths(pixels);
        const ones = [...pixels.keys()].filter((at) => pixels[at] === 1);
        const [xs, ys] = [ones.map((at) => at % width), ones.map((at) => Math.floor(at / width))];
        const box = ones.length === 0 ? undefined : [Math.min(...xs), Math.min(...ys), Math.max(...xs) - Math.min(...xs) + 1, Math.max(...ys) - Math.min(...ys) + 1];
        const at = where % runs.length;
        const cut = Math.floor(runs[at]! / 2);
        for (const same of [runs, [...runs.slice(0, at), cut, 0, runs[at]! - cut, ...runs.slice(at + 1)]]) {
          expect(areaOfRunLengths(same)).toBe(ones.length);
          expect(boundsOfRunLengths(same, width)).toEqual(box);
          expect(decodeRunLengths(same, pixels.length)).toEqual(pixels);
        }
      }),
    );
  });

  it("that are no mask of that size are refused", () => {
    for (const [runs, size] of [[[1, 2], 4], [[5], 4], [[1, -1, 4], 4], [[0.5, 3.5], 4], [[Number.NaN], 0], [[], 1]] as const) expect(() => decodeRunLengths(runs, size), String(runs)).toThrow(RangeError);
    expect(() => transposeRunLengths([1e18], 1e9, 1e9)).toThrow("at most");
    expect(() => new RunLengthBuilder().finish(-1)).toThrow(RangeError);
    const runs = new RunLengthBuilder();
    runs.add(3, 2);
    expect(() => runs.add(4, 1)).toThrow("5 or later");
    expect(() => runs.finish(4)).toThrow("has 4");
  });
});

describe("masks of COCO", () => {
  it("column-major becomes row-major and back", () => {
    fc.assert(
      fc.property(masks, (mask) => {
        const { width, height, pixels } = mask;
        const columnMajor = plainRuns(transposed(mask));
        const rowMajor = transposeRunLengths(columnMajor, width, height);
        expect(rowMajor).toEqual(plainRuns(pixels));
        expect(transposeRunLengths(rowMajor, height, width)).toEqual(columnMajor);
        expect(areaOfRunLengths(rowMajor)).toBe(areaOfRunLengths(columnMajor));
      }),
    );
  });

  it("compressed counts round-trip, also large ones", () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.nat(100), fc.nat(2 ** 31 - 1))), (counts) => void expect(decodeCocoCounts(encodeCocoCounts(counts))).toEqual(counts)));
    // By hand: 6 fits one group of five bits; 40 is 8 and more, then 1; the fourth count is 5 - 1 = 4 in difference.
    expect(encodeCocoCounts([6, 1, 40, 5])).toBe("61X14");
    // 9 - 40 = -31: the lowest five bits are 1, with more to come, then the sign.
    expect(encodeCocoCounts([6, 40, 1, 9])).toBe("6X11QO");
    expect(decodeCocoCounts("6X11QO")).toEqual([6, 40, 1, 9]);
  });

  it("broken compressed counts are refused", () => {
    for (const text of ["X", "\u0001", "é", "zzzzzzzzzzzz", "O", "111N"]) expect(() => decodeCocoCounts(text), text).toThrow(RangeError);
  });

  it("polygons: pixels whose centre is inside", () => {
    expect(decodeRunLengths(polygonRunLengths([[1, 0, 3, 0, 3, 2, 1, 2]], 4, 3), 12)).toEqual(Uint8Array.from([0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]));
    // Two that overlap are one area; what is outside is cut off.
    expect(polygonRunLengths([[-5, 0, 2, 0, 2, 1, -5, 1], [1, 0, 99, 0, 99, 1, 1, 1]], 4, 2)).toEqual([0, 4, 4]);
    expect(polygonRunLengths([], 2, 2)).toEqual([4]);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -3, max: 12 }), fc.integer({ min: -3, max: 12 })), { minLength: 3, maxLength: 7 }), (corners) => {
        const mask = decodeRunLengths(polygonRunLengths([corners.flat()], 9, 8), 72);
        for (let at = 0; at < 72; at++) expect(mask[at], `${at}`).toBe(insideEvenOdd((at % 9) + 0.5, Math.floor(at / 9) + 0.5, corners) ? 1 : 0);
      }),
    );
    for (const polygon of [[1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7], [0, 0, 1, Number.NaN, 2, 2], [0, 0, Infinity, 1, 2, 2]]) expect(() => polygonRunLengths([polygon], 4, 4)).toThrow(RangeError);
  });
});

/** A ray to the left; corners are whole numbers and centres are not in their rows. An edge through a centre counts it in. */
function insideEvenOdd(x: number, y: number, corners: readonly (readonly [number, number])[]): boolean {
  const xs: number[] = [];
  corners.forEach(([x0, y0], i) => {
    const [x1, y1] = corners[(i + 1) % corners.length]!;
    if (y0 > y !== y1 > y) xs.push(x0 + ((y - y0) * (x1 - x0)) / (y1 - y0));
  });
  return xs.filter((edge) => edge <= x).length % 2 === 1;
}
