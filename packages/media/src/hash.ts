import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { ImageSource } from "./source.ts";

/**
 * SHA-256 of a file's bytes, as 64 lowercase hex digits. Two files are exact duplicates when these are equal. Files are
 * streamed: memory does not grow with their size.
 * @throws errors of the file system as they are.
 */
export async function contentHash(source: ImageSource): Promise<string> {
  const hash = createHash("sha256");
  if (typeof source === "string") await pipeline(createReadStream(source, { highWaterMark: 256 * 1024 }), hash);
  else hash.update(source);
  return hash.digest("hex");
}
