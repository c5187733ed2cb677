import { expect, it } from "vitest";
import { follow } from "./following.ts";
import { wait } from "./waiting.ts";

it("tells everyone who still follows, once, and leaves nothing behind", async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error) => warnings.push(warning.name);
  process.on("warning", onWarning);
  const stop = new AbortController();
  const told: number[] = [];
  const ends = Array.from({ length: 50 }, (_, at) => follow(stop.signal, () => told.push(at)));
  for (const [at, end] of ends.entries()) if (at % 2 === 0) end();
  const waiting = wait(60_000, stop.signal);
  stop.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  expect(told).toEqual(Array.from({ length: 25 }, (_, at) => 2 * at + 1));
  follow(stop.signal, () => told.push(99));
  expect(told.at(-1)).toBe(99);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
});

it("waits as long as it is told", async () => {
  await wait(1, new AbortController().signal);
  await wait(1);
  await expect(wait(1, AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
});
