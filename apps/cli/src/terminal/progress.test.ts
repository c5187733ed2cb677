import { expect, test, vi } from "vitest";
import { Progress, duration } from "./progress.ts";

function on(isTTY: boolean, columns?: number) {
  let text = "";
  const stderr = { write: (more: string) => (text += more), columns };
  const progress = new Progress({ stdout: stderr, stderr, isTTY, env: {}, cwd: "/", stop: new AbortController().signal });
  return { progress, text: () => text };
}

test("on a terminal one line is written over until the stage ends, and never breaks", () => {
  // On a busy machine the second call would come late.
  vi.useFakeTimers({ toFake: ["performance"] });
  const { progress, text } = on(true, 30);
  const stage = progress.stage("Embedding");
  stage.update(3, 1000);
  stage.update(4, 1000); // too soon after the last to be shown
  stage.done("1,000 images", 1000);
  const shown = text().split("\r\u001b[K");
  expect(shown).toHaveLength(3);
  expect(shown[0]).toBe("Embedding …");
  expect(shown[1]).toMatch(/^Embedding: 3 of 1,000 images/);
  expect(shown[1]!.length).toBeLessThan(30);
  vi.useRealTimers();
  expect(shown[2]).toMatch(/^Embedding: 1,000 images.* · \d+ ms\n$/);
});

test("elsewhere a stage is one line when it ends", () => {
  const { progress, text } = on(false);
  const stage = progress.stage("Embedding");
  stage.update(3, 1000);
  progress.clear();
  stage.done("1,000 images");
  expect(text()).toMatch(/^Embedding: 1,000 images · \d+ ms\n$/);
});

test("durations", () => {
  expect([40, 400, 9_940, 12_000, 59_400, 61_000, 200_000, 7_500_000].map(duration)).toEqual(["40 ms", "0.4 s", "9.9 s", "12 s", "59 s", "1 min 1 s", "3 min 20 s", "2 h 5 min"]);
});
