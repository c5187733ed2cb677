/** Small files that unpack to very much: they are refused by what they declare, before anything is decoded. */
import { deflateSync, crc32 } from "node:zlib";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { examineImage } from "./examine.ts";
import { thumbnail } from "./thumbnail.ts";
import { decodeImage } from "./decode.ts";

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A PNG that declares a size and holds `rows` bytes of zeros for it, packed a thousandfold. */
function png(width: number, height: number, rows: number, ...more: Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", header), ...more, chunk("IDAT", deflateSync(Buffer.alloc(rows), { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

/** The header of a JPEG with a size that no JPEG should have. */
function jpeg(width: number, height: number): Buffer {
  const frame = Buffer.from([0xff, 0xc0, 0, 17, 8, 0, 0, 0, 0, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), frame, Buffer.from([0xff, 0xd9])]);
}

async function gif(width: number, height: number): Promise<Buffer> {
  const small = await sharp({ create: { width: 2, height: 2, channels: 3, background: "red" } }).gif().toBuffer();
  const picture = small.indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 2, 0, 2, 0]));
  for (const at of [6, picture + 5]) {
    small.writeUInt16LE(width, at);
    small.writeUInt16LE(height, at + 2);
  }
  return small;
}

const bombs: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
  "a PNG of ten billion pixels": () => png(100_000, 100_000, 30_000_000),
  "a PNG of the largest size that can be written": () => png(0x7fffffff, 0x7fffffff, 1_000),
  "a JPEG of four billion pixels": () => jpeg(65_500, 65_500),
  "a GIF of four billion pixels": () => gif(65_535, 65_535),
  "a PNM of ten billion pixels": () => Buffer.from("P6 100000 100000 255\n"),
  "a PNM of more pixels than can be counted": () => Buffer.from(`P6 ${"9".repeat(400)} ${"9".repeat(400)} 255\n`),
};

describe("images that declare too many pixels", () => {
  it.each(Object.keys(bombs))("%s", async (name) => {
    const bytes = await bombs[name]!();
    const began = performance.now();
    const before = process.memoryUsage().rss;
    const found = await examineImage(bytes, { thumbnail: true });
    expect(found.corrupted, found.reason).toBe(true);
    expect(found.thumbnail).toBeUndefined();
    await expect(decodeImage(bytes)).rejects.toMatchObject({ name: "ImageError" });
    await expect(thumbnail(bytes)).rejects.toMatchObject({ name: "ImageError" });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

it("a text of a gigabyte inside of a small PNG stays packed", async () => {
  // A hundred megabytes of zeros, ten times.
  const packed = deflateSync(Buffer.alloc(100_000_000), { level: 9 });
  const texts = Array.from({ length: 10 }, (_, i) => chunk("zTXt", Buffer.concat([Buffer.from(`Comment${i}\0\0`, "latin1"), packed])));
  const bytes = png(2, 2, 14, ...texts);
  const before = process.memoryUsage().rss;
  const found = await examineImage(bytes);
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  expect(found.corrupted === true || found.hash.length === 64).toBe(true);
}, 30_000);

it("drawings, pages and archives never reach a decoder, whatever they are called", async () => {
  for (const text of ['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>', "<!doctype html><script>alert(1)</script>", "PK\u0003\u0004", "%PDF-1.7", "#!/bin/sh"]) {
    expect((await examineImage(Buffer.from(text))).corrupted, text).toBe(true);
  }
});
