import { sep } from "node:path";
import type { ListedImage } from "@winnow/media";
import { Problem } from "../problems.ts";
import { type Progress, counted } from "../terminal/progress.ts";

/** Images of a folder, and those whose names rule them out. */
export interface Listing {
  /** In byte order of path. */
  readonly images: readonly ListedImage[];
  readonly unusable: readonly { readonly fileName: string; readonly reason: string }[];
}

/**
 * Looks through a folder and its sub-folders.
 * @param except a folder that is passed over when it lies inside: what the platform stores is not the user's collection
 * @throws Problem when there are no images at all
 */
export async function listImagesOf(folder: string, progress: Progress, signal: AbortSignal, except?: string): Promise<Listing> {
  const { IMAGE_EXTENSIONS, listImages, unusableName } = await import("@winnow/media");
  const stage = progress.stage("Looking through the folder");
  const images: ListedImage[] = [];
  const unusable: { fileName: string; reason: string }[] = [];
  const passedOver = except?.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? except + sep : undefined;
  for await (const image of listImages(folder, { signal })) {
    if (passedOver !== undefined && image.path.startsWith(passedOver)) continue;
    const reason = unusableName(image.fileName);
    if (reason === undefined) images.push(image);
    else unusable.push({ fileName: image.fileName, reason });
    stage.update(images.length, undefined);
  }
  stage.done(counted(images.length + unusable.length, "image"));
  if (images.length + unusable.length === 0) throw new Problem(`There are no images in ${folder} or below. Winnow takes files that end in ${IMAGE_EXTENSIONS.map((one) => `.${one}`).join(", ")}.`);
  return { images, unusable };
}
