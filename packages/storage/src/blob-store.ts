import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";

export interface BlobFacts {
  readonly sizeBytes: number;
  /** Milliseconds since the epoch. */
  readonly modifiedMs: number;
  /** The provider's version of the content, when it has one: changes with the content. */
  readonly etag?: string;
}

/** A blob as a listing shows it. */
export interface BlobEntry {
  readonly key: string;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch. */
  readonly modifiedMs: number;
}

/** Bytes from `start` to `end`, both included, as in a Range header. */
export interface BlobRange {
  readonly start: number;
  readonly end: number;
}

/** Where the platform keeps files: images, thumbnails, embeddings. Keys are `/`-separated, relative. Failures of the store itself are BlobStoreErrors. */
export interface BlobStore {
  /**
   * Writes a blob; readers see the whole new content or the whole old one.
   * @returns size in bytes
   * @throws BlobTooLargeError beyond `sizeBytesMax`; EmptyBlobError where `allowEmpty` isn't set
   */
  write(key: string, content: AsyncIterable<Uint8Array> | Uint8Array, options?: { sizeBytesMax?: number; allowEmpty?: boolean }): Promise<number>;
  /**
   * @param chunkBytes how much is read at a time, where the store has a choice
   * @throws BlobNotFoundError
   */
  read(key: string, range?: BlobRange, chunkBytes?: number): Promise<Readable>;
  /** Facts of a blob; undefined when there is none. */
  facts(key: string): Promise<BlobFacts | undefined>;
  /** Moves a blob in one step. @throws BlobNotFoundError */
  move(from: string, to: string): Promise<void>;
  /** Removes a blob; nothing happens when there is none. */
  remove(key: string): Promise<void>;
  /** Removes everything below a prefix. Safe to repeat after an interruption. */
  removeAll(prefix: string): Promise<void>;
  /** All blobs below a prefix such as `datasets`, in no particular order; "" for all of them. What is written or removed meanwhile may be missing or not. */
  list(prefix: string): AsyncIterable<BlobEntry>;
  /** A local file with the blob's content, open for reading at any place of it. Whoever opens it closes it. @throws BlobNotFoundError */
  open(key: string): Promise<FileHandle>;
  /** Lets go of connections. */
  close(): void;
}
