import type { FileFacts } from "./collection-state.ts";

/** An image that is to be a sample, or is one. */
export interface PlannedSample {
  readonly fileName: string;
  /** Hash of the bytes that it stands for. */
  readonly hash: string;
}

/** What is to become of a folder: everything that later stages do follows from this. */
export interface Plan {
  /** All samples, by ordinal: those that the dataset has, then the new ones in byte order of path. */
  readonly samples: readonly PlannedSample[];
  /** How many of them the dataset has already. */
  readonly registered: number;
  /** Samples whose file has other bytes now. */
  readonly changed: readonly string[];
  /** Samples whose file isn't in the folder any more. */
  readonly deleted: readonly string[];
  /** Files with the same bytes as a sample. */
  readonly duplicates: readonly { readonly fileName: string; readonly of: string }[];
  readonly broken: readonly { readonly fileName: string; readonly reason: string }[];
}

/**
 * Works out what is to be done with a folder.
 * @param listed names of its images in byte order
 * @param facts what is known of a file as it is now; undefined for one that can't be used in this run
 * @param registered names of the dataset's samples, by ordinal
 * @param contentOf hash of the bytes that a registered sample stands for, as far as it is known
 */
export function planCollection(
  listed: readonly string[],
  facts: (fileName: string) => FileFacts | undefined,
  registered: readonly string[],
  contentOf: (fileName: string) => string | undefined,
): Plan {
  const inFolder = new Set(listed);
  const known = new Set(registered);
  const samples: PlannedSample[] = [];
  const changed: string[] = [];
  const deleted: string[] = [];
  /** First sample of each content. */
  const byHash = new Map<string, string>();
  const take = (fileName: string, hash: string) => {
    samples.push({ fileName, hash });
    if (!byHash.has(hash)) byHash.set(hash, fileName);
  };
  for (const fileName of registered) {
    const there = inFolder.has(fileName);
    if (!there) deleted.push(fileName);
    const before = contentOf(fileName);
    const now = there ? facts(fileName) : undefined;
    // What can't be read any more stays what it was.
    const hash = now !== undefined && now.broken === undefined ? now.hash : (before ?? now?.hash ?? "");
    if (before !== undefined && hash !== before) changed.push(fileName);
    take(fileName, hash);
  }
  const duplicates: { fileName: string; of: string }[] = [];
  const broken: { fileName: string; reason: string }[] = [];
  for (const fileName of listed) {
    const now = facts(fileName);
    if (now?.broken !== undefined) broken.push({ fileName, reason: known.has(fileName) ? `${now.broken}; as it was before, it stays in the dataset` : now.broken });
    else if (now !== undefined && !known.has(fileName)) {
      const of = byHash.get(now.hash);
      if (of === undefined) take(fileName, now.hash);
      else duplicates.push({ fileName, of });
    }
  }
  return { samples, registered: registered.length, changed, deleted, duplicates, broken };
}
