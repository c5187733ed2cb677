/**
 * Gives every empty cluster, the lowest first, the row that is farthest from its centre (ties: the lowest ordinal) among
 * clusters that keep another. Changes labels and sizes; a cluster stays empty when every row lies on its centre.
 * @param square the squared distance of a row to its centre
 * @returns the rows that moved
 */
export function moveEmpty(labels: Uint32Array, sizes: Uint32Array, square: (row: number) => number): number[] {
  if (!sizes.includes(0)) return [];
  const squares = Float64Array.from(labels, (_, row) => square(row));
  const moved: number[] = [];
  for (let cluster = 0; cluster < sizes.length; cluster++) {
    if (sizes[cluster] !== 0) continue;
    let farthest = -1;
    for (let row = 0; row < labels.length; row++) {
      if (squares[row]! > (farthest < 0 ? 0 : squares[farthest]!) && sizes[labels[row]!]! > 1) farthest = row;
    }
    if (farthest < 0) break;
    sizes[labels[farthest]!]!--;
    sizes[cluster] = 1;
    labels[farthest] = cluster;
    squares[farthest] = 0;
    moved.push(farthest);
  }
  return moved;
}
