import type { ListedImage } from "@winnow/media";
import { Problem } from "../problems.ts";
import { type Progress, counted } from "../terminal/progress.ts";

/** Images of a folder in byte order of path, and those whose names rule them out. @throws Problem when there are none at all */
export async function listUsable(folder: string, progress: Progress, signal: AbortSignal): Promise<{ readonly images: readonly ListedImage[]; readonly unusable: readonly { readonly fileName: string; readonly reason: string }[] }> {
  const { IMAGE_EXTENSIONS, listImages, unusableName } = await import("@winnow/media");
  const stage = progress.stage("Looking through the folder");
  const images: ListedImage[] = [];
  const unusable: { fileName: string; reason: string }[] = [];
  for await (const image of listImages(folder, { signal })) {
    const reason = unusableName(image.fileName);
    if (reason === undefined) images.push(image);
    else unusable.push({ fileName: image.fileName, reason });
    stage.update(images.length, undefined);
  }
  stage.done(counted(images.length + unusable.length, "image"));
  if (images.length + unusable.length === 0) throw new Problem(`There are no images in ${folder} or below. Winnow takes files that end in ${IMAGE_EXTENSIONS.map((one) => `.${one}`).join(", ")}.`);
  return { images, unusable };
}
