import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import type { BlobFacts, BlobRange, BlobStore } from "./blob-store.ts";
import { BlobNotFoundError, BlobTooLargeError, EmptyBlobError, InvalidKeyError } from "./errors.ts";

const temporarySuffix = ".partial";

/** Blobs as files of a folder. Every write is on the disk before it is acknowledged, and is seen whole or not at all. */
export class FolderStore implements BlobStore {
  constructor(readonly root: string) {}

  /** @throws InvalidKeyError when a key is empty, absolute, or has `.`, `..`, empty or NUL parts */
  localPath(key: string): string {
    const parts = key.split("/");
    if (parts.some((part) => part === "" || part === "." || part === ".." || part.includes("\0") || part.includes("\\"))) throw new InvalidKeyError(key);
    return join(this.root, ...parts);
  }

  async write(
    key: string,
    content: AsyncIterable<Uint8Array> | Uint8Array,
    { sizeBytesMax = Number.POSITIVE_INFINITY, allowEmpty = false }: { sizeBytesMax?: number; allowEmpty?: boolean } = {},
  ): Promise<number> {
    const target = this.localPath(key);
    const temporary = `${target}.${randomUUID()}${temporarySuffix}`;
    await mkdir(dirname(target), { recursive: true });
    const file = await open(temporary, "wx");
    let size = 0;
    try {
      for await (const chunk of content instanceof Uint8Array ? [content] : content) {
        size += chunk.length;
        if (size > sizeBytesMax) throw new BlobTooLargeError(sizeBytesMax);
        let written = 0;
        while (written < chunk.length) written += (await file.write(chunk, written)).bytesWritten;
      }
      if (size === 0 && !allowEmpty) throw new EmptyBlobError();
      await file.sync();
      await file.close();
      await rename(temporary, target);
      await syncFolder(dirname(target));
    } catch (error) {
      await file.close().catch(() => {});
      await rm(temporary, { force: true });
      throw error;
    }
    return size;
  }

  async read(key: string, range?: BlobRange): Promise<Readable> {
    const path = this.localPath(key);
    if (!(await this.facts(key))) throw new BlobNotFoundError(key);
    return createReadStream(path, range ? { start: range.start, end: range.end } : {});
  }

  async facts(key: string): Promise<BlobFacts | undefined> {
    try {
      const found = await stat(this.localPath(key));
      return found.isFile() ? { sizeBytes: found.size, modifiedMs: found.mtimeMs } : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async move(from: string, to: string): Promise<void> {
    const target = this.localPath(to);
    await mkdir(dirname(target), { recursive: true });
    try {
      await rename(this.localPath(from), target);
    } catch (error) {
      if (isMissing(error)) throw new BlobNotFoundError(from);
      throw error;
    }
    await syncFolder(dirname(target));
  }

  async remove(key: string): Promise<void> {
    await rm(this.localPath(key), { force: true });
  }

  async removeAll(prefix: string): Promise<void> {
    await rm(this.localPath(prefix), { recursive: true, force: true });
  }

  /** Removes what interrupted writes left behind below a prefix; call it before anything writes. */
  async removeLeftovers(prefix: string): Promise<void> {
    const path = this.localPath(prefix);
    const entries = await readdir(path, { recursive: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    for (const entry of entries) if (entry.endsWith(temporarySuffix)) await rm(join(path, entry), { force: true });
  }
}

/** A new name is on the disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}
