import type { Readable } from "node:stream";
import type { BlobFacts, BlobRange } from "./blob-store.ts";

/** One file of a datasource. */
export interface SourceEntry {
  /** Relative to the datasource's path, `/`-separated, as UTF-8 names it. */
  readonly path: string;
  /** Missing where the provider's listing doesn't say. */
  readonly sizeBytes?: number;
  /** Milliseconds since the epoch; 0 where the provider has no time for the file. */
  readonly modifiedMs: number;
}

export interface ListOptions {
  /** Only paths that start with this text. Names with a leading dot are listed only where the prefix reaches into them: `.lightly/metadata/`. */
  readonly prefix?: string;
  /** Last modified at or after this time; seconds since the epoch. Default: 0. */
  readonly fromSeconds?: number;
  /** Last modified at or before this time; seconds since the epoch. Default: the time of the first page. */
  readonly toSeconds?: number;
  /** Where the page before ended. It carries prefix and time range: those given beside it are ignored. */
  readonly cursor?: string;
  /** At most this many entries, 1 to 100,000. A page can be shorter, even empty, while `hasMore` is true. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

export interface SourcePage {
  readonly entries: readonly SourceEntry[];
  /** Opaque; continues after this page, also in another process and after a restart. */
  readonly cursor: string;
  readonly hasMore: boolean;
}

export type SourceFacts = BlobFacts;

/** What a source's addresses (`readUrl`, `writeUrl`) can do. */
export interface UrlAbilities {
  /** Longest validity in seconds that can be asked for. */
  readonly secondsMax: number;
  /**
   * The address contains the user's own credential (a shared access token of Azure), because none of shorter life can be
   * made from it. Hand such an address only to whom you would hand the credential; otherwise pass the bytes on yourself.
   */
  readonly carriesCredential: boolean;
  /** The address stays valid for good: nothing signs it (a plain file server). */
  readonly neverExpires: boolean;
  /** Headers that a PUT to a write address needs beside its length. */
  readonly writeHeaders: Readonly<Record<string, string>>;
}

/** The outcome of trying a source. Sentences in `errors` stand for the abilities that are false. */
export interface SourceVerification {
  readonly canRead: boolean;
  readonly canWrite: boolean;
  readonly canList: boolean;
  readonly canOverwrite: boolean;
  readonly errors?: { readonly canRead?: string; readonly canWrite?: string; readonly canList?: string; readonly canOverwrite?: string };
}

/** A user's datasource: a folder, a file server, a bucket. Paths are relative to the path that was configured. Every failure is a SourceError. */
export interface Source {
  readonly urls: UrlAbilities;
  /**
   * A page of files, sorted by the bytes of their paths. Memory doesn't grow with the number of files.
   * Keys that are no paths (an object store allows `a//b` and `/a`) are left out, as are markers of folders.
   * @throws SourceError; RangeError for a limit out of range
   */
  list(options: ListOptions): Promise<SourcePage>;
  /**
   * The bytes of a file. A range that ends beyond the file gives what there is; one that starts beyond it gives nothing.
   * @throws SourceError of kind `path` when there is no such file
   */
  read(path: string, range?: BlobRange): Promise<Readable>;
  /** Writes a file, over the one that is there. Readers see the whole old or the whole new content; a content that throws leaves things as they were. */
  write(path: string, content: AsyncIterable<Uint8Array> | Uint8Array): Promise<void>;
  /** Facts of a file; undefined when there is none. */
  facts(path: string): Promise<SourceFacts | undefined>;
  /** Removes a file; nothing happens when there is none. @throws SourceError `permission` also where the provider has no way to remove */
  remove(path: string): Promise<void>;
  /** Removes many files, in fewer requests where the provider has such. Default: `remove` for each. */
  removeMany?(paths: readonly string[]): Promise<void>;
  /** Copies a file inside the provider, where it can. @returns false when it can't: the bytes have to pass through here */
  copy?(from: string, to: string, sizeBytes: number): Promise<boolean>;
  /** An address that answers GET (and where the provider allows HEAD) with the file for so many seconds. Whether the file exists is not checked. */
  readUrl(path: string, seconds: number): Promise<string>;
  /** An address that takes the file by PUT for so many seconds; send `urls.writeHeaders` with it. */
  writeUrl(path: string, seconds: number): Promise<string>;
  /**
   * Tries to list, read and, unless `tryWrite` is false, to write a small file `.lightly/.winnow-verify-…` twice, which is removed again where that is allowed.
   * Never throws for what the provider refuses.
   */
  verify(options?: { readonly tryWrite?: boolean }): Promise<SourceVerification>;
  /** Lets go of connections. */
  close(): void;
}
