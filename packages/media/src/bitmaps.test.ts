// BMP and PNM are decoded by our own code: files written here byte by byte, and hostile ones.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBmp } from "./bmp.ts";
import { ImageError } from "./errors.ts";
import { decodePnm } from "./pnm.ts";

const LIMIT = 1_000_000;

interface BmpParts {
  width: number;
  height: number;
  bits: number;
  compression?: number;
  palette?: number[];
  masks?: number[];
  rows: number[];
}

function bmp({ width, height, bits, compression = 0, palette = [], masks = [], rows }: BmpParts): Buffer {
  const head = Buffer.alloc(54);
  head.write("BM");
  head.writeUInt32LE(54 + masks.length * 4 + palette.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(bits, 28);
  head.writeUInt32LE(compression, 30);
  const maskBytes = Buffer.alloc(masks.length * 4);
  masks.forEach((mask, i) => maskBytes.writeUInt32LE(mask >>> 0, i * 4));
  return Buffer.concat([head, maskBytes, Buffer.from(palette), Buffer.from(rows)]);
}

const pixels = (bytes: Uint8Array) => [...decodeBmp(bytes, LIMIT).data];

describe("decodeBmp", () => {
  it("reads 24 bits bottom-up and top-down, with padded rows", () => {
    const rows = [1, 2, 3, 0, 4, 5, 6, 0];
    expect(pixels(bmp({ width: 1, height: 2, bits: 24, rows }))).toEqual([6, 5, 4, 3, 2, 1]);
    expect(pixels(bmp({ width: 1, height: -2, bits: 24, rows }))).toEqual([3, 2, 1, 6, 5, 4]);
  });

  it("reads palettes of 1, 4 and 8 bits", () => {
    const palette = [0, 0, 255, 0, 255, 0, 0, 0]; // red, blue as B, G, R, 0
    const red = [255, 0, 0];
    const blue = [0, 0, 255];
    expect(pixels(bmp({ width: 3, height: 1, bits: 1, palette, rows: [0b01000000, 0, 0, 0] }))).toEqual([...red, ...blue, ...red]);
    expect(pixels(bmp({ width: 3, height: 1, bits: 4, palette, rows: [0x10, 0x10, 0, 0] }))).toEqual([...blue, ...red, ...blue]);
    expect(pixels(bmp({ width: 2, height: 1, bits: 8, palette, rows: [1, 0, 0, 0] }))).toEqual([...blue, ...red]);
    // An index beyond the palette is black, not a read outside of it.
    expect(pixels(bmp({ width: 1, height: 1, bits: 8, palette, rows: [200, 0, 0, 0] }))).toEqual([0, 0, 0]);
  });

  it("reads 16 bits, 32 bits and bit fields", () => {
    expect(pixels(bmp({ width: 2, height: 1, bits: 16, rows: [0x00, 0x7c, 0x1f, 0x00] }))).toEqual([255, 0, 0, 0, 0, 255]);
    expect(pixels(bmp({ width: 2, height: 1, bits: 16, compression: 3, masks: [0xf800, 0x07e0, 0x001f], rows: [0x00, 0xf8, 0xe0, 0x07] }))).toEqual([255, 0, 0, 0, 255, 0]);
    expect(pixels(bmp({ width: 1, height: 1, bits: 32, rows: [1, 2, 3, 99] }))).toEqual([3, 2, 1]);
    expect(pixels(bmp({ width: 1, height: 1, bits: 32, compression: 3, masks: [0xff000000, 0xff0000, 0xff00], rows: [9, 3, 2, 1] }))).toEqual([1, 2, 3]);
  });

  it("reads both run-length codings", () => {
    const palette = [0, 0, 0, 0, 10, 20, 30, 0, 40, 50, 60, 0];
    const a = [30, 20, 10];
    const b = [60, 50, 40];
    const black = [0, 0, 0];
    // two of a; next row: literal b a b (padded); end
    expect(pixels(bmp({ width: 3, height: 2, bits: 8, compression: 1, palette, rows: [2, 1, 0, 0, 0, 3, 2, 1, 2, 0, 0, 1] }))).toEqual([...b, ...a, ...b, ...a, ...a, ...black]);
    expect(pixels(bmp({ width: 3, height: 1, bits: 4, compression: 2, palette, rows: [3, 0x12, 0, 1] }))).toEqual([...a, ...b, ...a]);
  });

  it("refuses what is cut, wrong or too large without taking the memory it declares", () => {
    const code = (bytes: Uint8Array) => {
      try {
        decodeBmp(bytes, LIMIT);
        return "fine";
      } catch (error) {
        return (error as ImageError).code;
      }
    };
    expect(code(bmp({ width: 100, height: 100, bits: 24, rows: [1] }))).toBe("truncated");
    expect(code(bmp({ width: 999_999, height: 1, bits: 1, rows: [1] }))).toBe("truncated");
    expect(code(bmp({ width: 40_000, height: 40_000, bits: 24, rows: [1] }))).toBe("too-large");
    expect(code(bmp({ width: 1, height: 1, bits: 7, rows: [1] }))).toBe("damaged");
    expect(code(bmp({ width: -1, height: 1, bits: 24, rows: [1] }))).toBe("damaged");
    expect(code(bmp({ width: 1, height: 1, bits: 24, compression: 5, rows: [1] }))).toBe("unsupported");
    expect(code(Buffer.from("BM"))).toBe("truncated");
    expect(code(bmp({ width: 3, height: 3, bits: 8, compression: 1, rows: [1] }))).toBe("truncated");
  });
});

describe("decodePnm", () => {
  const decode = (text: string, ...bytes: number[]) => [...decodePnm(Buffer.concat([Buffer.from(text), Buffer.from(bytes)]), LIMIT).data];

  it("reads all six kinds", () => {
    expect(decode("P1\n# bits\n2 1\n10")).toEqual([0, 0, 0, 255, 255, 255]);
    expect(decode("P2 2 1 # grey\n10 0 10")).toEqual([0, 0, 0, 255, 255, 255]);
    expect(decode("P3\n1 1\n255\n1 2 3\n")).toEqual([1, 2, 3]);
    expect(decode("P4 3 1\n", 0b01000000)).toEqual([255, 255, 255, 0, 0, 0, 255, 255, 255]);
    expect(decode("P5 2 1 255\n", 7, 9)).toEqual([7, 7, 7, 9, 9, 9]);
    expect(decode("P6 1 1 65535 ", 255, 255, 0, 0, 0x80, 0)).toEqual([255, 0, 128]);
  });

  it("refuses what is cut, wrong or too large", () => {
    for (const [text, message] of [
      ["P6 2 2 255\nabc", /cut off: the PNM has 3 bytes of image data where 12 are needed/],
      ["P6 99999 99999 255\n", /at most 1000000 are allowed/],
      ["P6 999999999999 1 255\n", /too many digits/],
      ["P5 x 1 255\n", /width is not a number/],
      ["P5 1 1 0\n", /highest value/],
      ["P5 0 1 255\n", /0 × 1 pixels/],
      ["P2 3 1 9 1 1", /cut off/],
      ["P1 2 1 13", /neither 0 nor 1/],
      ["P5 3", /ends before its height/],
    ] as const) {
      expect(() => decode(text), text).toThrow(message);
    }
  });
});

it("never throws anything but an ImageError, whatever the bytes", () => {
  const fields = fc.array(fc.constantFrom(0, 1, 2, 3, 4, 8, 12, 16, 24, 32, 40, 54, 108, 124, 255), { minLength: 20, maxLength: 90 });
  fc.assert(
    fc.property(fields, fc.boolean(), (values, asBmp) => {
      const bytes = Buffer.from(values);
      bytes.write(asBmp ? "BM" : `P${(values[0]! % 6) + 1} 3 3 255\n`);
      if (asBmp) bytes.writeUInt32LE([12, 40, 52, 124][values[1]! % 4]!, 14);
      try {
        const { width, height, data } = asBmp ? decodeBmp(bytes, LIMIT) : decodePnm(bytes, LIMIT);
        expect(data.length).toBe(width * height * 3);
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError);
      }
    }),
    { numRuns: 2000 },
  );
});
