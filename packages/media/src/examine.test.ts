import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { examineImage } from "./examine.ts";
import { contentHash } from "./hash.ts";
import { measureImage } from "./measure.ts";
import { resizedPixels } from "./resize.ts";
import { thumbnail } from "./thumbnail.ts";

let folder: string;
let photo: Buffer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-examine-"));
  photo = await quarters(900, 600).jpeg({ quality: 90 }).toBuffer();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Four colours, one per quarter, so that every way of turning it is told apart. */
function quarters(width: number, height: number) {
  const colours = [[200, 30, 30], [30, 200, 30], [30, 30, 200], [220, 220, 40]] as const;
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set(colours[(x >= width / 2 ? 1 : 0) + (y >= height / 2 ? 2 : 0)]!, (y * width + x) * 3);
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("examineImage", () => {
  it("gives what the single functions give, from a path as from bytes", async () => {
    const path = join(folder, "photo.jpg");
    await writeFile(path, photo);
    for (const source of [path, photo]) {
      const found = await examineImage(source, { thumbnail: true });
      const { hash, thumbnail: small, ...measure } = found;
      expect(measure).toEqual(await measureImage(photo));
      expect(hash).toBe(sha256(photo));
      expect(await sharp(small).metadata()).toMatchObject({ format: "webp", width: 512, height: 341 });
    }
    expect(await examineImage(photo)).not.toHaveProperty("thumbnail");
  });

  it("hashes broken files too, and makes no thumbnail of them", async () => {
    const cut = photo.subarray(0, 2000);
    const found = await examineImage(cut, { thumbnail: true });
    expect(found).toMatchObject({ corrupted: true, hash: sha256(cut), metaData: { is_corrupted: true, sizeInBytes: 2000 } });
    expect(found.reason).toMatch(/^the file is cut off/);
    expect(found.thumbnail).toBeUndefined();
    const path = join(folder, "empty.jpg");
    await writeFile(path, "");
    expect(await examineImage(path)).toMatchObject({ corrupted: true, reason: "the file is empty", hash: sha256(Buffer.alloc(0)) });
    expect(await examineImage(photo, { limits: { pixelsMax: 1e6, sizeBytesMax: 10 } })).toMatchObject({ corrupted: true, hash: sha256(photo) });
    await expect(examineImage(join(folder, "none.jpg"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("thumbnail", () => {
  it("keeps small images' size and never turns a wide image into nothing", async () => {
    expect(await sharp(await thumbnail(await quarters(40, 30).png().toBuffer())).metadata()).toMatchObject({ width: 40, height: 30 });
    expect(await sharp(await thumbnail(await quarters(3000, 2).png().toBuffer(), { longestSide: 100 })).metadata()).toMatchObject({ width: 100, height: 1 });
  });

  it("stands upright for every EXIF orientation, on both ways to it", async () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const bytes = await quarters(160, 120).withMetadata({ orientation }).png().toBuffer();
      const expected = await corners(await sharp(bytes).autoOrient().png().toBuffer());
      const { thumbnail: fromPixels } = await examineImage(bytes, { thumbnail: true, longestSide: 80 });
      expect(await corners(fromPixels!), `orientation ${orientation} from pixels`).toEqual(expected);
      expect(await corners(await thumbnail(bytes, { longestSide: 80 })), `orientation ${orientation} from file`).toEqual(expected);
    }
  });

  it("reads formats that the library does not", async () => {
    const ppm = Buffer.concat([Buffer.from("P6 160 120 255\n"), await quarters(160, 120).raw().toBuffer()]);
    const small = await thumbnail(ppm, { longestSide: 40 });
    expect(await sharp(small).metadata()).toMatchObject({ width: 40, height: 30 });
    expect(await corners(small)).toEqual(await corners(await quarters(160, 120).png().toBuffer()));
  });

  it("refuses what can't be decoded", async () => {
    await expect(thumbnail(photo.subarray(0, 2000))).rejects.toMatchObject({ name: "ImageError", code: "truncated" });
    await expect(thumbnail(Buffer.from("<svg/>"))).rejects.toMatchObject({ code: "unsupported" });
  });
});

describe("resizedPixels", () => {
  it("stretches, covers and contains", async () => {
    for (const fit of ["fill", "cover", "contain"] as const) {
      const { width, height, data } = await resizedPixels(photo, { width: 30, height: 30, fit });
      expect([width, height, data.length]).toEqual([30, 30, 2700]);
      expect(data[0]! > 150, fit).toBe(fit !== "contain"); // with contain there is grey above the image
    }
  });

  it("goes between stretching and cutting", async () => {
    // A black frame of 100 pixels left and right of a white square: shape 4 : 1, of which half (√) stays visible.
    const frame = Buffer.alloc(400 * 100 * 3);
    for (let y = 0; y < 100; y++) frame.fill(255, (y * 400 + 150) * 3, (y * 400 + 250) * 3);
    for (const turned of [false, true]) {
      const pipeline = sharp(frame, { raw: { width: 400, height: 100, channels: 3 } });
      const bytes = await (turned ? pipeline.rotate(90) : pipeline).png().toBuffer();
      const { width, height, data } = await resizedPixels(bytes, { width: 40, height: 40, fit: "between", kernel: "nearest" });
      expect([width, height]).toEqual([40, 40]);
      expect(data.filter((value) => value > 128).length / data.length).toBeCloseTo(0.5, 1);
    }
    const strip = await quarters(3000, 2).png().toBuffer();
    expect((await resizedPixels(strip, { width: 16, height: 16, fit: "between" })).data).toHaveLength(768);
  });

  it("gives three channels for grey images", async () => {
    const grey = await quarters(50, 50).toColourspace("b-w").png().toBuffer();
    const { data } = await resizedPixels(grey, { width: 10, height: 10, fit: "fill" });
    expect(data).toHaveLength(300);
    expect(data[0]).toBe(data[1]);
  });
});

describe("contentHash", () => {
  it("is the SHA-256 of the bytes, streamed or not", async () => {
    const path = join(folder, "large.bin");
    const bytes = Buffer.alloc(1_000_003, "winnow");
    await writeFile(path, bytes);
    expect(await contentHash(path)).toBe(sha256(bytes));
    expect(await contentHash(bytes)).toBe(sha256(bytes));
  });
});

/** Which channel leads in each quarter, from the top left by rows. */
async function corners(bytes: Buffer): Promise<string> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]]
    .map(([x, y]) => {
      const at = (Math.floor(y! * info.height) * info.width + Math.floor(x! * info.width)) * 3;
      return [data[at]! > 128 ? "R" : "", data[at + 1]! > 128 ? "G" : "", data[at + 2]! > 128 ? "B" : ""].join("");
    })
    .join(" ");
}
