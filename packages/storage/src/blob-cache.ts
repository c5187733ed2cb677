import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, utimes, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";

const unfinished = ".part";

/**
 * Local copies of blobs that lie elsewhere, in a folder that stays below a size: the copies used longest ago make room.
 * A copy goes by what it is a copy of (place, key, version), so a blob with new content never gets the old one. Threads and
 * processes may share a folder.
 */
export class BlobCache {
  readonly #underWay = new Map<string, Promise<void>>();

  /** @param bytesMax what all copies together may take; a larger blob is copied for its one reader */
  constructor(
    readonly folder: string,
    readonly bytesMax: number,
  ) {}

  /**
   * The copy of a version of a blob, open for reading; made when there is none.
   * @throws what `content` throws; Error when it gives another number of bytes
   */
  async open(version: string, sizeBytes: number, content: () => Promise<Readable>): Promise<FileHandle> {
    const path = join(this.folder, createHash("sha256").update(version).digest("hex"));
    for (;;) {
      const kept = await this.#kept(path, sizeBytes);
      if (kept) return kept;
      if (sizeBytes > this.bytesMax) return this.#once(`${path}.${randomUUID()}${unfinished}`, sizeBytes, content);
      let making = this.#underWay.get(path);
      if (!making) {
        making = this.#make(path, sizeBytes, content).finally(() => this.#underWay.delete(path));
        this.#underWay.set(path, making);
      }
      // It may be gone again when others need a lot of room at this moment: then it is fetched once more.
      await making;
    }
  }

  /** Removes what interrupted copies left behind; call it before anything uses the folder. */
  async removeLeftovers(): Promise<void> {
    for (const name of await this.#names()) if (name.endsWith(unfinished)) await rm(join(this.folder, name), { force: true });
  }

  async #kept(path: string, sizeBytes: number): Promise<FileHandle | undefined> {
    let file: FileHandle;
    try {
      file = await open(path, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    if ((await file.stat()).size !== sizeBytes) {
      await file.close();
      await rm(path, { force: true });
      return undefined;
    }
    // Used last, so it goes last; it doesn't matter when it has just gone: an open file stays readable.
    const now = new Date();
    await utimes(path, now, now).catch(() => {});
    return file;
  }

  async #make(path: string, sizeBytes: number, content: () => Promise<Readable>): Promise<void> {
    await this.#makeRoom(sizeBytes);
    const temporary = `${path}.${randomUUID()}${unfinished}`;
    const file = await this.#fetch(temporary, sizeBytes, content);
    try {
      // After a power cut a file must not have its name before its content.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  }

  async #once(temporary: string, sizeBytes: number, content: () => Promise<Readable>): Promise<FileHandle> {
    await (await this.#fetch(temporary, sizeBytes, content)).close();
    const file = await open(temporary, "r");
    await rm(temporary, { force: true });
    return file;
  }

  async #fetch(temporary: string, sizeBytes: number, content: () => Promise<Readable>): Promise<FileHandle> {
    await mkdir(this.folder, { recursive: true });
    const file = await open(temporary, "wx", 0o600);
    try {
      let size = 0;
      for await (const chunk of (await content()) as AsyncIterable<Uint8Array>) {
        for (let written = 0; written < chunk.length; ) written += (await file.write(chunk, written)).bytesWritten;
        size += chunk.length;
      }
      if (size !== sizeBytes) throw new Error(`a blob of ${sizeBytes} bytes came with ${size}`);
      return file;
    } catch (error) {
      await file.close();
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async #makeRoom(sizeBytes: number): Promise<void> {
    const files: { path: string; size: number; usedMs: number }[] = [];
    for (const name of await this.#names()) {
      const path = join(this.folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile()) files.push({ path, size: found.size, usedMs: found.mtimeMs });
    }
    let total = files.reduce((sum, { size }) => sum + size, sizeBytes);
    for (const { path, size } of files.filter((file) => !file.path.endsWith(unfinished)).sort((a, b) => a.usedMs - b.usedMs)) {
      if (total <= this.bytesMax) return;
      await rm(path, { force: true });
      total -= size;
    }
  }

  async #names(): Promise<string[]> {
    return readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
  }
}
