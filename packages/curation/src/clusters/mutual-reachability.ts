import type { Matrix } from "../matrix/matrix.ts";
import type { Neighbours } from "../neighbours/nearest.ts";

/** A spanning tree: edge i joins rows `from[i]` and `to[i]` at `heights[i]`, lowest first. */
export interface SpanningTree {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly heights: Float32Array;
}

/** Distance to the m-th nearest other row, m ≤ k. */
export function coreDistances({ k, distances }: Neighbours, rows: number, m: number): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => distances[row * k + m - 1]!);
}

/**
 * The least spanning tree of the neighbour graph under mutual reachability, max(d(a, b), core(a), core(b)); equal edges go
 * by their rows. Parts of the graph that no edge joins are linked as {@link bridges} says.
 */
export async function spanningTree(points: Matrix, neighbours: Neighbours, core: Float32Array, rest: () => boolean | Promise<boolean>): Promise<SpanningTree> {
  const { k, ids, distances } = neighbours;
  const { rows } = points;
  const heights = new Float32Array(rows * k);
  for (let row = 0; row < rows; row++) {
    for (let index = row * k; index < (row + 1) * k; index++) {
      const other = ids[index]!;
      // An empty place of an approximate list is no edge.
      heights[index] = other >= rows ? Infinity : Math.max(distances[index]!, core[row]!, core[other]!);
    }
  }
  const from = new Uint32Array(Math.max(0, rows - 1));
  const to = new Uint32Array(from.length);
  const result = new Float32Array(from.length);
  const sets = disjointSets(rows);
  let count = 0;
  for (const index of ascending(heights)) {
    if (heights[index] === Infinity || count === from.length) break;
    const row = Math.floor(index / k);
    if (!sets.join(row, ids[index]!)) continue;
    from[count] = row;
    to[count] = ids[index]!;
    result[count++] = heights[index]!;
  }
  if (count === from.length) return { from, to, heights: result };
  for (const [a, b, height] of await bridges(points, core, sets.root, rest)) {
    from[count] = a;
    to[count] = b;
    result[count++] = height;
  }
  const order = ascending(result);
  return { from: from.map((_, index) => from[order[index]!]!), to: to.map((_, index) => to[order[index]!]!), heights: result.map((_, index) => result[order[index]!]!) };
}

/** Sets that can be joined; the lower root wins. */
export function disjointSets(size: number) {
  const parent = Uint32Array.from({ length: size }, (_, node) => node);
  const root = (node: number): number => {
    while (parent[node] !== node) {
      parent[node] = parent[parent[node]!]!;
      node = parent[node]!;
    }
    return node;
  };
  return {
    root,
    /** False when they were one set already. */
    join(left: number, right: number): boolean {
      const a = root(left);
      const b = root(right);
      if (a < b) parent[b] = a;
      else parent[a] = b;
      return a !== b;
    },
  };
}

/** Positions of values ≥ 0 in ascending order, equal ones by position: the bits of such floats order as they do. */
function ascending(values: Float32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let order = Uint32Array.from({ length: values.length }, (_, index) => index);
  let next = new Uint32Array(values.length);
  for (const shift of [0, 11, 22]) {
    const starts = new Uint32Array(2049);
    for (let index = 0; index < bits.length; index++) starts[((bits[index]! >>> shift) & 2047) + 1]!++;
    for (let digit = 0; digit < 2048; digit++) starts[digit + 1]! += starts[digit]!;
    for (let index = 0; index < order.length; index++) next[starts[(bits[order[index]!]! >>> shift) & 2047]!++] = order[index]!;
    [order, next] = [next, order];
  }
  return order;
}

/**
 * Links the parts of a graph along the least spanning tree of their means. Each link joins two rows found by going back and
 * forth between the two parts, each time to the row nearest to the last, until neither changes: near the shortest link,
 * never shorter.
 */
async function bridges(points: Matrix, core: Float32Array, root: (row: number) => number, rest: () => boolean | Promise<boolean>): Promise<[number, number, number][]> {
  const { data, rows, columns } = points;
  const parts = new Map<number, number[]>();
  for (let row = 0; row < rows; row++) {
    const first = root(row);
    const members = parts.get(first);
    if (members === undefined) parts.set(first, [row]);
    else members.push(row);
  }
  const members = Array.from(parts.values());
  const means = members.map((list) => {
    const mean = new Float64Array(columns);
    for (const row of list) for (let column = 0; column < columns; column++) mean[column]! += data[row * columns + column]! / list.length;
    return mean;
  });
  const rowOf = (row: number): Float32Array => data.subarray(row * columns, (row + 1) * columns);
  const nearestOf = (list: number[], target: ArrayLike<number>): number => {
    let best = list[0]!;
    let least = Infinity;
    for (const row of list) {
      const square = squareBetween(rowOf(row), target);
      if (square < least) [best, least] = [row, square];
    }
    return best;
  };
  // Prim's algorithm over the means.
  const nearest = new Float64Array(members.length).fill(Infinity);
  const via = new Uint32Array(members.length);
  const inside = new Uint8Array(members.length);
  const links: [number, number, number][] = [];
  for (let latest = 0, joined = 1; joined < members.length; joined++) {
    inside[latest] = 1;
    let next = -1;
    for (let part = 0; part < members.length; part++) {
      if (inside[part] === 1) continue;
      const square = squareBetween(means[part]!, means[latest]!);
      if (square < nearest[part]!) {
        nearest[part] = square;
        via[part] = latest;
      }
      if (next < 0 || nearest[part]! < nearest[next]!) next = part;
    }
    const here = members[via[next]!]!;
    const there = members[next]!;
    let a = nearestOf(here, means[next]!);
    let b = nearestOf(there, rowOf(a));
    for (;;) {
      const better = nearestOf(here, rowOf(b));
      if (better === a) break;
      a = better;
      const other = nearestOf(there, rowOf(a));
      if (other === b) break;
      b = other;
    }
    links.push([a, b, Math.max(Math.sqrt(squareBetween(rowOf(a), rowOf(b))), core[a]!, core[b]!)]);
    latest = next;
    await rest();
  }
  return links;
}

function squareBetween(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < x.length; index++) sum += (x[index]! - y[index]!) ** 2;
  return sum;
}
