import { cropImage, encodeJpeg } from "@winnow/media";
import { splitExtension } from "@winnow/storage";
import type { CropPlace, Item } from "./item.ts";
import type { PredictionRow, TaskPredictions } from "./predictions.ts";

const QUALITY = 95;

/** Name of an object that is cut out of an image: `a/b.jpg`, box 7 of the task cars is `a/b-cars-007-jpg.jpg`. */
function cropName(parent: string, task: string, index: number): string {
  const { filename, extension } = splitExtension(parent);
  return `${filename}-${task.replaceAll(/[^a-zA-Z0-9]+/g, "_")}-${String(index).padStart(3, "0")}${extension === "" ? "" : `-${extension}`}.jpg`;
}

/** Cuts the objects of a task out of an image. Boxes that lie outside of it, or have no area, give nothing. */
export function cropMaker(predictions: TaskPredictions, padding: number) {
  const { task } = predictions;
  return async (item: Item, bytes: Uint8Array): Promise<{ item: Item; bytes: Uint8Array }[]> => {
    const rows = predictions.of(item.fileName) ?? [];
    // Decoded even without boxes: what is broken must be found broken.
    const cut = await cropImage(bytes, rows.map(({ box }) => box), { padding });
    const crops: { item: Item; bytes: Uint8Array }[] = [];
    for (const [i, row] of rows.entries()) {
      const pixels = cut[i];
      if (pixels === undefined) continue;
      const crop = cropOf(item, row, task.name, task.categories[row.category]!.id);
      crops.push({ item: { fileName: cropName(item.fileName, task.name, row.index), crop }, bytes: await encodeJpeg(pixels, QUALITY) });
    }
    return crops;
  };
}

/** Cuts one object out again; undefined when nothing of the box lies in the image. */
export async function cutAgain({ crop }: Item, bytes: Uint8Array, padding: number): Promise<Uint8Array | undefined> {
  const [pixels] = await cropImage(bytes, [crop!.box], { padding });
  return pixels && encodeJpeg(pixels, QUALITY);
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
