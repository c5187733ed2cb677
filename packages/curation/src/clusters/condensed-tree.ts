import { disjointSets, type SpanningTree } from "./mutual-reachability.ts";

/**
 * What is left of a dendrogram when splits that shed fewer than `sizeMin` rows count as rows falling out of a cluster that
 * goes on (Campello, Moulavi and Sander 2013). Cluster 0 is everything; a parent comes before its children.
 */
export interface CondensedTree {
  readonly parents: Int32Array;
  /** λ = 1 / height at which a cluster appears; 0 for cluster 0. */
  readonly births: Float64Array;
  /** Σ over its rows of λ(row leaves or splits off) − λ(birth). */
  readonly stabilities: Float64Array;
  /** The largest finite λ at which a row is still in the cluster. */
  readonly deaths: Float64Array;
  /** Per row: the last cluster it is in, and the λ at which it falls out. */
  readonly clusterOf: Uint32Array;
  readonly leaves: Float64Array;
}

/** λ of copies, which lie at height 0, is that of this share of the least positive height. */
const COPY_SHARE = 1e-3;

export function condensedTree({ from, to, heights }: SpanningTree, rows: number, sizeMin: number): CondensedTree {
  // The dendrogram: nodes rows … 2 rows − 2 are the joins, in ascending order of height.
  const left = new Uint32Array(rows - 1);
  const right = new Uint32Array(rows - 1);
  const sizes = new Uint32Array(2 * rows - 1).fill(1, 0, rows);
  const sets = disjointSets(rows);
  const node = Uint32Array.from({ length: rows }, (_, row) => row);
  for (let index = 0; index < rows - 1; index++) {
    const a = node[sets.root(from[index]!)]!;
    const b = node[sets.root(to[index]!)]!;
    sets.join(from[index]!, to[index]!);
    node[sets.root(from[index]!)] = rows + index;
    left[index] = a;
    right[index] = b;
    sizes[rows + index] = sizes[a]! + sizes[b]!;
  }
  const least = heights.find((height) => height > 0) ?? 1;
  const lambda = (index: number): number => 1 / Math.max(heights[index]!, least * COPY_SHARE);

  const parents = [-1];
  const births = [0];
  const stabilities = [0];
  const deaths = [0];
  const clusterOf = new Uint32Array(rows);
  const leaves = new Float64Array(rows);
  const members: number[] = [];
  const fallOut = (top: number, cluster: number, at: number): void => {
    members.push(top);
    while (members.length > 0) {
      const here = members.pop()!;
      if (here >= rows) {
        members.push(left[here - rows]!, right[here - rows]!);
        continue;
      }
      clusterOf[here] = cluster;
      leaves[here] = at;
    }
    stabilities[cluster]! += (at - births[cluster]!) * sizes[top]!;
    deaths[cluster] = Math.max(deaths[cluster]!, at);
  };
  const open: [number, number][] = [[2 * rows - 2, 0]];
  while (open.length > 0) {
    const [here, cluster] = open.pop()!;
    if (here < rows) {
      // Only when clusters of one row are wanted: it never falls out, so it leaves where it came in.
      fallOut(here, cluster, births[cluster]!);
      continue;
    }
    const at = lambda(here - rows);
    const parts = [left[here - rows]!, right[here - rows]!];
    const large = parts.filter((part) => sizes[part]! >= sizeMin);
    if (large.length === 2) {
      for (const part of parts) {
        stabilities[cluster]! += (at - births[cluster]!) * sizes[part]!;
        deaths[cluster] = Math.max(deaths[cluster]!, at);
        parents.push(cluster);
        births.push(at);
        stabilities.push(0);
        deaths.push(at);
        open.push([part, parents.length - 1]);
      }
      continue;
    }
    for (const part of parts) {
      if (part === large[0]) open.push([part, cluster]);
      else fallOut(part, cluster, at);
    }
  }
  return {
    parents: Int32Array.from(parents), births: Float64Array.from(births), stabilities: Float64Array.from(stabilities), deaths: Float64Array.from(deaths),
    clusterOf, leaves,
  };
}

/** The clusters with the largest sum of stabilities of which none holds another; never cluster 0. One flag per cluster. */
export function mostStable({ parents, stabilities }: CondensedTree): Uint8Array {
  const best = stabilities.slice();
  const children = new Float64Array(parents.length);
  const chosen = new Uint8Array(parents.length);
  for (let cluster = parents.length - 1; cluster > 0; cluster--) {
    if (stabilities[cluster]! >= children[cluster]!) chosen[cluster] = 1;
    else best[cluster] = children[cluster]!;
    children[parents[cluster]!]! += best[cluster]!;
  }
  const covered = new Uint8Array(parents.length);
  for (let cluster = 1; cluster < parents.length; cluster++) {
    const above = parents[cluster]!;
    covered[cluster] = covered[above]! | chosen[above]!;
    if (covered[cluster] === 1) chosen[cluster] = 0;
  }
  return chosen;
}
