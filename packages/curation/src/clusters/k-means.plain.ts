import type { Matrix } from "../matrix/matrix.ts";
import { moveEmpty } from "./empty-clusters.ts";
import { orderOfClusters } from "./order.ts";

/** Lloyd's algorithm as it is written down, from given rows: the truth for the fast one. Labels, sizes, centres. */
export function plainKMeans({ data, rows, columns }: Matrix, start: Uint32Array, roundsMax = 300) {
  const count = start.length;
  const centres = new Float32Array(count * columns);
  start.forEach((ordinal, centre) => centres.set(data.subarray(ordinal * columns, (ordinal + 1) * columns), centre * columns));
  const square = (row: number, centre: number): number => {
    let sum = 0;
    for (let column = 0; column < columns; column++) sum += (data[row * columns + column]! - centres[centre * columns + column]!) ** 2;
    return sum;
  };
  let labels = new Uint32Array(rows);
  let rounds = 0;
  for (;;) {
    rounds++;
    const before = labels;
    labels = labels.map((_, row) => {
      let best = 0;
      for (let centre = 1; centre < count; centre++) if (square(row, centre) < square(row, best)) best = centre;
      return best;
    });
    const sizes = new Uint32Array(count);
    for (const label of labels) sizes[label]!++;
    const moved = moveEmpty(labels, sizes, (row) => square(row, labels[row]!));
    if (rounds > 1 && moved.length === 0 && labels.every((label, row) => label === before[row])) break;
    if (rounds === roundsMax) break;
    for (let centre = 0; centre < count; centre++) {
      if (sizes[centre] === 0) continue;
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let row = 0; row < rows; row++) if (labels[row] === centre) sum += data[row * columns + column]!;
        centres[centre * columns + column] = sum / sizes[centre]!;
      }
    }
  }
  const { order, renamed, sizes } = orderOfClusters(labels, count);
  return { labels: renamed, sizes, rounds, centres: Float32Array.from(Array.from(order, (centre) => Array.from(centres.subarray(centre * columns, (centre + 1) * columns))).flat()) };
}
