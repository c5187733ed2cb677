import type { TagData } from "@winnow/contract";
import { BitMask } from "@winnow/curation/bitmask";

const masks = new WeakMap<TagData, BitMask>();

/** The samples of a tag; read once per tag. */
export function maskOf(tag: TagData): BitMask {
  let mask = masks.get(tag);
  if (!mask) masks.set(tag, (mask = BitMask.fromHex(tag.bitMaskData)));
  return mask;
}

const sizes = new WeakMap<TagData, number>();

/** How many samples a tag holds. */
export function sizeOf(tag: TagData): number {
  let size = sizes.get(tag);
  if (size === undefined) sizes.set(tag, (size = maskOf(tag).count));
  return size;
}

export type Combination = "UNION" | "INTERSECTION" | "DIFFERENCE";

export function combined(first: BitMask, second: BitMask, how: Combination): BitMask {
  return how === "UNION" ? first.union(second) : how === "INTERSECTION" ? first.intersection(second) : first.difference(second);
}
