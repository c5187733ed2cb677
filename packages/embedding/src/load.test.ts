// The built-in encoder on pictures drawn here and, where they are, on real photographs; and encoders from files.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeFolder } from "./encode-folder.ts";
import type { Encoder } from "./encoder.ts";
import { loadEncoder } from "./load.ts";
import { writeOnnx } from "./onnx.ts";
import { applyState, fitState } from "./state.ts";

const PHOTOGRAPHS = fileURLToPath(new URL("../../../../shared/data/clothing", import.meta.url));

let folder: string;
let encoder: Encoder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-encoder-"));
  encoder = await loadEncoder();
});
afterAll(async () => {
  await encoder.close();
  await rm(folder, { recursive: true, force: true });
});

/** Discs or stripes on a gradient, moved and coloured by the seed. */
function picture(kind: "discs" | "stripes", seed: number): Promise<Buffer> {
  const shapes = Array.from({ length: 7 }, (_, i) => {
    const at = (i * 53 + seed * 37) % 280;
    const colour = `hsl(${(seed * 67 + i * 11) % 360} 60% 50%)`;
    return kind === "discs"
      ? `<circle cx="${at + 30}" cy="${(at * 7) % 220}" r="${25 + (seed % 9)}" fill="${colour}"/>`
      : `<rect x="${at}" y="-100" width="${14 + (seed % 5)}" height="500" transform="rotate(${seed * 3} 160 120)" fill="${colour}"/>`;
  });
  return sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="240" fill="#998"/>${shapes.join("")}</svg>`)).jpeg().toBuffer();
}

const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const row = (vectors: { data: Float32Array; columns: number }, i: number) => vectors.data.subarray(i * vectors.columns, (i + 1) * vectors.columns);

describe("the built-in encoder", () => {
  it("gives unit vectors, the same bits in any batch and on any number of threads", async () => {
    const images = await Promise.all([0, 1, 2, 3, 4, 5, 6].map((seed) => picture(seed % 2 ? "discs" : "stripes", seed)));
    const together = await encoder.encode(images);
    expect([together.rows, together.columns]).toEqual([7, encoder.dimensions]);
    for (let i = 0; i < 7; i++) expect(cosine(row(together, i), row(together, i))).toBeCloseTo(1, 5);
    for (const threads of [1, 3]) {
      const other = await loadEncoder("default", { threads });
      for (const [i, image] of images.entries()) {
        expect(Buffer.from((await other.encode([image])).data.buffer).equals(Buffer.from(row(together, i).slice().buffer)), `image ${i}, ${threads} threads`).toBe(true);
      }
      await other.close();
    }
  });

  it("puts what looks alike together, mirrored and recompressed images too", async () => {
    const images = await Promise.all(Array.from({ length: 16 }, (_, i) => picture(i < 8 ? "discs" : "stripes", i + 1)));
    const mirrored = await sharp(images[0]).flop().jpeg().toBuffer();
    const recompressed = await sharp(images[0]).jpeg({ quality: 50 }).toBuffer();
    const raw = await encoder.encode([...images, mirrored, recompressed]);
    const vectors = applyState(raw, fitState(raw, encoder.name));
    const nearest = (i: number, among: number) => Array.from({ length: among }, (_, j) => j).filter((j) => j !== i).sort((a, b) => cosine(row(vectors, b), row(vectors, i)) - cosine(row(vectors, a), row(vectors, i)))[0]!;
    const right = images.filter((_, i) => nearest(i, 16) < 8 === i < 8).length;
    expect(right).toBeGreaterThanOrEqual(15);
    expect(nearest(16, 16)).toBe(0);
    expect(nearest(17, 16)).toBe(0);
    expect(cosine(row(raw, 0), row(raw, 16))).toBeGreaterThan(0.9);
  });

  it("streams a folder, leaves out what is broken, and takes every odd shape", async () => {
    const images = join(folder, "images");
    await mkdir(join(images, "b"), { recursive: true });
    const photo = await picture("discs", 3);
    await writeFile(join(images, "a.jpg"), photo);
    await writeFile(join(images, "b", "cut.jpg"), photo.subarray(0, 900));
    await writeFile(join(images, "b", "empty.png"), "");
    await writeFile(join(images, "b", "drawing.png"), "<svg/>");
    await writeFile(join(images, "b", "pixel.png"), await sharp({ create: { width: 1, height: 1, channels: 3, background: "red" } }).png().toBuffer());
    await writeFile(join(images, "b", "strip.png"), await sharp({ create: { width: 2000, height: 3, channels: 4, background: "blue" } }).png().toBuffer());
    await writeFile(join(images, "c.ppm"), Buffer.concat([Buffer.from("P6 320 240 255\n"), await sharp(photo).raw().toBuffer()]));
    const { fileNames, vectors, broken } = await encodeFolder(encoder, images);
    expect(fileNames).toEqual(["a.jpg", "b/pixel.png", "b/strip.png", "c.ppm"]);
    expect(vectors.data.every(Number.isFinite)).toBe(true);
    // The same picture without the detour over a smaller JPEG decode.
    expect(cosine(row(vectors, 0), row(vectors, 3))).toBeGreaterThan(0.99);
    expect(broken.map(({ fileName }) => fileName)).toEqual(["b/cut.jpg", "b/drawing.png", "b/empty.png"]);
    expect(broken[0]!.reason).toMatch(/cut off/);
  });

  it("refuses work it can't do", async () => {
    await expect(encoder.encode([Buffer.from("no image")])).rejects.toMatchObject({ name: "ImageError" });
    await expect(encoder.encode([{ width: 2, height: 2, data: new Uint8Array(12) }])).rejects.toThrow(/192 × 192 pixels, got 2 × 2/);
    const closed = await loadEncoder();
    await closed.close();
    await closed.close();
    await expect(closed.encode([await picture("discs", 1)])).rejects.toThrow(/is closed/);
    expect((await encoder.encode([])).rows).toBe(0);
  });

  it.skipIf(!existsSync(PHOTOGRAPHS))("tells ten classes of real photographs apart (skipped where they aren't beside the repository)", async () => {
    const { fileNames, vectors } = await encodeFolder(encoder, PHOTOGRAPHS);
    const centred = applyState(vectors, fitState(vectors, encoder.name));
    const labels = fileNames.map((name) => name.split("/")[0]!);
    const right = labels.filter((label, i) => {
      const cosines = labels.map((_, j) => (j === i ? -2 : cosine(row(centred, i), row(centred, j))));
      const votes = new Map<string, number>();
      for (const j of labels.map((_, k) => k).sort((a, b) => cosines[b]! - cosines[a]!).slice(0, 5)) votes.set(labels[j]!, (votes.get(labels[j]!) ?? 0) + 1 + cosines[j]! / 100);
      return [...votes].sort((a, b) => b[1] - a[1])[0]![0] === label;
    }).length;
    expect(right / labels.length).toBeGreaterThan(0.69);
  });
});

describe("loadEncoder", () => {
  /** A model that only averages: its "feature map" is the image itself. */
  async function writeModel(name: string, description: object): Promise<string> {
    const path = join(folder, `${name}.onnx`);
    await writeFile(path, writeOnnx({
      name,
      nodes: [{ operator: "AveragePool", inputs: ["image"], outputs: ["map"], attributes: { kernel_shape: [2, 2], strides: [2, 2] } }],
      constants: [],
      inputs: [{ name: "image", shape: ["batch", 3, 4, 4] }],
      outputs: [{ name: "map", shape: ["batch", 3, 2, 2] }],
    }));
    await writeFile(join(folder, `${name}.json`), JSON.stringify(description));
    return path;
  }

  it("loads an ONNX file with its description", async () => {
    const path = await writeModel("average", { dimensions: 3, width: 4, height: 4, fit: "fill", mean: [0, 0, 0], std: [1, 1, 1] });
    const own = await loadEncoder(path);
    expect([own.name, own.dimensions]).toEqual(["average", 3]);
    const image = await sharp({ create: { width: 9, height: 9, channels: 3, background: { r: 60, g: 0, b: 80 } } }).png().toBuffer();
    const { data } = await own.encode([image, image]);
    expect([...data].map((value) => Number(value.toFixed(4)))).toEqual([0.6, 0, 0.8, 0.6, 0, 0.8]);
    await own.close();
  });

  it("says what is wrong with a name, a model or its description", async () => {
    await expect(loadEncoder("clip")).rejects.toThrow(/no encoder "clip": use default/);
    await expect(loadEncoder("toString")).rejects.toThrow(/no encoder/);
    await expect(loadEncoder(join(folder, "none.onnx"))).rejects.toThrow(/none\.json, which describes the model's input, can't be read/);
    await expect(loadEncoder(await writeModel("narrow", { dimensions: 3, width: 0, height: 4 }))).rejects.toThrow(/width must be a whole number/);
    await expect(loadEncoder(await writeModel("odd", { dimensions: 3, width: 4, height: 4, output: "other" }))).rejects.toThrow(/odd has no output other; it has map/);
    const path = await writeModel("wide", { dimensions: 5, width: 4, height: 4 });
    const wide = await loadEncoder(path);
    await expect(wide.encode([{ width: 4, height: 4, data: new Uint8Array(48) }])).rejects.toThrow(/3 × 2 × 2 per image, which gives no vector of 5/);
    await wide.close();
    await writeFile(path, "not a model");
    await expect(loadEncoder(path)).rejects.toThrow(/wide\.onnx can't be loaded/);
  });
});
