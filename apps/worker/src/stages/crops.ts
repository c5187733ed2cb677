import { type Pixels, decodeImage } from "@winnow/media";
import { splitExtension } from "@winnow/storage";
import sharp from "sharp";
import type { CropPlace, Item } from "./item.ts";
import type { PredictionRow, TaskPredictions } from "./predictions.ts";

/** Name of an object that is cut out of an image: `a/b.jpg`, box 7 of the task cars is `a/b-cars-007-jpg.jpg`. */
export function cropName(parent: string, task: string, index: number): string {
  const { filename, extension } = splitExtension(parent);
  return `${filename}-${task.replaceAll(/[^a-zA-Z0-9]+/g, "_")}-${String(index).padStart(3, "0")}${extension === "" ? "" : `-${extension}`}.jpg`;
}

/** Cuts the objects of a task out of an image. Boxes that lie outside of it, or have no area, give nothing. */
export function cropMaker(predictions: TaskPredictions, padding: number) {
  const { task } = predictions;
  return async (item: Item, bytes: Uint8Array): Promise<{ item: Item; bytes: Uint8Array }[]> => {
    const rows = predictions.of(item.fileName) ?? [];
    if (rows.length === 0) {
      // What is broken must be found broken, whether there is something in it or not.
      await decodeImage(bytes);
      return [];
    }
    const image = await decodeImage(bytes);
    const crops: { item: Item; bytes: Uint8Array }[] = [];
    for (const row of rows) {
      const crop = cropOf(item, row, task.name, task.categories[row.category]!.id);
      const cut = await cutOut(image, crop.box, padding);
      if (cut !== undefined) crops.push({ item: { fileName: cropName(item.fileName, task.name, row.index), crop }, bytes: cut });
    }
    return crops;
  };
}

/** Cuts one object out again. */
export async function cutAgain({ crop }: Item, bytes: Uint8Array, padding: number): Promise<Uint8Array | undefined> {
  return cutOut(await decodeImage(bytes), crop!.box, padding);
}

function cropOf(item: Item, row: PredictionRow, task: string, categoryId: number): CropPlace {
  return {
    parent: item.fileName,
    ...(item.frame === undefined ? {} : { parentFrame: item.frame }),
    task,
    index: row.index,
    categoryId,
    score: row.score,
    ...(row.probabilities === undefined ? {} : { probabilities: Array.from(row.probabilities) }),
    box: row.box,
  };
}

/** A box of an image, grown by a share of its width and height on all sides together, as JPEG. */
async function cutOut({ width, height, data }: Pixels, [x, y, w, h]: readonly [number, number, number, number], padding: number): Promise<Uint8Array | undefined> {
  const [growX, growY] = [(w * padding) / 2, (h * padding) / 2];
  const left = Math.max(0, Math.round(x - growX));
  const top = Math.max(0, Math.round(y - growY));
  const right = Math.min(width, Math.round(x + w + growX));
  const bottom = Math.min(height, Math.round(y + h + growY));
  if (right - left < 1 || bottom - top < 1) return undefined;
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .extract({ left, top, width: right - left, height: bottom - top })
    .jpeg({ quality: 95, chromaSubsampling: "4:4:4" })
    .toBuffer();
}
