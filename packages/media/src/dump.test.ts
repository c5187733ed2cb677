import sharp from "sharp";
import { expect, it } from "vitest";
import { DUMP_FORMATS, type DumpFormat, dumpImage, type DumpSize } from "./dump.ts";

const photo = () => sharp({ create: { width: 120, height: 80, channels: 3, background: "#3060a0" } });

it("leaves files as they are unless a size is asked for", async () => {
  const bytes = await photo().jpeg().toBuffer();
  expect(await dumpImage(bytes)).toEqual({ bytes, extension: undefined });
});

it("resizes to the shortest edge, or exactly, smaller and larger, and writes the format", async () => {
  const bytes = await photo().jpeg().toBuffer();
  const sizes: [DumpSize, number, number][] = [[40, 60, 40], [160, 240, 160], [[50, 70], 70, 50], [[80, 120], 120, 80]];
  for (const [size, width, height] of sizes) {
    for (const format of DUMP_FORMATS) {
      const { bytes: dumped, extension } = await dumpImage(bytes, { size, format });
      expect(extension).toBe(format);
      const header = await sharp(dumped).metadata();
      expect([header.format, header.width, header.height]).toEqual([{ jpg: "jpeg", tif: "tiff" }[format as string] ?? format, width, height]);
    }
  }
  expect((await sharp((await dumpImage(await photo().withMetadata({ orientation: 6 }).jpeg().toBuffer(), { size: 40 })).bytes).metadata()).width).toBe(40); // upright: 80 × 120
});

it("writes frames and crops in the format, at their size without loss", async () => {
  const pixels = { width: 3, height: 2, data: Uint8Array.from({ length: 18 }, (_, i) => i * 14) };
  const { bytes, extension } = await dumpImage(pixels);
  expect(extension).toBe("png");
  expect([...(await sharp(bytes).raw().toBuffer())]).toEqual([...pixels.data]);
});

it("refuses sizes and formats that are none, and images that would get too large", async () => {
  const bytes = await photo().png().toBuffer();
  for (const size of [0, -2, 1.5, Number.NaN, [10], [0, 5], [5, "a"]]) await expect(dumpImage(bytes, { size: size as DumpSize })).rejects.toThrow(/the size must be -1, the length of the shortest edge or \[height, width\]/);
  await expect(dumpImage(bytes, { size: 10, format: "gif" as DumpFormat })).rejects.toThrow(/must be one of png/);
  await expect(dumpImage(bytes, { size: 60_000 })).rejects.toMatchObject({ name: "ImageError", code: "too-large" });
  await expect(dumpImage(Buffer.from("no image"), { size: 10 })).rejects.toMatchObject({ name: "ImageError" });
});
