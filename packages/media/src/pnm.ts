import { ImageError } from "./errors.ts";
import type { Pixels } from "./pixels.ts";

/**
 * Decodes the portable anymap family (PBM, PGM, PPM; text and binary: P1 to P6), which the image library's prebuilt
 * binary doesn't read. Samples of more than 8 bits are scaled to 0…255; only the first image of a file is read.
 * Source: the format's manual pages (netpbm.sourceforge.net/doc/ppm.html and its siblings).
 * @throws ImageError `damaged`, `truncated`, `too-large`
 */
export function decodePnm(bytes: Uint8Array, pixelsMax: number): Pixels {
  const kind = bytes[1]! - 0x30;
  const bitmap = kind === 1 || kind === 4;
  const text = kind <= 3;
  const channels = kind === 3 || kind === 6 ? 3 : 1;
  const cursor = { bytes, at: 2 };
  const width = readNumber(cursor, "width");
  const height = readNumber(cursor, "height");
  const highest = bitmap ? 1 : readNumber(cursor, "highest value");
  if (width < 1 || height < 1) throw new ImageError("damaged", `the PNM declares ${width} × ${height} pixels`);
  if (highest < 1 || highest > 65_535) {
    throw new ImageError("damaged", `the PNM declares ${highest} as its highest value; 1 to 65535 are allowed`);
  }
  if (width * height > pixelsMax) {
    throw new ImageError("too-large", `the PNM declares ${width} × ${height} pixels; at most ${pixelsMax} are allowed`);
  }
  const samples = width * height * channels;
  const rowBytes = kind === 4 ? Math.ceil(width / 8) : width * channels * (highest > 255 ? 2 : 1);
  if (!text) cursor.at++; // exactly one white space stands between header and data
  // Checked before memory is taken: a few bytes of header must not reserve gigabytes. Text needs a byte per sample.
  const needed = text ? samples : rowBytes * height;
  if (bytes.length - cursor.at < needed) {
    const found = Math.max(0, bytes.length - cursor.at);
    throw new ImageError("truncated", `the file is cut off: the PNM has ${found} bytes of image data where ${needed} are needed`);
  }
  const data = new Uint8Array(width * height * 3);
  const scale = 255 / highest;
  let out = 0;
  for (let y = 0; y < height; y++) {
    const row = cursor.at + y * rowBytes;
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let value: number;
        if (text) value = bitmap ? readBit(cursor) : readNumber(cursor, "pixel");
        else if (bitmap) value = (bytes[row + (x >> 3)]! >> (7 - (x & 7))) & 1;
        else if (highest > 255) {
          const at = row + (x * channels + channel) * 2;
          value = bytes[at]! * 256 + bytes[at + 1]!;
        } else value = bytes[row + x * channels + channel]!;
        if (bitmap) value = 1 - value; // in bitmaps 1 is black
        data[out++] = Math.min(255, Math.round(value * scale));
      }
      if (channels === 1) {
        data[out] = data[out - 1]!;
        data[out + 1] = data[out - 1]!;
        out += 2;
      }
    }
  }
  return { width, height, data };
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** Skips white space and comments, which may stand between any two numbers. */
function skip(cursor: Cursor): void {
  const { bytes } = cursor;
  for (; cursor.at < bytes.length; cursor.at++) {
    const byte = bytes[cursor.at]!;
    if (byte === 0x23) {
      while (cursor.at < bytes.length && bytes[cursor.at] !== 0x0a && bytes[cursor.at] !== 0x0d) cursor.at++;
    } else if (byte !== 0x20 && (byte < 0x09 || byte > 0x0d)) return;
  }
}

function readNumber(cursor: Cursor, what: string): number {
  skip(cursor);
  const { bytes } = cursor;
  if (cursor.at >= bytes.length) throw new ImageError("truncated", `the file is cut off: the PNM ends before its ${what}`);
  let value = 0;
  let digits = 0;
  for (; cursor.at < bytes.length; cursor.at++, digits++) {
    const digit = bytes[cursor.at]! - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    if (digits > 9) throw new ImageError("damaged", `the PNM's ${what} has too many digits`);
  }
  if (digits === 0) throw new ImageError("damaged", `the PNM's ${what} is not a number`);
  return value;
}

/** In text bitmaps the digits needn't be separated. */
function readBit(cursor: Cursor): number {
  skip(cursor);
  if (cursor.at >= cursor.bytes.length) throw new ImageError("truncated", "the file is cut off: the PNM ends before its last pixel");
  const bit = cursor.bytes[cursor.at++]! - 0x30;
  if (bit !== 0 && bit !== 1) throw new ImageError("damaged", "the PNM's pixel is neither 0 nor 1");
  return bit;
}
