// The stream around an encoder, with one that needs no model: a 1 × 1 image whose red channel is its number.
import { setTimeout as sleep } from "node:timers/promises";
import { ImageError, type ImageSource } from "@winnow/media";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EncodeAllOptions, encodeAll } from "./encode-all.ts";
import type { Encoder } from "./encoder.ts";

interface Watched extends Encoder {
  underWay: number;
  most: number;
  batches: number[];
}

function fake(prepare: (number: number) => Promise<void> = async () => undefined): Watched {
  const encoder: Watched = {
    name: "fake", dimensions: 1, underWay: 0, most: 0, batches: [],
    async prepare(image: ImageSource) {
      encoder.most = Math.max(encoder.most, ++encoder.underWay);
      const number = (image as Uint8Array)[0]!;
      try {
        await prepare(number);
      } finally {
        encoder.underWay--;
      }
      return { width: 1, height: 1, data: Uint8Array.of(number, 0, 0) };
    },
    async encode(images) {
      encoder.batches.push(images.length);
      return { data: Float32Array.from(images, (image) => (image as { data: Uint8Array }).data[0]!), rows: images.length, columns: 1 };
    },
    close: async () => undefined,
  };
  return encoder;
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => ({ fileName: `${i}`, bytes: Uint8Array.of(i) }));

async function collect(encoder: Encoder, count: number, options: EncodeAllOptions = {}) {
  const out = { names: [] as string[], values: [] as number[], broken: [] as string[] };
  for await (const batch of encodeAll(encoder, numbered(count), options)) {
    out.names.push(...batch.fileNames);
    out.values.push(...batch.vectors.data);
    out.broken.push(...batch.broken.map(({ fileName, reason }) => `${fileName}: ${reason}`));
    expect(batch.vectors.rows).toBe(batch.fileNames.length);
  }
  return out;
}

describe("encodeAll", () => {
  it("keeps the order and leaves out what is broken, however long each takes", async () => {
    await fc.assert(fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 2, max: 5 }), async (count, batchSize, concurrency, every) => {
      const encoder = fake(async (number) => {
        if (number % 3 === 0) await sleep(number % 2);
        if (number % every === 0) throw new ImageError("damaged", "no image");
      });
      const { names, values, broken } = await collect(encoder, count, { batchSize, concurrency });
      const whole = numbered(count).map(({ fileName }) => fileName).filter((name) => Number(name) % every !== 0);
      expect(names).toEqual(whole);
      expect(values).toEqual(whole.map(Number));
      expect(broken).toEqual(numbered(count).filter(({ fileName }) => Number(fileName) % every === 0).map(({ fileName }) => `${fileName}: no image`));
      expect(encoder.most).toBeLessThanOrEqual(concurrency);
      expect(encoder.batches.slice(0, -1).every((size) => size === batchSize)).toBe(true);
    }), { numRuns: 30 });
  });

  it("reports progress, and files that have gone, but not a failing disk", async () => {
    const failing = (code: string) => fake(async (number) => {
      if (number === 2) throw Object.assign(new Error("system"), { code });
    });
    const seen: string[] = [];
    const { broken } = await collect(failing("ENOENT"), 5, { batchSize: 2, onProgress: ({ encoded, broken: left }) => seen.push(`${encoded}+${left}`) });
    expect(broken).toEqual(["2: the file doesn't exist any more"]);
    expect(seen).toEqual(["2+0", "4+1"]);
    await expect(collect(failing("EIO"), 5)).rejects.toThrow("system");
  });

  it("stops when told and checks its options", async () => {
    const stop = new AbortController();
    const encoder = fake();
    const work = collect(encoder, 50, { batchSize: 2, signal: stop.signal, onProgress: ({ encoded }) => encoded >= 6 && stop.abort() });
    await expect(work).rejects.toMatchObject({ name: "AbortError" });
    expect(encoder.batches.length).toBe(3);
    await expect(collect(fake(), 1, { batchSize: 0 })).rejects.toThrow(/batchSize must be a whole number of at least 1, got 0/);
  });
});
