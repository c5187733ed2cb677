import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { encodeJpeg, type Pixels } from "@winnow/media";
import { random } from "./random.ts";
import type { Scene } from "./scene.ts";
import { city } from "./scenes/city.ts";
import { landscape } from "./scenes/landscape.ts";
import { portrait } from "./scenes/portrait.ts";
import { stillLife } from "./scenes/still-life.ts";
import { texture } from "./scenes/texture.ts";
import { VARIANTS } from "./variants.ts";

const WIDTH = 480;
const HEIGHT = 360;
const QUALITY = 90;

/** One more group: one file in scenes/, one name here. */
const SCENES: readonly Scene[] = [landscape, stillLife, city, portrait, texture];

/** A file of the demo collection. */
export interface DemoImage {
  /** Relative to the folder, "/"-separated. */
  readonly fileName: string;
  readonly group: string;
  readonly kind: "original" | "exact-duplicate" | "near-duplicate" | "broken";
  /** The file it was made from, for all but originals. */
  readonly of?: string;
  /** What was done to a near-duplicate, in words. */
  readonly change?: string;
}

export interface DemoManifest {
  readonly folder: string;
  readonly seed: number;
  /** In the order of drawing. */
  readonly images: readonly DemoImage[];
}

export interface DemoOptions {
  /** The same seed draws the same files. 1 by default. */
  readonly seed?: number;
  /** Files to make, at least 12; 60 by default. About a sixth are duplicates, one is broken. */
  readonly count?: number;
}

/**
 * Draws a collection of pictures that look like photographs: landscapes, fruit on tables, streets, portraits, textures,
 * in a sub-folder each, with what real collections have: exact duplicates under other names, near-duplicates
 * (recompressed, cropped, brighter, shifted) and one file that is cut off. 480 × 360 JPEGs. Files that are there are
 * drawn again and replaced one by one; nothing else in the folder is touched.
 *
 * @throws RangeError for a count that makes no sense; errors of the file system as they are.
 */
export async function drawDemoCollection(
  folder: string,
  { seed = 1, count = 60 }: DemoOptions = {},
  onProgress?: (progress: { readonly done: number; readonly total: number; readonly fileName: string }) => void,
): Promise<DemoManifest> {
  if (!Number.isInteger(count) || count < 12 || count > 100_000) throw new RangeError(`the demo collection has 12 to 100000 files, not ${count}`);
  const plan = planCollection(seed, count);
  const images: DemoImage[] = [];
  /** What later files are made from. */
  const kept = new Map<string, { pixels: Pixels; bytes: Buffer }>();
  const sources = new Set(plan.flatMap(({ of }) => (of === undefined ? [] : [of])));
  for (const [at, item] of plan.entries()) {
    const bytes = await make(item, at);
    await mkdir(dirname(join(folder, item.fileName)), { recursive: true });
    // Never a half-written file under its name, also when interrupted: only the broken one is meant to be broken.
    const unfinished = join(folder, `${dirname(item.fileName)}/.unfinished-${at}`);
    await writeFile(unfinished, bytes);
    await rename(unfinished, join(folder, item.fileName));
    const { fileName, group, kind, of, change } = item;
    images.push({ fileName, group, kind, ...(of === undefined ? {} : { of }), ...(change === undefined ? {} : { change }) });
    onProgress?.({ done: at + 1, total: plan.length, fileName });
    await setImmediate(); // drawing keeps the thread busy: let timers and signals through
  }
  return { folder, seed, images };

  async function make({ fileName, kind, of, change, scene, index }: Planned, at: number): Promise<Buffer> {
    const source = of === undefined ? undefined : kept.get(of)!;
    if (source === undefined) {
      const pixels = scene.draw(random(seed * 7919 + SCENES.indexOf(scene) * 104_729 + index * 31), index, WIDTH, HEIGHT);
      const bytes = await encodeJpeg(pixels, QUALITY);
      if (sources.has(fileName)) kept.set(fileName, { pixels, bytes });
      return bytes;
    }
    if (kind === "exact-duplicate") return source.bytes;
    if (kind === "broken") return source.bytes.subarray(0, Math.floor(source.bytes.length * 0.4));
    const variant = VARIANTS.find((candidate) => candidate.change === change)!;
    return encodeJpeg(variant.apply(source.pixels, random(seed + at)), variant.quality);
  }
}

interface Planned extends DemoImage {
  readonly scene: Scene;
  readonly index: number;
}

/** Names look like a camera's, so that neither they nor their order give a duplicate away. */
function planCollection(seed: number, count: number): Planned[] {
  const exact = Math.max(2, Math.round(count / 15));
  const near = Math.max(4, Math.round(count / 10));
  const originals = count - exact - near - 1;
  const chance = random(seed);
  const numbers = SCENES.map(() => 1000 + chance.whole(4000));
  const name = (group: number) => {
    numbers[group]! += 1 + chance.whole(9);
    return `${SCENES[group]!.group}/IMG_${numbers[group]}.jpg`;
  };
  const plan: Planned[] = Array.from({ length: originals }, (_, i) => {
    const group = i % SCENES.length;
    return { fileName: name(group), group: SCENES[group]!.group, kind: "original", scene: SCENES[group]!, index: Math.floor(i / SCENES.length) };
  });
  // Each made from another original.
  const shuffled = [...plan];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = chance.whole(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  const made = (i: number, kind: DemoImage["kind"], change?: string): Planned => {
    const source = shuffled[i % originals]!;
    const group = SCENES.indexOf(source.scene);
    return { ...source, kind, of: source.fileName, fileName: name(group), ...(change === undefined ? {} : { change }) };
  };
  const copies = [
    ...Array.from({ length: exact }, (_, i) => made(i, "exact-duplicate")),
    ...Array.from({ length: near }, (_, i) => made(exact + i, "near-duplicate", VARIANTS[i % VARIANTS.length]!.change)),
    made(exact + near, "broken"),
  ];
  return [...plan, ...copies];
}
