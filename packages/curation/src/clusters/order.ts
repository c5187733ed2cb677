/**
 * Numbers clusters from the largest to the smallest, equal ones by their lowest member; empty ones are left out.
 * @param labels old numbers 0 … count − 1
 * @returns the old numbers in the new order, the new label of each row, the sizes in the new order
 */
export function orderOfClusters(labels: ArrayLike<number>, count: number) {
  const sizesBefore = new Uint32Array(count);
  const first = new Uint32Array(count).fill(0xffffffff);
  for (let row = labels.length - 1; row >= 0; row--) {
    sizesBefore[labels[row]!]!++;
    first[labels[row]!] = row;
  }
  const order = Uint32Array.from(sizesBefore.keys()).filter((cluster) => sizesBefore[cluster]! > 0);
  order.sort((a, b) => sizesBefore[b]! - sizesBefore[a]! || first[a]! - first[b]!);
  const place = new Uint32Array(count);
  order.forEach((cluster, index) => (place[cluster] = index));
  const renamed = new Uint32Array(labels.length);
  for (let row = 0; row < labels.length; row++) renamed[row] = place[labels[row]!]!;
  return { order, renamed, sizes: order.map((cluster) => sizesBefore[cluster]!) };
}
