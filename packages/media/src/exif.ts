import { EXIF_TAG_NAMES } from "./exif-tags.ts";

const ENTRIES_MAX = 512;
/** Values with more parts or bytes than this (strip tables, colour maps, maker notes) are left out: they describe the file. */
const PARTS_MAX = 256;
const TEXT_BYTES_MAX = 8192;

/** Bytes per part of each TIFF type; index = type number. */
const PART_SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

/**
 * The tags of the first EXIF directory as name → text: text as it stands, whole numbers in decimal, fractions as decimal
 * numbers with at least one digit after the point ("72.0"), several values in parentheses ("(8, 8, 8)"). A tag without
 * a known name goes by its number. These are the names and the text that the Python client sends; like there, the inner
 * directories appear only by their position (`ExifOffset`, `GPSInfo`).
 *
 * Written here because the one pure reader without further weight has had no release since 2021 and the form of the
 * text has to be the protocol's anyway.
 *
 * @param block EXIF data: a TIFF header and what follows, with or without "Exif\0\0" before it.
 * @returns what could be read; never throws: bad EXIF says nothing about the image.
 */
export function readExif(block: Uint8Array | undefined): Record<string, string> {
  const tags: Record<string, string> = {};
  if (block === undefined) return tags;
  const start = block.length > 6 && block[0] === 0x45 && block[1] === 0x78 && block[2] === 0x69 && block[3] === 0x66 ? 6 : 0;
  const bytes = block.subarray(start);
  if (bytes.length < 14) return tags;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49 && bytes[1] === 0x49;
  if (!little && !(bytes[0] === 0x4d && bytes[1] === 0x4d)) return tags;
  if (view.getUint16(2, little) !== 42) return tags;
  const directory = view.getUint32(4, little);
  if (directory + 2 > bytes.length) return tags;
  const count = Math.min(view.getUint16(directory, little), ENTRIES_MAX);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + i * 12;
    if (entry + 12 > bytes.length) break;
    const tag = view.getUint16(entry, little);
    const type = view.getUint16(entry + 2, little);
    const parts = view.getUint32(entry + 4, little);
    const partSize = PART_SIZES[type] ?? 0;
    const size = parts * partSize;
    if (partSize === 0 || size === 0) continue;
    const at = size <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
    if (at + size > bytes.length) continue;
    const text = valueText(view, little, tag, type, at, parts);
    if (text !== undefined) tags[EXIF_TAG_NAMES.get(tag) ?? String(tag)] = text;
  }
  return tags;
}

function valueText(view: DataView, little: boolean, tag: number, type: number, at: number, parts: number): string | undefined {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, parts * PART_SIZES[type]!);
  if (type === 2) return parts > TEXT_BYTES_MAX ? undefined : readText(bytes);
  if (tag >= 0x9c9b && tag <= 0x9c9f) return parts > TEXT_BYTES_MAX ? undefined : cutAtZero(new TextDecoder("utf-16le").decode(bytes));
  if (type === 1 || type === 7) {
    // Bytes without a meaning we know: as text when they are text, else left out.
    if (parts > PARTS_MAX) return undefined;
    if (parts === 1) return String(bytes[0]);
    return bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0) ? readText(bytes) : undefined;
  }
  if (parts > PARTS_MAX) return undefined;
  const texts = Array.from({ length: parts }, (_, i) => numberText(view, little, type, at + i * PART_SIZES[type]!));
  return texts.length === 1 ? texts[0]! : `(${texts.join(", ")})`;
}

function numberText(view: DataView, little: boolean, type: number, at: number): string {
  switch (type) {
    case 3:
      return String(view.getUint16(at, little));
    case 4:
      return String(view.getUint32(at, little));
    case 5:
      return decimal(view.getUint32(at, little) / view.getUint32(at + 4, little));
    case 6:
      return String(view.getInt8(at));
    case 8:
      return String(view.getInt16(at, little));
    case 9:
      return String(view.getInt32(at, little));
    case 10:
      return decimal(view.getInt32(at, little) / view.getInt32(at + 4, little));
    case 11:
      return decimal(view.getFloat32(at, little));
    default:
      return decimal(view.getFloat64(at, little));
  }
}

/** A decimal number as Python prints it: always with a point or an exponent, and nan for 0/0 and x/0. */
function decimal(value: number): string {
  if (!Number.isFinite(value)) return "nan";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function readText(bytes: Uint8Array): string {
  // EXIF text is ASCII by the letter; cameras and editors also write UTF-8 and Latin-1.
  try {
    return cutAtZero(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return cutAtZero(new TextDecoder("latin1").decode(bytes));
  }
}

function cutAtZero(text: string): string {
  const zero = text.indexOf("\0");
  return zero < 0 ? text : text.slice(0, zero);
}
