import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listImages, measureImage, resizedPixels } from "@winnow/media";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DemoManifest, drawDemoCollection } from "./draw.ts";

let root: string;
let manifest: DemoManifest;
const seen: string[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "winnow-demo-"));
  manifest = await drawDemoCollection(join(root, "a"), { count: 20 }, ({ done, total, fileName }) => seen.push(`${done}/${total} ${fileName}`));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const bytesOf = (fileName: string, folder = "a") => readFile(join(root, folder, fileName));
const hash = async (fileName: string, folder = "a") => createHash("sha256").update(await bytesOf(fileName, folder)).digest("hex");

/** Mean difference of two pictures at 32 × 24, in shades of 256. */
async function difference(a: string, b: string): Promise<number> {
  const [x, y] = await Promise.all([a, b].map(async (name) => (await resizedPixels(await bytesOf(name), { width: 32, height: 24, fit: "fill" })).data));
  return x!.reduce((sum, value, i) => sum + Math.abs(value - y![i]!), 0) / x!.length;
}

describe("drawDemoCollection", () => {
  it("makes what its manifest says, and nothing else", async () => {
    const listed: string[] = [];
    for await (const { fileName } of listImages(join(root, "a"))) listed.push(fileName);
    expect(manifest.images.map(({ fileName }) => fileName).sort()).toEqual([...listed].sort());
    expect(listed).toHaveLength(20);
    expect(seen).toEqual(manifest.images.map(({ fileName }, i) => `${i + 1}/20 ${fileName}`));
    for (const { fileName, group } of manifest.images) expect(fileName).toMatch(new RegExp(`^${group}/IMG_\\d+\\.jpg$`));
    expect(new Set(manifest.images.map(({ group }) => group)).size).toBe(5);
    for (const group of await readdir(join(root, "a"))) {
      expect((await readdir(join(root, "a", group))).filter((name) => name.startsWith("."))).toEqual([]);
    }
  });

  it("has exact duplicates, near-duplicates that only look alike, and one file that is cut off", async () => {
    const of = (kind: string) => manifest.images.filter((image) => image.kind === kind);
    expect([of("exact-duplicate").length, of("near-duplicate").length, of("broken").length]).toEqual([2, 4, 1]);
    for (const image of of("exact-duplicate")) expect(await hash(image.fileName)).toBe(await hash(image.of!));
    for (const image of of("near-duplicate")) {
      expect(await hash(image.fileName)).not.toBe(await hash(image.of!));
      expect(await difference(image.fileName, image.of!), image.change).toBeLessThan(16);
    }
    const originals = of("original");
    expect(new Set(await Promise.all(originals.map(({ fileName }) => hash(fileName)))).size).toBe(originals.length);
    expect(await difference(originals[0]!.fileName, originals[1]!.fileName)).toBeGreaterThan(16);
    for (const image of manifest.images) {
      const { corrupted, reason, metaData } = await measureImage(await bytesOf(image.fileName));
      expect(corrupted, image.fileName).toBe(image.kind === "broken");
      if (corrupted) expect(reason).toMatch(/cut off/);
      else expect([metaData.shape[0]! > 330, metaData.std[0]! > 0.02]).toEqual([true, true]);
    }
  });

  it("draws the same files from the same seed, others from another, and leaves strangers alone", async () => {
    const again = await drawDemoCollection(join(root, "b"), { count: 12 });
    await writeFile(join(root, "b", "mine.txt"), "mine");
    const hashes = await Promise.all(again.images.map(({ fileName }) => hash(fileName, "b")));
    await drawDemoCollection(join(root, "b"), { count: 12 });
    expect(await Promise.all(again.images.map(({ fileName }) => hash(fileName, "b")))).toEqual(hashes);
    expect(await readFile(join(root, "b", "mine.txt"), "utf8")).toBe("mine");
    const other = await drawDemoCollection(join(root, "c"), { count: 12, seed: 2 });
    const others = await Promise.all(other.images.map(({ fileName }) => hash(fileName, "c")));
    expect(others.filter((value) => hashes.includes(value))).toEqual([]);
  });

  it("refuses a count that makes no sense", async () => {
    for (const count of [0, 11, 12.5, NaN]) await expect(drawDemoCollection(join(root, "d"), { count })).rejects.toThrow(/12 to 100000 files/);
  });
});
