import { randomUUID } from "node:crypto";
import { mkdir, open, opendir, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import type { BlobEntry, BlobFacts, BlobRange, BlobStore } from "./blob-store.ts";
import { partsOfKey, unfinishedFolder } from "./blob-key.ts";
import { BlobNotFoundError, BlobTooLargeError, EmptyBlobError } from "./errors.ts";

/** Blobs as files of a folder. Every write is on the disk before it is acknowledged, and is seen whole or not at all. */
export class FolderStore implements BlobStore {
  constructor(readonly root: string) {}

  /** The file of a blob. @throws InvalidKeyError */
  localPath(key: string): string {
    return join(this.root, ...partsOfKey(key));
  }

  async write(
    key: string,
    content: AsyncIterable<Uint8Array> | Uint8Array,
    { sizeBytesMax = Number.POSITIVE_INFINITY, allowEmpty = false }: { sizeBytesMax?: number; allowEmpty?: boolean } = {},
  ): Promise<number> {
    const target = this.localPath(key);
    const temporary = join(this.root, unfinishedFolder, randomUUID());
    await mkdir(dirname(temporary), { recursive: true });
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
      await place(temporary, target);
    } catch (error) {
      await file.close().catch(() => {});
      await rm(temporary, { force: true });
      throw error;
    }
    return size;
  }

  async read(key: string, range?: BlobRange, chunkBytes?: number): Promise<Readable> {
    const file = await this.open(key);
    return file.createReadStream({ ...(range && { start: range.start, end: range.end }), ...(chunkBytes !== undefined && { highWaterMark: chunkBytes }) });
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
    try {
      await place(this.localPath(from), target);
    } catch (error) {
      if (isMissing(error)) throw new BlobNotFoundError(from);
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.localPath(key), { force: true });
  }

  async removeAll(prefix: string): Promise<void> {
    await rm(this.localPath(prefix), { recursive: true, force: true });
  }

  async *list(prefix: string): AsyncGenerator<BlobEntry> {
    const folders = [prefix];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const entries = await opendir(folder === "" ? this.root : this.localPath(folder)).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      for await (const entry of entries ?? []) {
        const key = folder === "" ? entry.name : `${folder}/${entry.name}`;
        if (key === unfinishedFolder) continue;
        if (entry.isDirectory()) folders.push(key);
        const facts = entry.isFile() ? await this.facts(key) : undefined;
        if (facts) yield { key, sizeBytes: facts.sizeBytes, modifiedMs: facts.modifiedMs };
      }
    }
  }

  async open(key: string): Promise<FileHandle> {
    // Opened, then looked at: what is removed afterwards is still read to its end.
    const file = await open(this.localPath(key), "r").catch((error: unknown) => {
      throw isMissing(error) ? new BlobNotFoundError(key) : error;
    });
    try {
      if ((await file.stat()).isFile()) return file;
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    throw new BlobNotFoundError(key);
  }

  close(): void {}

  /** Removes what interrupted writes left behind; call it before anything writes. */
  async removeLeftovers(): Promise<void> {
    await rm(join(this.root, unfinishedFolder), { recursive: true, force: true });
  }
}

/** Gives a file its name, in folders that are made if they have to be. */
async function place(path: string, target: string): Promise<void> {
  const folder = dirname(target);
  for (let tries = 2; ; tries--) {
    const made = await mkdir(folder, { recursive: true });
    try {
      await rename(path, target);
    } catch (error) {
      // The folder may have been removed again in between.
      if (tries > 1 && isMissing(error)) continue;
      throw error;
    }
    await syncFolder(folder);
    // New folders are on the disk only when those that hold them are.
    for (let parent = folder; made !== undefined && parent.length >= made.length; ) {
      parent = dirname(parent);
      await syncFolder(parent);
    }
    return;
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
