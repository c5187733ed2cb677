/** Broken and hostile images, EXIF blocks and names of frames: each is an answer, never a crash, a hang or much memory. */
import fc from "fast-check";
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { examineImage } from "./examine.ts";
import { readExif } from "./exif.ts";
import { sniffFormat } from "./format.ts";
import { frameName, parseFrameName } from "./videos/frame-names.ts";

const files = Number(process.env["WINNOW_HOSTILE_FILES"] ?? 150);
const seed = Number(process.env["WINNOW_HOSTILE_SEED"] ?? 20_260_101);
/** Of processors, so that a busy machine doesn't count; what never ends, the test's own time ends. */
const tookMsMax = 10_000;

const images: Record<string, Buffer> = {};
beforeAll(async () => {
  const picture = sharp({ create: { width: 24, height: 16, channels: 3, background: { r: 200, g: 30, b: 90 } } }).withExif({ IFD0: { Copyright: "nobody", Make: "test" } });
  for (const format of ["jpeg", "png", "webp", "tiff", "gif"] as const) images[format] = await picture.clone().toFormat(format).toBuffer();
  images["progressive"] = await picture.clone().jpeg({ progressive: true }).toBuffer();
  images["pnm"] = Buffer.concat([Buffer.from("P6\n# nothing\n3 2 255\n"), Buffer.alloc(18, 7)]);
  const bmp = Buffer.alloc(54 + 12);
  bmp.write("BM");
  bmp.writeUInt32LE(54, 10);
  bmp.writeUInt32LE(40, 14);
  bmp.writeInt32LE(2, 18);
  bmp.writeInt32LE(1, 22);
  bmp.writeUInt16LE(1, 26);
  bmp.writeUInt16LE(24, 28);
  images["bmp"] = bmp;
});

interface Edit {
  readonly kind: number;
  readonly at: number;
  readonly value: number;
}

/** Changes a byte, a number of four bytes, or the end. Headers are hit more often than the rest. */
function edited(bytes: Buffer, { kind, at, value }: Edit): Buffer {
  const place = at % (kind % 2 === 0 ? Math.min(bytes.length, 120) : bytes.length);
  const changed = Buffer.from(bytes);
  if (kind < 4) changed[place] = value & 0xff;
  else if (kind < 6 && place + 4 <= changed.length) changed.writeUInt32BE([0, 1, 0x7fffffff, 0xffffffff, 0x00ffffff, value >>> 0][value % 6]!, place);
  else if (kind === 6) return changed.subarray(0, place);
  else return Buffer.concat([changed.subarray(0, place), Buffer.alloc(value % 64, value & 0xff), changed.subarray(place)]);
  return changed;
}

const edits = fc.array(fc.record({ kind: fc.nat(7), at: fc.nat(), value: fc.nat() }), { minLength: 1, maxLength: 6 });

test.each(["jpeg", "progressive", "png", "webp", "tiff", "gif", "bmp", "pnm"])(`%s: ${files} broken files (seed ${seed})`, { timeout: 60_000 + files * 100 }, async (kind) => {
  expect((await examineImage(images[kind]!)).corrupted).toBe(false);
  const before = process.memoryUsage().rss;
  await fc.assert(
    fc.asyncProperty(edits, async (list) => {
      const bytes = list.reduce(edited, images[kind]!);
      const began = process.cpuUsage();
      const found = await examineImage(bytes, { thumbnail: true });
      const took = process.cpuUsage(began);
      expect((took.user + took.system) / 1000).toBeLessThan(tookMsMax);
      expect(found.hash).toMatch(/^[0-9a-f]{64}$/);
      if (found.corrupted) expect(found.reason!.length).toBeGreaterThan(8);
      else expect(found.thumbnail!.length).toBeGreaterThan(0);
    }),
    { numRuns: files, seed, endOnFailure: true },
  );
  // Images that say they are as large as is allowed were decoded on the way: room for some of those at once.
  expect(process.memoryUsage().rss - before).toBeLessThan(2 * 1024 ** 3);
});

test(`EXIF of any bytes (seed ${seed})`, () => {
  const block = Buffer.from("Exif\0\0II*\0\u0008\0\0\0\u0002\0\u000f\u0001\u0002\0\u0005\0\0\0\u0026\0\0\0\u0012\u0001\u0003\0\u0001\0\0\0\u0001\0\0\0\0\0\0\0test\0", "latin1");
  fc.assert(
    fc.property(fc.oneof(edits.map((list) => list.reduce(edited, block)), fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)), fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.concat([Buffer.from("II*\0\u0008\0\0\0", "latin1"), bytes]))), (bytes) => {
      const tags = readExif(bytes);
      expect(JSON.stringify(tags).length).toBeLessThan(5_000_000);
      sniffFormat(bytes);
    }),
    { numRuns: files * 10, seed },
  );
});

test(`names of frames: what is made is taken apart again, and anything else makes no trouble (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.integer({ min: 1, max: 1_000_000 }), fc.nat(), (text, count, at) => {
      parseFrameName(text);
      parseFrameName(`${text}-${at}-mp4.png`);
      const video = `${text.replaceAll(/[\0\n]/g, "")}v.mp4`;
      const parts = parseFrameName(frameName(video, at % count, count));
      expect(parts).toMatchObject({ index: at % count, digits: String(count).length });
    }),
    { numRuns: files * 10, seed },
  );
});
