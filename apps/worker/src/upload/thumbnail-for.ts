import { thumbnail } from "@winnow/media";
import { splitExtension } from "@winnow/storage";
import sharp from "sharp";

/** The thumbnail of an image, in the format that the name it is stored under says; WebP for all that browsers can't show. */
export async function thumbnailFor(path: string, image: Uint8Array): Promise<Uint8Array> {
  const small = await thumbnail(image);
  return inFormatOf(path, small);
}

/** A WebP image in the format that a path says. */
export async function inFormatOf(path: string, webp: Uint8Array): Promise<Uint8Array> {
  switch (splitExtension(path).extension.toLowerCase()) {
    case "jpg":
    case "jpeg":
      return sharp(webp).jpeg({ quality: 82 }).toBuffer();
    case "png":
      return sharp(webp).png({ compressionLevel: 6 }).toBuffer();
    default:
      return webp;
  }
}
