import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readYoloLabels, readYoloNames, type YoloBox } from "@winnow/formats";
import { type ListedImage, listImages } from "@winnow/media";
import { splitExtension } from "@winnow/media/names";
import { requireFolder } from "../files/places.ts";
import { requireText } from "./text-file.ts";

/** More classes than any data set has. */
const CATEGORIES_MAX = 1_000_000;

/** One image and what its label file says; undefined where there is no label file. */
export interface LabelledImage {
  readonly image: ListedImage;
  readonly boxes: readonly YoloBox[] | undefined;
}

export interface YoloFolders {
  readonly images: string;
  readonly labels: string;
  /** File with the names of the classes; without it any number goes. */
  readonly names: string | undefined;
}

/** Names of the classes, and the images of a folder with their labels, in the order of their paths. */
export async function openYolo<Folders extends YoloFolders>(cwd: string, folders: Folders, signal: AbortSignal): Promise<{ readonly classes: Folders["names"] extends string ? readonly string[] : readonly string[] | undefined; readonly images: AsyncIterable<LabelledImage | Error> }> {
  const [images, labels] = [requireFolder(resolve(cwd, folders.images)), requireFolder(resolve(cwd, folders.labels))];
  const classes = folders.names === undefined ? undefined : readYoloNames(await requireText(cwd, folders.names), folders.names);
  return { classes: classes as readonly string[], images: labelled(images, labels, classes?.length ?? CATEGORIES_MAX, signal) };
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
