import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ListedImage, listImages } from "./list.ts";
import { isImageName } from "./names.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-list-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(...names: string[]) {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), "x");
  }
}

async function collect(images: AsyncIterable<ListedImage>): Promise<ListedImage[]> {
  const all: ListedImage[] = [];
  for await (const image of images) all.push(image);
  return all;
}

async function names(): Promise<string[]> {
  return (await collect(listImages(folder))).map((file) => file.fileName);
}

describe("listImages", () => {
  it("lists images of all sub-folders in byte order of their paths", async () => {
    const made = ["b/z.jpg", "b.jpg", "b-1.png", "B.PNG", "a/deep/er/x.webp", "ä.tiff", "\u{1f600}.jpg", "\uffe0.jpg", "b/a.bmp", "1.ppm"];
    await put(...made);
    const expected = [...made].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(await names()).toEqual(expected);
  });

  it("passes over dots, other files, and folders named like images", async () => {
    await put("a.jpg", ".b.jpg", ".hidden/c.jpg", "d.txt", "e.jpg/f.jpg", "noextension", "jpg");
    expect(await names()).toEqual(["a.jpg", "e.jpg/f.jpg"]);
  });

  it("follows links, but never in circles", async () => {
    await put("a/x.jpg", "b/y.jpg");
    await symlink(join(folder, "a"), join(folder, "b", "to-a"));
    await symlink(join(folder, "b"), join(folder, "a", "to-b"));
    await symlink(folder, join(folder, "a", "up"));
    await symlink(join(folder, "a", "x.jpg"), join(folder, "link.jpg"));
    await symlink(join(folder, "nothing"), join(folder, "dangling.jpg"));
    expect(await names()).toEqual(["a/to-b/y.jpg", "a/x.jpg", "b/to-a/x.jpg", "b/y.jpg", "link.jpg"]);
  });

  it("tells size and time, and works with more files than are looked at together", async () => {
    await put(...Array.from({ length: 150 }, (_, i) => `${String(i).padStart(3, "0")}.jpg`));
    const files = await collect(listImages(folder));
    expect(files).toHaveLength(150);
    expect(files[149]).toMatchObject({ fileName: "149.jpg", path: join(folder, "149.jpg"), sizeBytes: 1 });
    expect(Math.abs(files[0]!.modifiedMs - Date.now())).toBeLessThan(60_000);
  });

  it("says what is wrong with a folder, and stops when told", async () => {
    await expect(collect(listImages(join(folder, "none")))).rejects.toThrow(/none can't be read: there is no such folder/);
    await put("a.jpg");
    await expect(collect(listImages(join(folder, "a.jpg")))).rejects.toThrow(/is not a folder/);
    await expect(collect(listImages(folder, { signal: AbortSignal.abort() }))).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("isImageName", () => {
  it("knows the extensions in any case", () => {
    for (const name of ["a.jpg", "A.JPEG", "x/y.z/b.Tif", "a.b.png"]) expect(isImageName(name), name).toBe(true);
    for (const name of ["a", ".jpg", "x/.a.jpg", "a.jpg/b", "a.gif", "a.svg", "jpg", "a.", ""]) expect(isImageName(name), name).toBe(false);
    fc.assert(fc.property(fc.string(), (name) => typeof isImageName(name) === "boolean"));
  });
});
