import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { ListedImage } from "@winnow/media";
import { concurrently } from "../curate/concurrently.ts";
import type { Progress } from "../terminal/progress.ts";

const TOGETHER = 4;

/** Groups of files with the same bytes, in the order of the list; only files of one length are read. */
export async function exactGroups(images: readonly ListedImage[], progress: Progress, signal: AbortSignal): Promise<string[][]> {
  const bySize = grouped(images, ({ sizeBytes }) => sizeBytes);
  const candidates = images.filter(({ sizeBytes }) => bySize.get(sizeBytes)!.length > 1);
  const stage = progress.stage("Comparing bytes");
  const hashes = new Map<string, string>();
  await concurrently(
    candidates,
    TOGETHER,
    async ({ fileName, path }) => {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18, signal })) hash.update(chunk as Uint8Array);
      hashes.set(fileName, hash.digest("hex"));
      stage.update(hashes.size, candidates.length);
    },
    signal,
  );
  const groups = [...grouped(candidates.map(({ fileName }) => fileName), (fileName) => hashes.get(fileName)!).values()].filter((group) => group.length > 1);
  stage.done(`${groups.length} ${groups.length === 1 ? "group" : "groups"} of copies`);
  return groups;
}

function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
