import fc from "fast-check";
import { expect, it } from "vitest";
import type { Item } from "./item.ts";
import { sequencesOf } from "./sequences.ts";

const frame = (video: string, index: number): Item => ({ fileName: `${video}-${index}`, frame: { video, index, seconds: index, pts: index } });

it("videos and folders are cut by themselves, what is left over is in none", () => {
  const items = [{ fileName: "a/1" }, { fileName: "a/2" }, { fileName: "a/3" }, { fileName: "b/1" }, frame("v", 0), frame("v", 1), frame("v", 2), frame("w", 0)];
  expect(sequencesOf(items, 2)).toEqual([[0, 1], [4, 5]]);
  expect(sequencesOf(items, 3)).toEqual([[0, 1, 2], [4, 5, 6]]);
});

it("every item is in one sequence at most, and all sequences are of the length", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), (videos, length) => {
      const sequences = sequencesOf(videos.map((video, i) => frame(video, i)), length);
      const all = sequences.flat();
      expect(new Set(all).size).toBe(all.length);
      for (const sequence of sequences) {
        expect(sequence).toHaveLength(length);
        expect(new Set(sequence.map((i) => videos[i])).size).toBe(1);
      }
      for (const video of ["a", "b", "c"]) expect(sequences.filter(([i]) => videos[i!] === video)).toHaveLength(Math.floor(videos.filter((one) => one === video).length / length));
    }),
  );
});
