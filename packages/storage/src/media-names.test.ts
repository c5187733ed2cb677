import fc from "fast-check";
import { expect, it } from "vitest";
import { imageExtensions, isImageName, isVideoName, mediaKind, splitExtension, videoExtensions } from "./media-names.ts";
import { checkThumbSuffix, thumbnailPath } from "./thumbnail-path.ts";

it("knows images and videos by their ends, in any case", () => {
  for (const one of imageExtensions) expect([mediaKind(`a/b.${one}`), mediaKind(`b.c.${one.toUpperCase()}`)]).toEqual(["image", "image"]);
  for (const one of videoExtensions) expect([mediaKind(`a/b.${one}`), isVideoName(`B.${one.toUpperCase()}`)]).toEqual(["video", true]);
  for (const one of ["a", "a.", "a.gif", ".jpg", "a/.jpg", "a/.b.jpg", "a.jpg/b", "a.jpg.txt", ""]) expect([one, mediaKind(one), isImageName(one)]).toEqual([one, undefined, false]);
});

it("splits every path into parts that make it again", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a./]{0,12}$/), (path) => {
      const { filename, extension } = splitExtension(path);
      expect(extension === "" ? [filename, `${filename}.`].includes(path) || filename === path : `${filename}.${extension}` === path).toBe(true);
      expect(extension).not.toMatch(/[./]/);
    }),
  );
});

it("names thumbnails by the template", () => {
  expect(thumbnailPath(undefined, "a/b.jpg")).toBe(".lightly/thumbnails/a/b_thumb.jpg");
  expect(thumbnailPath("t/[filename]-[extension].webp", "a.b/c.tar.gz")).toBe("t/a.b/c.tar-gz.webp");
  expect(thumbnailPath("[filename]_[filename].[extension]", "[extension]$&.png")).toBe("[extension]$&_[extension]$&.png");
  expect([thumbnailPath(null, "a.jpg"), thumbnailPath("", "a.jpg")]).toEqual([undefined, undefined]);
});

it.each(["thumb.jpg", "[filename].[extension]", "/[filename].jpg", "a/../[filename]", "[filename]_[size].jpg", "a//[filename]"])("refuses the template %s", (template) => {
  expect(() => checkThumbSuffix(template)).toThrow(/thumbnail suffix/i);
});

it("takes good templates", () => {
  for (const one of [".lightly/thumbnails/[filename]_thumb.[extension]", "[filename]_t.webp", "x/[filename]/[extension].jpg"]) checkThumbSuffix(one);
});
