/**
 * Connected groups of the graph given by pairs (a₀, b₀, a₁, b₁, …) over 0 … size − 1: members ascending, groups by
 * their first member, without those of one.
 */
export function groupsFromPairs(size: number, pairs: ArrayLike<number>): Uint32Array[] {
  const parent = new Uint32Array(size);
  for (let node = 0; node < size; node++) parent[node] = node;
  const root = (node: number): number => {
    while (parent[node] !== node) {
      parent[node] = parent[parent[node]!]!;
      node = parent[node]!;
    }
    return node;
  };
  // The lower root wins, so a root is always the group's first member.
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const a = root(pairs[index]!);
    const b = root(pairs[index + 1]!);
    if (a < b) parent[b] = a;
    else parent[a] = b;
  }
  const members = new Map<number, number[]>();
  for (let node = 0; node < size; node++) {
    const first = root(node);
    if (first === node) continue;
    const group = members.get(first);
    if (group === undefined) members.set(first, [first, node]);
    else group.push(node);
  }
  return Array.from(members.entries()).sort(([a], [b]) => a - b).map(([, group]) => Uint32Array.from(group));
}
