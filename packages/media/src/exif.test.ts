import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readExif } from "./exif.ts";

type Entry = readonly [tag: number, type: number, parts: number, value: Buffer];

/** An EXIF block with one directory. */
function block(entries: readonly Entry[], little = true): Buffer {
  const u16 = (value: number) => (little ? Buffer.from([value & 255, value >> 8]) : Buffer.from([value >> 8, value & 255]));
  const u32 = (value: number) => (little ? Buffer.concat([u16(value & 0xffff), u16(value >>> 16)]) : Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]));
  const directory: Buffer[] = [u16(entries.length)];
  const far: Buffer[] = [];
  let at = 8 + 2 + entries.length * 12 + 4;
  for (const [tag, type, parts, value] of entries) {
    directory.push(u16(tag), u16(type), u32(parts));
    if (value.length <= 4) directory.push(Buffer.concat([value, Buffer.alloc(4 - value.length)]));
    else {
      directory.push(u32(at));
      far.push(value);
      at += value.length;
    }
  }
  return Buffer.concat([Buffer.from(little ? "II" : "MM"), u16(42), u32(8), ...directory, u32(0), ...far]);
}

const le = (format: "16" | "32", ...values: number[]) => {
  const out = Buffer.alloc((values.length * Number(format)) / 8);
  values.forEach((value, i) => (format === "16" ? out.writeUInt16LE(value, i * 2) : out.writeUInt32LE(value >>> 0, i * 4)));
  return out;
};

describe("readExif", () => {
  it("words values as the Python client does", () => {
    const bytes = block([
      [0x010f, 2, 7, Buffer.from("Winnow\0")],
      [0x0112, 3, 1, le("16", 6)],
      [0x0102, 3, 3, le("16", 8, 8, 8)],
      [0x011a, 5, 1, le("32", 72, 1)],
      [0x829a, 5, 1, le("32", 1, 250)],
      [0x829d, 5, 1, le("32", 1, 30000)],
      [0x0213, 5, 2, le("32", 1, 2, 0, 0)],
      [0x8769, 4, 1, le("32", 1234)],
      [0xfff0, 3, 1, le("16", 5)],
      [0x9c9b, 1, 6, Buffer.from("hi\0", "utf16le")],
    ]);
    const expected = {
      Make: "Winnow",
      Orientation: "6",
      BitsPerSample: "(8, 8, 8)",
      XResolution: "72.0",
      ExposureTime: "0.004",
      FNumber: "3.3333333333333335e-05",
      YCbCrPositioning: "(0.5, nan)",
      ExifOffset: "1234",
      "65520": "5",
      XPTitle: "hi",
    };
    expect(readExif(bytes)).toEqual(expected);
    expect(readExif(Buffer.concat([Buffer.from("Exif\0\0"), bytes]))).toEqual(expected);
  });

  it("reads both byte orders, and text that isn't ASCII", () => {
    expect(readExif(block([[0x0112, 3, 1, Buffer.from([0, 3])]], false))).toEqual({ Orientation: "3" });
    expect(readExif(block([[0x013b, 2, 6, Buffer.from("Zoë\0\0")]]))).toEqual({ Artist: "Zoë" });
    expect(readExif(block([[0x013b, 2, 5, Buffer.from("Zoë\0\0", "latin1")]]))).toEqual({ Artist: "Zoë" });
  });

  it("leaves out what points outside, is huge or has no meaning, and keeps the rest", () => {
    const bytes = block([
      [0x010e, 2, 0x7fffffff, le("32", 20)],
      [0x0111, 4, 300, Buffer.alloc(1200)],
      [0x0131, 99, 1, le("32", 1)],
      [0x0132, 2, 3, Buffer.from("ok\0")],
    ]);
    expect(readExif(bytes)).toEqual({ DateTime: "ok" });
  });

  it("never throws", () => {
    expect(readExif(undefined)).toEqual({});
    const valid = block([[0x010f, 2, 7, Buffer.from("Winnow\0")], [0x011a, 5, 1, le("32", 72, 1)]]);
    fc.assert(fc.property(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length), (at, value, length) => {
      const bytes = Buffer.from(valid);
      bytes[at] = value;
      for (const text of Object.values(readExif(bytes.subarray(0, length)))) expect(typeof text).toBe("string");
    }), { numRuns: 1000 });
  });
});
