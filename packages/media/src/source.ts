import { open, stat } from "node:fs/promises";
import { ImageError } from "./errors.ts";
import type { ImageLimits } from "./limits.ts";

/** An image file: its path, or its bytes as they are in the file. Bytes are never written to. */
export type ImageSource = string | Uint8Array;

/**
 * The bytes of an image file, read once.
 * @throws ImageError `empty` and `too-large` (before reading); errors of the file system as they are.
 */
export async function readSource(source: ImageSource, limits: ImageLimits): Promise<Uint8Array> {
  if (typeof source !== "string") return checked(source, source.byteLength, limits);
  const file = await open(source, "r");
  try {
    const { size } = await file.stat();
    if (size > limits.sizeBytesMax) refuse(size, limits);
    const bytes = await file.readFile();
    // The file may have grown since; special files declare no size at all.
    return checked(bytes, bytes.byteLength, limits);
  } finally {
    await file.close();
  }
}

function checked(bytes: Uint8Array, size: number, limits: ImageLimits): Uint8Array {
  if (size === 0) throw new ImageError("empty", "the file is empty");
  if (size > limits.sizeBytesMax) refuse(size, limits);
  return bytes;
}

function refuse(size: number, limits: ImageLimits): never {
  throw new ImageError("too-large", `the file has ${size} bytes; at most ${limits.sizeBytesMax} are allowed`);
}

/** Size of an image file in bytes. @throws errors of the file system as they are. */
export async function sizeOf(source: ImageSource): Promise<number> {
  return typeof source === "string" ? (await stat(source)).size : source.byteLength;
}
