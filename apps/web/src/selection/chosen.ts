/** The samples that somebody chose: a byte for each sample of the dataset. Never changed, only replaced. */
export interface Chosen {
  readonly mask: Uint8Array;
  readonly count: number;
}

export function chosenOf(samples: number, ordinals: Iterable<number>): Chosen {
  const mask = new Uint8Array(samples);
  let count = 0;
  for (const ordinal of ordinals) {
    if (ordinal >= samples || mask[ordinal] === 1) continue;
    mask[ordinal] = 1;
    count++;
  }
  return { mask, count };
}

export type Change = "only" | "add" | "remove" | "toggle";

/** What is chosen after some samples were chosen alone, besides what was there, or taken out. */
export function changed({ mask, count }: Chosen, ordinals: ArrayLike<number> & Iterable<number>, change: Change): Chosen {
  if (change === "only") return chosenOf(mask.length, ordinals);
  const next = mask.slice();
  let left = count;
  for (const ordinal of ordinals) {
    const wanted = change === "add" ? 1 : change === "remove" ? 0 : 1 - next[ordinal]!;
    left += wanted - next[ordinal]!;
    next[ordinal] = wanted;
  }
  return { mask: next, count: left };
}

/** Chosen ordinals, ascending. */
export function ordinalsOf({ mask, count }: Chosen): Uint32Array {
  const ordinals = new Uint32Array(count);
  for (let i = 0, at = 0; at < count; i++) if (mask[i]) ordinals[at++] = i;
  return ordinals;
}
