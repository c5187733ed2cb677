/** The formats that can be decoded, recognised by their first bytes: names of files lie. */
export type ImageFormat = "jpeg" | "png" | "webp" | "tiff" | "gif" | "bmp" | "pnm";

/**
 * Recognises a format by its first bytes; undefined for everything that isn't an image of a kind Winnow reads. What is
 * not recognised here never reaches a decoder: the image library would also take SVG, which can refer to other files.
 */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  const at = (offset: number, text: string) => {
    if (bytes.length < offset + text.length) return false;
    for (let i = 0; i < text.length; i++) if (bytes[offset + i] !== text.charCodeAt(i)) return false;
    return true;
  };
  if (at(0, "\xff\xd8\xff")) return "jpeg";
  if (at(0, "\x89PNG\r\n\x1a\n")) return "png";
  if (at(0, "RIFF") && at(8, "WEBP")) return "webp";
  if (at(0, "II*\0") || at(0, "MM\0*") || at(0, "II+\0") || at(0, "MM\0+")) return "tiff";
  if (at(0, "GIF87a") || at(0, "GIF89a")) return "gif";
  if (at(0, "BM")) return "bmp";
  if (bytes.length > 2 && bytes[0] === 0x50 && bytes[1]! >= 0x31 && bytes[1]! <= 0x36 && isSpaceOrComment(bytes[2]!)) {
    return "pnm";
  }
  return undefined;
}

function isSpaceOrComment(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x23;
}
