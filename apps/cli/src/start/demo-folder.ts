import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../files/write-whole.ts";
import { type Progress, counted } from "../terminal/progress.ts";

const SEED = 1;
const COUNT = 60;

/**
 * The demo collection in the data folder, drawn the first time. Its manifest is written last: a folder with one for the
 * same drawing is complete.
 */
export async function demoFolder(dataFolder: string, progress: Progress, signal: AbortSignal): Promise<string> {
  const folder = join(dataFolder, "demo");
  const manifest = join(folder, "manifest.json");
  if (isComplete(folder, manifest)) return folder;
  const { drawDemoCollection } = await import("../demo/draw.ts");
  const stage = progress.stage("Drawing a demo collection");
  const drawn = await drawDemoCollection(folder, { seed: SEED, count: COUNT }, ({ done, total }) => {
    signal.throwIfAborted();
    stage.update(done, total);
  });
  writeWhole(manifest, `${JSON.stringify({ seed: SEED, count: COUNT, images: drawn.images }, undefined, 2)}\n`);
  stage.done(`${counted(drawn.images.length, "image")} in ${folder}`, drawn.images.length);
  return folder;
}

function isComplete(folder: string, manifest: string): boolean {
  try {
    const { seed, count, images } = JSON.parse(readFileSync(manifest, "utf8")) as { seed: number; count: number; images: { fileName: string }[] };
    return seed === SEED && count === COUNT && images.every(({ fileName }) => existsSync(join(folder, fileName)));
  } catch {
    return false;
  }
}
