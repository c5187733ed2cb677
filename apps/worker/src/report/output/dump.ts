import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Pieces, writeFile } from "./files.ts";

/** A selected image to be written: its name in the dataset and its bytes, at once or in pieces. */
export interface DumpedImage {
  readonly name: string;
  readonly bytes: Uint8Array | Pieces;
}

export interface Dump {
  readonly written: number;
  /** Those whose name can't stand in a folder. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** Writes images below a folder under their own names, folders included. No name leads out of the folder. */
export async function dumpImages(images: AsyncIterable<DumpedImage> | Iterable<DumpedImage>, folder: string, signal?: AbortSignal): Promise<Dump> {
  const skipped: { name: string; reason: string }[] = [];
  let written = 0;
  for await (const { name, bytes } of images) {
    signal?.throwIfAborted();
    const parts = name.split("/");
    const reason = badName(parts);
    if (reason) {
      skipped.push({ name, reason });
      continue;
    }
    const path = join(folder, ...parts);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes instanceof Uint8Array ? [bytes] : bytes, signal);
      written++;
    } catch (error) {
      // A bucket may hold both `a` and `a/b`, or `A` and `a`; a folder may not.
      const taken = ["EEXIST", "ENOTDIR", "EISDIR", "ENAMETOOLONG"].includes((error as NodeJS.ErrnoException).code ?? "");
      if (!taken) throw error;
      skipped.push({ name, reason: "a file or folder of that name is in the way, or the name is too long" });
    }
  }
  return { written, skipped };
}

function badName(parts: readonly string[]): string | undefined {
  if (parts.some((part) => part === "" || part === "." || part === "..")) return "its name leads elsewhere";
  if (parts.some((part) => /[\\\p{Cc}]/u.test(part) || /^[A-Za-z]:/.test(part))) return "its name holds characters that file names can't";
  if (parts.some((part) => Buffer.byteLength(part) > 255)) return "its name is too long";
  return undefined;
}
