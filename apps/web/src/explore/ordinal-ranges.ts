/** Ordinals as text for addresses: `3,7-19`. */
export function writeRanges(ordinals: Iterable<number>): string {
  const sorted = Uint32Array.from(ordinals).toSorted();
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let last = i;
    while (last + 1 < sorted.length && sorted[last + 1] === sorted[last]! + 1) last++;
    parts.push(last === i ? String(sorted[i]) : `${sorted[i]}-${sorted[last]}`);
    i = last + 1;
  }
  return parts.join(",");
}

/** The ordinals below `samples` that a text names; parts that name none are left out. */
export function readRanges(text: string, samples: number): Set<number> {
  const ordinals = new Set<number>();
  for (const part of text.split(",")) {
    const found = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    if (!found) continue;
    const last = Math.min(Number(found[2] ?? found[1]), samples - 1);
    for (let i = Number(found[1]); i <= last; i++) ordinals.add(i);
  }
  return ordinals;
}
