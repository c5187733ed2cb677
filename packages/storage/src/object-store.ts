import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { BlobCache } from "./blob-cache.ts";
import { partsOfKey } from "./blob-key.ts";
import type { BlobEntry, BlobFacts, BlobRange, BlobStore } from "./blob-store.ts";
import { BlobNotFoundError, BlobStoreError, BlobTooLargeError, EmptyBlobError } from "./errors.ts";
import { SourceError } from "./source-error.ts";
import type { Source } from "./source.ts";

const listedAtOnce = 1_000;
const removedAtOnce = 16;
/** Everything, whatever the clocks of this machine and the provider say. */
const endOfTime = 32_503_680_000;

/**
 * Blobs as objects of a bucket or container. The provider makes a write whole: readers see all of it or nothing. What is
 * read at any place (vectors) is read from a local copy.
 */
export class ObjectStore implements BlobStore {
  /** @param name tells this store from others whose copies lie in the same cache */
  constructor(
    readonly source: Source,
    readonly name: string,
    readonly cache: BlobCache,
  ) {}

  async write(
    key: string,
    content: AsyncIterable<Uint8Array> | Uint8Array,
    { sizeBytesMax = Number.POSITIVE_INFINITY, allowEmpty = false }: { sizeBytesMax?: number; allowEmpty?: boolean } = {},
  ): Promise<number> {
    partsOfKey(key);
    let size = 0;
    let sender: { error: unknown } | undefined;
    // Content that throws leaves the store as it was, so what may not be stored ends with an error.
    async function* checked(): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of content instanceof Uint8Array ? [content] : content) {
          size += chunk.length;
          if (size > sizeBytesMax) throw new BlobTooLargeError(sizeBytesMax);
          yield chunk;
        }
        if (size === 0 && !allowEmpty) throw new EmptyBlobError();
      } catch (error) {
        sender = { error };
        throw error;
      }
    }
    try {
      await this.source.write(key, checked());
    } catch (error) {
      // Clients of the providers wrap what the content threw, or tell of its consequences.
      throw sender ? sender.error : this.#failure(error, key);
    }
    return size;
  }

  async read(key: string, range?: BlobRange): Promise<Readable> {
    return this.#attempt(key, () => this.source.read(key, range));
  }

  async facts(key: string): Promise<BlobFacts | undefined> {
    return this.#attempt(key, () => this.source.facts(key));
  }

  async move(from: string, to: string): Promise<void> {
    partsOfKey(to);
    const facts = await this.facts(from);
    if (!facts) throw new BlobNotFoundError(from);
    const copied = await this.#attempt(from, async () => (await this.source.copy?.(from, to, facts.sizeBytes)) ?? false);
    if (!copied) await this.write(to, await this.read(from), { allowEmpty: true });
    await this.remove(from);
  }

  async remove(key: string): Promise<void> {
    await this.#attempt(key, () => this.source.remove(key));
  }

  async removeAll(prefix: string): Promise<void> {
    await this.remove(prefix);
    for (let cursor: string | undefined, hasMore = true; hasMore; ) {
      const page = await this.#attempt(prefix, () => this.source.list({ prefix: `${prefix}/`, toSeconds: endOfTime, limit: listedAtOnce, ...(cursor !== undefined && { cursor }) }));
      const keys = page.entries.map(({ path }) => path);
      const { removeMany } = this.source;
      await this.#attempt(prefix, async () => {
        if (removeMany) await removeMany.call(this.source, keys);
        else for (let from = 0; from < keys.length; from += removedAtOnce) await Promise.all(keys.slice(from, from + removedAtOnce).map((key) => this.source.remove(key)));
      });
      ({ cursor, hasMore } = page);
    }
  }

  async *list(prefix: string): AsyncGenerator<BlobEntry> {
    for (let cursor: string | undefined, hasMore = true; hasMore; ) {
      const page = await this.#attempt(prefix || "all", () => this.source.list({ prefix: prefix === "" ? "" : `${prefix}/`, toSeconds: endOfTime, limit: listedAtOnce, ...(cursor !== undefined && { cursor }) }));
      for (const { path, sizeBytes, modifiedMs } of page.entries) yield { key: path, sizeBytes: sizeBytes ?? (await this.facts(path))?.sizeBytes ?? 0, modifiedMs };
      ({ cursor, hasMore } = page);
    }
  }

  async open(key: string): Promise<FileHandle> {
    const facts = await this.facts(key);
    if (!facts) throw new BlobNotFoundError(key);
    const version = JSON.stringify([this.name, key, facts.etag ?? facts.modifiedMs, facts.sizeBytes]);
    return this.cache.open(version, facts.sizeBytes, () => this.read(key));
  }

  /** Looks whether the store is there and lets itself be listed. @throws BlobStoreError saying what to change */
  async check(): Promise<void> {
    try {
      await this.source.list({ prefix: "", limit: 1 });
    } catch (error) {
      throw this.#failure(error, "");
    }
  }

  close(): void {
    this.source.close();
  }

  async #attempt<T>(key: string, run: () => Promise<T>): Promise<T> {
    partsOfKey(key);
    try {
      return await run();
    } catch (error) {
      throw this.#failure(error, key);
    }
  }

  /** What the store's own clients say holds requests, and with them credentials: of those only a name is kept. */
  #failure(error: unknown, key: string): Error {
    if (error instanceof SourceError) return error.kind === "path" ? new BlobNotFoundError(key) : new BlobStoreError(`The object store ${this.name} failed: ${error.message}`);
    if (error instanceof BlobNotFoundError || error instanceof BlobStoreError) return error;
    const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
    const what = [code, name].find((one) => typeof one === "string" && /^[A-Za-z][A-Za-z0-9_.]{1,60}$/.test(one)) ?? "unknown";
    return new BlobStoreError(`The object store ${this.name} failed in a way that is not known (${what as string}).`);
  }
}
