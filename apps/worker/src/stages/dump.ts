import sharp from "sharp";
import { decodeImage } from "@winnow/media";
import type { Picture } from "./pictures.ts";

type Size = number | readonly [height: number, width: number] | null;

/** Selected images as they are written to the output folder: as they are, or made smaller; frames in the format wanted. */
export async function* dumpedImages(pictures: AsyncIterable<Picture>, size: Size, format: string): AsyncGenerator<{ readonly name: string; readonly bytes: Uint8Array }, void, undefined> {
  for await (const picture of pictures) {
    if ("problem" in picture) continue;
    const { item, bytes } = picture;
    const extracted = item.frame !== undefined || item.crop !== undefined;
    // An image that nothing is to be done with stays the file that it is.
    if (size === null && (!extracted || item.fileName.toLowerCase().endsWith(`.${format}`))) {
      yield { name: item.fileName, bytes };
      continue;
    }
    const name = `${item.fileName.replace(/\.[^./]+$/, "")}.${format}`;
    yield { name, bytes: await converted(bytes, size, format) };
  }
}

async function converted(bytes: Uint8Array, size: Size, format: string): Promise<Uint8Array> {
  const { width, height, data } = await decodeImage(bytes);
  let image = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  if (typeof size === "number") image = width < height ? image.resize({ width: size }) : image.resize({ height: size });
  else if (size !== null) image = image.resize({ height: size[0], width: size[1], fit: "fill" });
  switch (format) {
    case "jpg":
    case "jpeg":
      return image.jpeg({ quality: 92 }).toBuffer();
    case "webp":
      return image.webp({ quality: 92 }).toBuffer();
    case "tif":
    case "tiff":
      return image.tiff({ compression: "lzw" }).toBuffer();
    default:
      return image.png().toBuffer();
  }
}
