import type { ImageFormat } from "./format.ts";

/**
 * Whether a file ends before what its own structure announces: the usual damage of an interrupted copy. Only asked after
 * decoding has failed, to say why. The image library's own messages can't be used for that: it collects them in one
 * place for all threads, so that under parallel work they get lost or belong to another file.
 */
export function isCutOff(bytes: Uint8Array, format: ImageFormat): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    switch (format) {
      case "jpeg":
        return jpegCutOff(view);
      case "png":
        return pngCutOff(view);
      case "webp":
        return bytes.length < 8 + view.getUint32(4, true);
      case "gif":
        return bytes[bytes.length - 1] !== 0x3b; // the trailer, a semicolon
      case "tiff":
        return tiffCutOff(view);
      default:
        return false; // our own decoders say it themselves
    }
  } catch (error) {
    if (error instanceof RangeError) return true; // a length or a number stood beyond the end
    throw error;
  }
}

/** Walks over the segments to the image data, which ends with the marker FF D9; inside it, FF is never followed by D9. */
function jpegCutOff(view: DataView): boolean {
  let at = 2;
  for (;;) {
    if (view.getUint8(at) !== 0xff) return false; // no segment: damaged, not cut
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at++; // padding
    else if (marker === 0xda) break;
    else if (marker === 0xd9) return false;
    else at += 2 + view.getUint16(at + 2);
  }
  for (; at < view.byteLength - 1; at++) if (view.getUint8(at) === 0xff && view.getUint8(at + 1) === 0xd9) return false;
  return true;
}

/** Chunks follow one another up to the one named IEND. */
function pngCutOff(view: DataView): boolean {
  for (let at = 8; ; at += 12 + view.getUint32(at)) {
    if (view.getUint32(at + 4) === 0x49454e44) return at + 12 > view.byteLength;
  }
}

const STRIP_OFFSETS = 273;
const STRIP_SIZES = 279;
const TILE_OFFSETS = 324;
const TILE_SIZES = 325;

/** The first directory, or the strips or tiles it points to, reach beyond the end. */
function tiffCutOff(view: DataView): boolean {
  const little = view.getUint8(0) === 0x49;
  if (view.getUint16(2, little) !== 42) return Number(view.getBigUint64(8, little)) + 8 > view.byteLength;
  const directory = view.getUint32(4, little);
  const count = view.getUint16(directory, little);
  const values = new Map<number, (i: number) => number>();
  const counts = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + i * 12;
    const tag = view.getUint16(entry, little);
    if (![STRIP_OFFSETS, STRIP_SIZES, TILE_OFFSETS, TILE_SIZES].includes(tag)) continue;
    const short = view.getUint16(entry + 2, little) === 3;
    const parts = view.getUint32(entry + 4, little);
    const start = parts * (short ? 2 : 4) <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
    values.set(tag, (part) => (short ? view.getUint16(start + part * 2, little) : view.getUint32(start + part * 4, little)));
    counts.set(tag, parts);
  }
  for (const [offsets, sizes] of [[STRIP_OFFSETS, STRIP_SIZES], [TILE_OFFSETS, TILE_SIZES]] as const) {
    const parts = Math.min(counts.get(offsets) ?? 0, counts.get(sizes) ?? 0);
    for (let i = 0; i < parts; i++) if (values.get(offsets)!(i) + values.get(sizes)!(i) > view.byteLength) return true;
  }
  return false;
}
