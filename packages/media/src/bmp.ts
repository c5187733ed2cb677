import { ImageError } from "./errors.ts";
import type { Pixels } from "./pixels.ts";

const UNCOMPRESSED = 0;
const RUN_LENGTH_8 = 1;
const RUN_LENGTH_4 = 2;
const BIT_FIELDS = 3;
const BIT_FIELDS_ALPHA = 6;

/**
 * Decodes Windows bitmaps, which the image library's prebuilt binary doesn't read: 1, 2, 4, 8, 16, 24 and 32 bits,
 * palettes, bit fields and both run-length codings, bottom-up and top-down. Alpha is left out.
 * Source: Microsoft's documentation of BITMAPFILEHEADER, BITMAPCOREHEADER and BITMAPINFOHEADER to BITMAPV5HEADER.
 * @throws ImageError `damaged`, `truncated`, `too-large`, `unsupported` (a JPEG or PNG wrapped in a bitmap)
 */
export function decodeBmp(bytes: Uint8Array, pixelsMax: number): Pixels {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 26) throw cutOff("its header");
  const dataStart = view.getUint32(10, true);
  const headerSize = view.getUint32(14, true);
  const core = headerSize === 12;
  if (!core && (headerSize < 40 || headerSize > 1024)) throw damaged(`its header of ${headerSize} bytes is of no known kind`);
  if (bytes.length < 14 + headerSize) throw cutOff("its header");
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = core ? view.getInt16(20, true) : view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(core ? 24 : 28, true);
  const compression = core ? UNCOMPRESSED : view.getUint32(30, true);
  if (width < 1 || height < 1) throw damaged(`it declares ${width} × ${height} pixels`);
  if (width * height > pixelsMax) {
    throw new ImageError("too-large", `the BMP declares ${width} × ${height} pixels; at most ${pixelsMax} are allowed`);
  }
  if (![1, 2, 4, 8, 16, 24, 32].includes(bits)) throw damaged(`it declares ${bits} bits per pixel`);
  if (compression === 4 || compression === 5) {
    throw new ImageError("unsupported", "the BMP wraps an image of another format, which is not supported");
  }
  const runs = (compression === RUN_LENGTH_8 && bits === 8) || (compression === RUN_LENGTH_4 && bits === 4);
  const fields = (compression === BIT_FIELDS || compression === BIT_FIELDS_ALPHA) && (bits === 16 || bits === 32);
  if (!runs && !fields && compression !== UNCOMPRESSED) {
    throw damaged(`compression ${compression} does not go with ${bits} bits per pixel`);
  }

  const masksInside = headerSize >= 52;
  const masksAt = 14 + 40; // either the first fields of a longer header or what follows the short one: the same place
  const masksSize = fields && !masksInside ? (compression === BIT_FIELDS_ALPHA ? 16 : 12) : 0;
  const paletteStart = 14 + headerSize + masksSize;
  const palette = bits <= 8 ? readPalette(bytes, paletteStart, core, bits, core ? 0 : view.getUint32(46, true), dataStart) : undefined;

  const data = new Uint8Array(runs || enough(bytes, dataStart, width, height, bits) ? width * height * 3 : 0);
  const rowOf = (y: number) => (signedHeight > 0 ? height - 1 - y : y) * width * 3;
  if (runs) {
    drawRuns(bytes, dataStart, { width, height, bits, palette: palette!, data, rowOf });
    return { width, height, data };
  }
  const stride = Math.floor((width * bits + 31) / 32) * 4;
  if (fields && bytes.length < masksAt + 12) throw cutOff("its colour masks");
  const channels =
    bits === 16 || bits === 32
      ? [0, 4, 8].map((offset, i) =>
          channelOf(fields ? view.getUint32(masksAt + offset, true) : bits === 16 ? 0x1f << (10 - 5 * i) : 0xff << (16 - 8 * i)),
        )
      : [];
  for (let y = 0; y < height; y++) {
    const row = dataStart + y * stride;
    let out = rowOf(y);
    for (let x = 0; x < width; x++, out += 3) {
      if (palette !== undefined) {
        const bit = x * bits;
        const index = (bytes[row + (bit >> 3)]! >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
        data.set(palette.subarray(index * 3, index * 3 + 3), out);
      } else if (bits === 24) {
        const at = row + x * 3;
        data[out] = bytes[at + 2]!;
        data[out + 1] = bytes[at + 1]!;
        data[out + 2] = bytes[at]!;
      } else {
        const value = bits === 16 ? view.getUint16(row + x * 2, true) : view.getUint32(row + x * 4, true);
        for (let i = 0; i < 3; i++) data[out + i] = channels[i]!(value);
      }
    }
  }
  return { width, height, data };
}

/** Memory is only taken when the file has the rows that it declares. The last row needn't be padded. */
function enough(bytes: Uint8Array, start: number, width: number, height: number, bits: number): true {
  const stride = Math.floor((width * bits + 31) / 32) * 4;
  const needed = stride * (height - 1) + Math.ceil((width * bits) / 8);
  if (start < 26) throw damaged("its image data would begin inside its header");
  if (bytes.length < start + needed) {
    throw cutOff(`its image data: ${Math.max(0, bytes.length - start)} bytes where ${needed} are needed`);
  }
  return true;
}

/** Always 2^bits colours, so that no index of a pixel can point outside; what the file leaves out is black. */
function readPalette(bytes: Uint8Array, start: number, core: boolean, bits: number, declared: number, dataStart: number): Uint8Array {
  const palette = new Uint8Array(3 << bits);
  const entry = core ? 3 : 4;
  const fits = Math.floor(Math.max(0, Math.min(bytes.length, dataStart) - start) / entry);
  const count = Math.min(1 << bits, fits, declared === 0 ? 1 << bits : declared);
  for (let i = 0; i < count; i++) {
    const at = start + i * entry;
    palette[i * 3] = bytes[at + 2]!;
    palette[i * 3 + 1] = bytes[at + 1]!;
    palette[i * 3 + 2] = bytes[at]!;
  }
  return palette;
}

/** A function that takes a channel's bits out of a pixel and spreads them over 0…255. */
function channelOf(mask: number): (pixel: number) => number {
  const bits = mask >>> 0;
  if (bits === 0) return () => 0;
  const shift = 31 - Math.clz32(bits & -bits);
  const highest = bits >>> shift;
  return (pixel) => Math.round((((pixel & bits) >>> shift) * 255) / highest);
}

interface RunTarget {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly palette: Uint8Array;
  readonly data: Uint8Array;
  readonly rowOf: (y: number) => number;
}

/** Run-length coding. Pixels that no run touches keep colour 0 of the palette, as in other readers. */
function drawRuns(bytes: Uint8Array, start: number, target: RunTarget): void {
  const { width, height, bits, palette, data, rowOf } = target;
  for (let at = 0; at < data.length; at += 3) data.set(palette.subarray(0, 3), at);
  const put = (x: number, y: number, index: number) => {
    if (x < width && y < height) data.set(palette.subarray(index * 3, index * 3 + 3), rowOf(y) + x * 3);
  };
  let [x, y, at] = [0, 0, start];
  while (y < height) {
    if (at + 1 >= bytes.length) throw cutOff("the last of its rows");
    const count = bytes[at]!;
    const value = bytes[at + 1]!;
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++, x++) put(x, y, bits === 8 ? value : i % 2 === 0 ? value >> 4 : value & 15);
    } else if (value === 0) {
      [x, y] = [0, y + 1];
    } else if (value === 1) {
      return;
    } else if (value === 2) {
      if (at + 1 >= bytes.length) throw cutOff("the last of its rows");
      x += bytes[at]!;
      y += bytes[at + 1]!;
      at += 2;
    } else {
      const length = bits === 8 ? value : Math.ceil(value / 2);
      if (at + length > bytes.length) throw cutOff("the last of its rows");
      for (let i = 0; i < value; i++, x++) {
        const byte = bytes[at + (bits === 8 ? i : i >> 1)]!;
        put(x, y, bits === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15);
      }
      at += length + (length % 2); // padded to 16 bits
    }
  }
}

function damaged(what: string): ImageError {
  return new ImageError("damaged", `the BMP is damaged: ${what}`);
}

function cutOff(what: string): ImageError {
  return new ImageError("truncated", `the file is cut off: the BMP ends before ${what}`);
}
