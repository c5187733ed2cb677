import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { RunFailure } from "../../run/context.ts";

/** What a file is made from: bytes or text in pieces. */
export type Pieces = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/**
 * Writes a file that doesn't exist yet, piece by piece, no faster than the disk takes them, and synced at the end.
 * @throws RunFailure when the disk is full or the folder can't be written to.
 */
export async function writeFile(path: string, pieces: Pieces, signal?: AbortSignal): Promise<void> {
  try {
    const source = pieces instanceof Readable ? pieces : Readable.from(pieces, { objectMode: true });
    // `flush`: what a report's folder holds is there after a power cut too.
    await pipeline(source, createWriteStream(path, { flags: "wx", flush: true } as object), { signal });
  } catch (error) {
    throw explained(error, path);
  }
}

/** An error of the file system as what the user can do about it; every other error as it is. */
export function explained(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new RunFailure(`The disk is full: ${JSON.stringify(path)} could not be written. Free some space or give the worker another output folder (--output), then run again. The dataset is not affected.`, { cause: error });
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new RunFailure(`The worker may not write ${JSON.stringify(path)}. Give it the right to, or another output folder (--output).`, { cause: error });
  }
  return error;
}
