// Two rooms name frames: media, which makes them, and formats, which finds their side files. They may not import each other.
import { frameNameOf, frameOf } from "@winnow/formats";
import { frameName, parseFrameName, VIDEO_EXTENSIONS } from "@winnow/media";
import fc from "fast-check";
import { expect, it } from "vitest";

it("both rooms name a frame alike, and take its name apart alike", () => {
  const path = fc.tuple(fc.stringMatching(/^[a-z0-9_-]{1,8}(\/[a-z0-9_-][a-z0-9. _-]{0,8}[a-z0-9])?$/), fc.constantFrom(...VIDEO_EXTENSIONS, "MP4")).map(([stem, extension]) => `${stem}.${extension}`);
  fc.assert(fc.property(path, fc.integer({ min: 1, max: 1e6 }), fc.nat(), (video, count, any) => {
    const index = any % count;
    const name = frameName(video, index, count);
    expect(frameNameOf(video, index, count)).toBe(name);
    const { video: videoPath } = parseFrameName(name)!;
    expect(frameOf(name)).toEqual({ videoPath, index });
  }));
});
