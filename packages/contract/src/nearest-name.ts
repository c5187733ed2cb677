/** Of the names the one that takes the fewest edits to get to from what was written, ties to the first; "" of none. */
export function nearestName(written: string, names: Iterable<string>): string {
  return nearest(written, names).name;
}

/** The same, where it is so near that it was probably meant: a third of the letters may be other ones, or one. */
export function probableName(written: string, names: Iterable<string>): string | undefined {
  const { name, edits } = nearest(written, names);
  return edits <= Math.max(1, Math.floor(written.length / 3)) ? name : undefined;
}

function nearest(written: string, names: Iterable<string>): { readonly name: string; readonly edits: number } {
  let found = { name: "", edits: Infinity };
  for (const name of names) {
    const edits = editDistance(written.toLowerCase(), name.toLowerCase());
    if (edits < found.edits) found = { name, edits };
  }
  return found;
}

/** Insertions, deletions and replacements between two texts (Wagner and Fischer 1974). */
function editDistance(from: string, to: string): number {
  // What is much longer than any name is no slip of the pen; its beginning says enough.
  const short = from.slice(0, 100);
  let previous = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= short.length; row++) {
    const current = [row];
    for (let at = 1; at <= to.length; at++) {
      const replaced = previous[at - 1]! + (short[row - 1] === to[at - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[at]! + 1, current[at - 1]! + 1));
    }
    previous = current;
  }
  return previous[to.length]!;
}
