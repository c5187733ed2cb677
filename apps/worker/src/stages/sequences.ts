import type { Item } from "./item.ts";

/**
 * Cuts the frames of each video, and the images of each folder, into sequences of so many that follow one another; what is
 * left over at the end is in none.
 * @param items in the order of the input
 * @returns indices into the items
 */
export function sequencesOf(items: readonly Item[], length: number): number[][] {
  const groups = new Map<string, number[]>();
  items.forEach((item, i) => {
    const folder = item.fileName.slice(0, item.fileName.lastIndexOf("/") + 1);
    const key = item.frame === undefined ? `folder ${folder}` : `video ${item.frame.video}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [i]);
    else group.push(i);
  });
  return [...groups.values()].flatMap((group) => Array.from({ length: Math.floor(group.length / length) }, (_, i) => group.slice(i * length, (i + 1) * length)));
}
