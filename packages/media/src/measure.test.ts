import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measureImage } from "./measure.ts";
import { measurePixels } from "./statistics.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-measure-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Pixels that look like nothing in particular, the same every time. */
function noise(width: number, height: number, channels = 3, seed = 1): Buffer {
  let state = seed >>> 0;
  return Buffer.from(
    Array.from({ length: width * height * channels }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    }),
  );
}

const png = (data: Buffer, width: number, height: number, channels: 1 | 2 | 3 | 4 = 3) =>
  sharp(data, { raw: { width, height, channels } }).png().toBuffer();

describe("measurePixels", () => {
  it("agrees with the formulas written out in floating point", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.infiniteStream(fc.integer({ min: 0, max: 255 })), (width, height, stream) => {
        const data = Uint8Array.from({ length: width * height * 3 }, () => stream.next().value as number);
        const got = measurePixels({ width, height, data });
        const unit = Array.from(data, (value) => value / 255);
        const channels = [0, 1, 2].map((c) => unit.filter((_, i) => i % 3 === c));
        const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
        const std = (values: number[]) => Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)));
        const grey = channels[0]!.map((r, i) => (r + channels[1]![i]! + channels[2]![i]!) / 3);
        const edges: number[] = [];
        for (let y = 1; y < height - 1; y++) {
          for (let x = 1; x < width - 1; x++) {
            const at = (dx: number, dy: number) => grey[(y + dy) * width + x + dx]!;
            edges.push(4 * at(0, 0) - at(0, -1) - at(0, 1) - at(-1, 0) - at(1, 0));
          }
        }
        for (const [i, channel] of channels.entries()) {
          expect(got.mean[i]).toBeCloseTo(mean(channel), 10);
          expect(got.std[i]).toBeCloseTo(std(channel), 7);
          expect(got.sumOfValues[i]).toBeCloseTo(channel.reduce((a, b) => a + b, 0), 8);
          expect(got.sumOfSquares[i]).toBeCloseTo(channel.reduce((a, b) => a + b * b, 0), 8);
        }
        expect(got.sharpness).toBeCloseTo(edges.length === 0 ? 0 : std(edges), 7);
        if (got.snr !== 0) expect(got.snr / (mean(grey) / std(grey))).toBeCloseTo(1, 6);
        expect(got.shape).toEqual([height, width, 3]);
      }),
    );
  });

  it("gives numbers that NumPy gave for the same pixels", () => {
    // np.arange(48).reshape(4, 4, 3) * 37 % 256 / 255, put through the formulas of the Python client's metadata
    const data = Uint8Array.from({ length: 48 }, (_, i) => (i * 37) % 256);
    const got = measurePixels({ width: 4, height: 4, data });
    expect(got.mean[0]).toBeCloseTo(0.4411764705882353, 12);
    expect(got.std[0]).toBeCloseTo(0.28788827983887955, 12);
    expect(got.sharpness).toBeCloseTo(1.0314313625882732, 12);
    expect(got.snr).toBeCloseTo(2.4260634052225893, 12);
  });

  it("finds no deviation at all in a flat image", () => {
    const got = measurePixels({ width: 31, height: 17, data: new Uint8Array(31 * 17 * 3).fill(77) });
    expect(got.std).toEqual([0, 0, 0]);
    expect([got.snr, got.sharpness]).toEqual([0, 0]);
  });
});

describe("measureImage", () => {
  it("measures a PNG's own pixels, from bytes and from a path", async () => {
    const data = noise(37, 21);
    const bytes = await png(data, 37, 21);
    const path = join(folder, "a.png");
    await writeFile(path, bytes);
    const expected = { ...measurePixels({ width: 37, height: 21, data }), sizeInBytes: bytes.length, is_corrupted: false };
    expect(await measureImage(bytes)).toEqual({ corrupted: false, exif: {}, metaData: expected });
    expect((await measureImage(path)).metaData).toEqual(expected);
  });

  it("takes grey, grey with alpha, alpha, 16 bits, and palettes as RGB", async () => {
    const grey = noise(12, 10, 1);
    const rgb = Buffer.from([...grey].flatMap((v) => [v, v, v]));
    const expected = measurePixels({ width: 12, height: 10, data: rgb });
    expect((await measureImage(await sharp(grey, { raw: { width: 12, height: 10, channels: 1 } }).toColourspace("b-w").png().toBuffer())).metaData).toMatchObject(expected);
    const greyAlpha = Buffer.from([...grey].flatMap((v, i) => [v, i % 256]));
    expect((await measureImage(await png(greyAlpha, 12, 10, 2))).metaData).toMatchObject(expected);
    const rgba = Buffer.from([...grey].flatMap((v, i) => [v, v, v, i % 256]));
    expect((await measureImage(await png(rgba, 12, 10, 4))).metaData).toMatchObject(expected);
    const deep = await sharp(rgb, { raw: { width: 12, height: 10, channels: 3 } }).toColourspace("rgb16").png().toBuffer();
    expect((await measureImage(deep)).metaData.mean[0]).toBeCloseTo(expected.mean[0]!, 2);
    const palette = await sharp(Buffer.alloc(300, 200), { raw: { width: 10, height: 10, channels: 3 } }).png({ palette: true }).toBuffer();
    expect((await measureImage(palette)).metaData.mean).toEqual([200 / 255, 200 / 255, 200 / 255]);
  });

  it("reads EXIF as the Python client words it, and measures the pixels as stored", async () => {
    const bytes = await sharp(noise(20, 10), { raw: { width: 20, height: 10, channels: 3 } })
      .withExif({ IFD0: { Make: "Winnow", Copyright: "nobody", XResolution: "72/1" } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { exif, metaData } = await measureImage(bytes);
    expect(exif).toMatchObject({ Orientation: "6" });
    expect(metaData.shape).toEqual([10, 20, 3]);
  });

  it("calls every cut file corrupted and says that it is cut off", async () => {
    const raw = sharp(noise(64, 48), { raw: { width: 64, height: 48, channels: 3 } });
    const files = {
      jpeg: await raw.clone().jpeg().toBuffer(),
      progressive: await raw.clone().jpeg({ progressive: true }).toBuffer(),
      png: await raw.clone().png().toBuffer(),
      webp: await raw.clone().webp().toBuffer(),
      tiff: await raw.clone().tiff({ compression: "lzw" }).toBuffer(),
      gif: await raw.clone().gif().toBuffer(),
    };
    for (const [kind, bytes] of Object.entries(files)) {
      expect((await measureImage(bytes)).corrupted, kind).toBe(false);
      for (const share of [0.3, 0.6, 0.9]) {
        const cut = await measureImage(bytes.subarray(0, Math.floor(bytes.length * share)));
        expect(cut.corrupted, `${kind} cut at ${share}`).toBe(true);
        expect(cut.reason, `${kind} cut at ${share}`).toMatch(/^the file is cut off: the (JPEG|PNG|WEBP|TIFF|GIF) ends before its image does$/);
        expect(cut.metaData).toMatchObject({ is_corrupted: true, shape: [0, 0, 0], mean: [] });
      }
    }
  });

  it("gives each file its own reason under parallel work, and tells damage from a cut", async () => {
    const raw = sharp(noise(64, 48), { raw: { width: 64, height: 48, channels: 3 } });
    const whole = await raw.clone().png().toBuffer();
    const cut = (await raw.clone().jpeg().toBuffer()).subarray(0, 900);
    const damaged = Buffer.from(whole);
    damaged.fill(0x55, 60, 90);
    const expected = [/^the file is cut off: the JPEG/, /^the PNG is damaged/, undefined];
    const found = await Promise.all(Array.from({ length: 150 }, async (_, i) => measureImage([cut, damaged, whole][i % 3]!)));
    for (const [i, { reason }] of found.entries()) {
      if (expected[i % 3] === undefined) expect(reason).toBeUndefined();
      else expect(reason).toMatch(expected[i % 3]!);
    }
  });

  it("answers, and does not throw, for hostile bytes", async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>');
    expect((await measureImage(new Uint8Array(0))).reason).toBe("the file is empty");
    expect((await measureImage(svg)).reason).toMatch(/not an image of a supported format/);
    const valid = await png(noise(16, 16), 16, 16);
    const huge = Buffer.from(valid);
    huge.writeUInt32BE(60_000, 16);
    huge.writeUInt32BE(60_000, 20);
    huge.writeUInt32BE(crc32(huge.subarray(12, 29)), 29);
    expect((await measureImage(huge)).reason).toMatch(/178956970/);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("\xff\xd8\xff", "\x89PNG\r\n\x1a\n", "RIFF....WEBP", "II*\0", "MM\0*", "GIF89a", "BM", "P6 ", ""), fc.uint8Array({ maxLength: 200 }), async (start, rest) => {
        const found = await measureImage(Buffer.concat([Buffer.from(start, "latin1"), rest]));
        expect(found.corrupted ? (found.reason?.length ?? 0) > 10 : true).toBe(true);
      }),
      { numRuns: 150 },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 8, max: valid.length - 1 }), fc.integer({ min: 0, max: 255 }), async (at, value) => {
        const flipped = Buffer.from(valid);
        flipped[at] = value;
        await measureImage(flipped);
      }),
      { numRuns: 100 },
    );
  });

  it("holds the byte limit before reading, and passes on errors of the file system", async () => {
    const path = join(folder, "big.png");
    await writeFile(path, await png(noise(30, 30), 30, 30));
    const found = await measureImage(path, { pixelsMax: 1e6, sizeBytesMax: 100 });
    expect(found.reason).toMatch(/at most 100 are allowed/);
    expect((await measureImage(path, { pixelsMax: 899, sizeBytesMax: 1e6 })).corrupted).toBe(true);
    await expect(measureImage(join(folder, "none.png"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}
