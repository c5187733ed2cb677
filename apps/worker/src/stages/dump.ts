import { DUMP_FORMATS, decodeImage, dumpImage } from "@winnow/media";
import type { Picture } from "./pictures.ts";

/** Selected images as they are written to the output folder: as they are, or resized; frames and objects in the format wanted. */
export async function* dumpedImages(pictures: AsyncIterable<Picture>, size: number | readonly [height: number, width: number] | null, wanted: string): AsyncGenerator<{ readonly name: string; readonly bytes: Uint8Array }, void, undefined> {
  const format = DUMP_FORMATS.find((one) => one === wanted) ?? "png";
  for await (const picture of pictures) {
    if ("problem" in picture) continue;
    const { item } = picture;
    const own = item.fileName.slice(item.fileName.lastIndexOf(".") + 1).toLowerCase();
    // What was cut out is no file of the user's: its format is the one asked for.
    const recode = (item.frame !== undefined || item.crop !== undefined) && own !== format;
    const { bytes, extension } = await dumpImage(picture.bytes, { size: size ?? -1, format });
    if (extension !== undefined) yield { name: `${item.fileName.replace(/\.[^./]+$/, "")}.${extension}`, bytes };
    else if (!recode) yield { name: item.fileName, bytes };
    else yield { name: `${item.fileName.replace(/\.[^./]+$/, "")}.${format}`, bytes: await recoded(picture.bytes, format) };
  }
}

/** The same picture in another format. */
async function recoded(bytes: Uint8Array, format: (typeof DUMP_FORMATS)[number]): Promise<Uint8Array> {
  return (await dumpImage(await decodeImage(bytes), { format })).bytes;
}
