import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readYoloLabels, readYoloNames, type YoloBox } from "@winnow/formats";
import { type ListedImage, listImages } from "@winnow/media";
import { splitExtension } from "@winnow/media/names";
import { requireFolder, requireText } from "./folders.ts";

/** One image and what its label file says; undefined where there is no label file. */
export interface LabelledImage {
  readonly image: ListedImage;
  readonly boxes: readonly YoloBox[] | undefined;
}

export interface YoloFolders {
  readonly images: string;
  readonly labels: string;
  readonly names: string;
}

/** Names of the classes, and the images of a folder with their labels, in the order of their paths. */
export async function openYolo(cwd: string, folders: YoloFolders, signal: AbortSignal): Promise<{ readonly classes: readonly string[]; readonly images: AsyncIterable<LabelledImage | Error> }> {
  const [images, labels] = [await requireFolder(cwd, folders.images), await requireFolder(cwd, folders.labels)];
  const classes = readYoloNames(await requireText(cwd, folders.names), folders.names);
  return { classes, images: labelled(images, labels, classes.length, signal) };
}

/** A label file that can't be read is an error in the place of its image, so that the others go on. */
async function* labelled(images: string, labels: string, categories: number, signal: AbortSignal): AsyncGenerator<LabelledImage | Error> {
  for await (const image of listImages(images, { signal })) {
    const name = `${splitExtension(image.fileName).filename}.txt`;
    const text = await readFile(join(labels, name), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    try {
      yield { image, boxes: text === undefined ? undefined : readYoloLabels(text, { file: name, categories }) };
    } catch (error) {
      yield error as Error;
    }
  }
}
