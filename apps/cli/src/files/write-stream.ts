import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * Writes a file as its content comes, under another name first, so that nobody takes a half for the whole.
 * @param onBytes told how many there are so far
 * @returns how many there are
 */
export async function writeStream(path: string, content: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>, signal: AbortSignal, onBytes?: (bytes: number) => void): Promise<number> {
  const unfinished = `${path}.${process.pid}.part`;
  let bytes = 0;
  async function* measured() {
    for await (const piece of content) {
      bytes += typeof piece === "string" ? Buffer.byteLength(piece) : piece.byteLength;
      onBytes?.(bytes);
      yield piece;
    }
  }
  try {
    await pipeline(Readable.from(measured()), createWriteStream(unfinished, { flush: true }), { signal });
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  return bytes;
}
