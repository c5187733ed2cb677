// Models in the layout of the hub, written here and loaded through the library that loads the real ones. The weights of the
// real ones can't be fetched where tests run; `WINNOW_HUB_TESTS=1` tries them.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encoderChoice, loadEncoder } from "../load.ts";
import { TINY_SIDE, writeTinyHubModel } from "../testing/tiny-hub-model.ts";
import { HUB_NAMES, hubRepository } from "./hub-names.ts";
import { readHubPreprocessing } from "./hub-preprocessing.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-hub-"));
  await writeTinyHubModel(folder, "acme/tokens", "tokens");
  await writeTinyHubModel(folder, "acme/projection", "projection");
  await writeTinyHubModel(folder, "acme/pooled", "pooled");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const hub = () => ({ cacheFolder: folder, offline: true });

/** Red in its middle square, green around: what is cut off shows. */
const framed = () =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: { r: 0, g: 200, b: 0 } } })
    .composite([{ input: { create: { width: 40, height: 40, channels: 3, background: { r: 200, g: 0, b: 0 } } }, left: 12, top: 12 }])
    .png()
    .toBuffer();

describe("an encoder from the hub", () => {
  it("is loaded by its id from the cache folder, with its own preprocessing", async () => {
    for (const [name, expected] of [["acme/tokens", [1, 0, 0]], ["acme/projection", [1, 0, 0]]] as const) {
      const encoder = await loadEncoder(name, { hub: hub() });
      expect([encoder.name, encoder.dimensions]).toEqual([name, 3]);
      const image = await framed(); // the middle half is what such a model sees: red only
      const { data, rows } = await encoder.encode([image, image]);
      expect(rows).toBe(2);
      for (const [i, value] of [...data].entries()) expect(value, name).toBeCloseTo(expected[i % 3]!, 2);
      await encoder.close();
    }
    const stretched = await loadEncoder("acme/pooled", { hub: hub() });
    const [red, green, blue] = (await stretched.encode([await framed()])).data;
    expect(red! / green!).toBeCloseTo(1600 / (4096 - 1600), 1); // sees all of it
    expect(blue).toBeCloseTo(0, 2);
    await stretched.close();
  });

  it("takes the first token, not the mean of all", async () => {
    const quarters = await sharp({ create: { width: 64, height: 64, channels: 3, background: { r: 0, g: 0, b: 250 } } })
      .composite([{ input: { create: { width: 32, height: 32, channels: 3, background: { r: 250, g: 0, b: 0 } } }, left: 0, top: 0 }])
      .png()
      .toBuffer();
    const encoder = await loadEncoder("acme/tokens", { hub: hub() });
    const [red, , blue] = (await encoder.encode([quarters])).data;
    expect(red).toBeGreaterThan(0.99);
    expect(blue).toBeLessThan(0.1);
    await encoder.close();
  });

  it("gives the same bits alone or together, from files and from decoded pixels", async () => {
    const encoder = await loadEncoder("acme/projection", { hub: hub() });
    const images = [await framed(), await sharp(await framed()).negate().jpeg().toBuffer()];
    const together = (await encoder.encode(images)).data;
    const prepared = await Promise.all(images.map((image) => encoder.prepare(image)));
    expect(prepared.map(({ width, height }) => [width, height])).toEqual([[TINY_SIDE, TINY_SIDE], [TINY_SIDE, TINY_SIDE]]);
    for (const [i, pixels] of prepared.entries()) expect([...(await encoder.encode([pixels])).data]).toEqual([...together.subarray(i * 3, i * 3 + 3)]);
    await encoder.close();
    await expect(encoder.encode([prepared[0]!])).rejects.toThrow(/is closed/);
  });

  it("finds models in a local folder too", async () => {
    const encoder = await loadEncoder("acme/tokens", { hub: { cacheFolder: join(folder, "empty"), localFolder: folder, offline: true } });
    expect(encoder.dimensions).toBe(3);
    await encoder.close();
  });

  it("says which model is missing, where it was looked for and how to put it there", async () => {
    const error = await loadEncoder("dinov2-small", { hub: hub() }).catch((thrown: Error) => thrown.message);
    expect(error).toContain("the model Xenova/dinov2-small can't be loaded");
    expect(error).toContain(`Looked for it in ${folder}; the network was not asked (offline)`);
    expect(error).toContain(`https://huggingface.co/Xenova/dinov2-small into ${join(folder, "Xenova/dinov2-small")}`);
  });

  it("says what is wrong with a model that is there", async () => {
    await writeTinyHubModel(folder, "acme/broken", "tokens");
    await writeFile(join(folder, "acme/broken/onnx/model.onnx"), "no model");
    await expect(loadEncoder("acme/broken", { hub: hub() })).rejects.toThrow(/acme\/broken can't be loaded/);
    await writeTinyHubModel(folder, "acme/odd", "tokens");
    await writeFile(join(folder, "acme/odd/preprocessor_config.json"), JSON.stringify({ image_processor_type: "BitImageProcessor", do_center_crop: true, size: { shortest_edge: 4 }, crop_size: { width: 8, height: 8 }, image_mean: [0, 0, 0], image_std: [1, 1, 1] }));
    await expect(loadEncoder("acme/odd", { hub: hub() })).rejects.toThrow(/crop_size is larger than size/);
  });

  it.skipIf(process.env.WINNOW_HUB_TESTS !== "1")("fetches a real one (only with WINNOW_HUB_TESTS=1: it takes the network and 90 MB)", async () => {
    const encoder = await loadEncoder("dinov2-small", { hub: { cacheFolder: join(folder, "fetched") } });
    expect(encoder.dimensions).toBe(384);
    expect((await encoder.encode([await framed()])).data.every(Number.isFinite)).toBe(true);
    await encoder.close();
  });
});

describe("names of encoders", () => {
  it("lead to repositories: short ones, full ids, and nothing that could leave the cache folder", () => {
    expect(hubRepository("dinov2-small")).toBe("Xenova/dinov2-small");
    expect(HUB_NAMES).toEqual(expect.arrayContaining(["clip-vit-base-patch32", "siglip-base-patch16-224"]));
    expect(hubRepository("facebook/dinov2-base")).toBe("facebook/dinov2-base");
    for (const name of ["clip", "../x", "a/../b", "a/b/c", "/a/b", "a/", "a/.b", "http://a/b", "toString", "a/b..c"]) expect([name, hubRepository(name)]).toEqual([name, undefined]);
  });

  it("of the original give the built-in encoder, and say so", async () => {
    expect(encoderChoice("dinov2-small")).toEqual({ name: "dinov2-small" });
    const notices: string[] = [];
    const encoder = await loadEncoder("resnet-18", { onNotice: (notice) => notices.push(notice) });
    expect(encoder.name).toBe((await loadEncoder()).name);
    expect(notices).toEqual([expect.stringMatching(/no weights for resnet-18 here: the built-in encoder is used/)]);
    await encoder.close();
    await expect(loadEncoder("resnet-1000")).rejects.toThrow(/no encoder "resnet-1000": use default, .*dinov2-small.* or the path of an \.onnx file/);
  });
});

describe("readHubPreprocessing", () => {
  it("reads what DINOv2, CLIP and SigLIP ask for", () => {
    const imagenet = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };
    expect(readHubPreprocessing({ crop_size: { height: 224, width: 224 }, do_center_crop: true, do_normalize: true, do_rescale: true, do_resize: true, ...imagenet, resample: 3, rescale_factor: 1 / 255, size: { shortest_edge: 256 } })).toEqual({
      width: 224, height: 224, resized: { width: 256, height: 256 }, fit: "cover", kernel: "cubic", mean: imagenet.image_mean, std: imagenet.image_std,
    });
    expect(readHubPreprocessing({ crop_size: 224, do_center_crop: true, do_resize: true, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5], size: 224 })).toMatchObject({ width: 224, resized: { width: 224, height: 224 }, fit: "cover", kernel: "linear" });
    expect(readHubPreprocessing({ do_resize: true, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5], resample: 3, size: { height: 224, width: 224 } })).toMatchObject({ width: 224, fit: "fill" });
    expect(readHubPreprocessing({ size: { height: 10, width: 12 }, do_rescale: true, rescale_factor: 1 / 127.5, image_mean: [1, 1, 1], image_std: [1, 1, 1] })).toMatchObject({ width: 12, height: 10, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] });
  });

  it("names the field that it doesn't understand", () => {
    expect(() => readHubPreprocessing({})).toThrow(/neither size nor crop_size/);
    expect(() => readHubPreprocessing({ size: { longest_edge: 5 } })).toThrow(/size\.width must be a whole number/);
    expect(() => readHubPreprocessing({ size: { height: 8, width: 8 }, image_mean: [1, 2] })).toThrow(/image_mean must be three numbers/);
    expect(() => readHubPreprocessing({ size: { height: 8, width: 8 }, image_std: [0, 1, 1] })).toThrow(/image_std must be above 0/);
  });
});
