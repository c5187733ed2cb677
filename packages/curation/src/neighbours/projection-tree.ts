import type { Arena } from "../kernels/arena.ts";
import type { Matrix } from "../matrix/matrix.ts";
import type { Session } from "../pool/session.ts";
import type { Generator } from "../random/generator.ts";

/** The leaves of a tree: leaf l holds members[leaves[l] … leaves[l + 1]). */
export interface Leaves {
  readonly members: Uint32Array;
  readonly leaves: Uint32Array;
}

/** Addresses of working space for a tree. */
export interface TreeRoom {
  readonly members: number;
  readonly nodeOf: number;
  readonly along: number;
  readonly directions: number;
  /** How many nodes there is room for. */
  readonly nodesMax: number;
}

/** Nodes that are split in the same step, at most: what they need is room for a direction each. */
const NODES_AT_ONCE = 512;
const DONE = 0xffffffff;
const BLOCK_ROWS = 512;

/** Takes the working space. */
export function treeRoom(arena: Arena, rows: number, columns: number): TreeRoom {
  const nodesMax = Math.min(NODES_AT_ONCE, rows);
  return { members: arena.take(rows * 4), nodeOf: arena.take(rows * 4), along: arena.take(rows * 4), directions: arena.take(nodesMax * columns * 4), nodesMax };
}

/**
 * A random-projection tree (Dasgupta and Freund 2008): rows are halved at the median of their projection on the
 * difference of two of them, until at most `leafRows` are left. Level by level, so that threads share the projections.
 * @param data address of the rows
 */
export async function projectionTree(session: Session, buffer: ArrayBufferLike, room: TreeRoom, { rows, columns }: Pick<Matrix, "rows" | "columns">, data: number, leafRows: number, random: Generator): Promise<Leaves> {
  const points = new Float32Array(buffer, data, rows * columns);
  const members = new Uint32Array(buffer, room.members, rows);
  const nodeOf = new Uint32Array(buffer, room.nodeOf, rows);
  const along = new Float32Array(buffer, room.along, rows);
  for (let row = 0; row < rows; row++) members[row] = row;
  const scratch = new Float32Array(rows);
  const part = new Uint32Array(rows);
  let level: (readonly [start: number, end: number])[] = [[0, rows]];
  const starts: number[] = [];
  while (level.length > 0) {
    const next: (readonly [number, number])[] = [];
    const open = level.filter(([start, end]) => {
      if (end - start > leafRows) return true;
      starts.push(start);
      return false;
    });
    for (let first = 0; first < open.length; first += room.nodesMax) {
      const nodes = open.slice(first, first + room.nodesMax);
      // Nodes of a level lie in order.
      const [from, to] = [nodes[0]![0], nodes.at(-1)![1]];
      nodeOf.fill(DONE, from, to);
      nodes.forEach(([start, end], node) => {
        nodeOf.fill(node, start, end);
        const a = members[start + random.below(end - start)]! * columns;
        const b = members[start + random.below(end - start)]! * columns;
        const direction = new Float32Array(buffer, room.directions + node * columns * 4, columns);
        for (let column = 0; column < columns; column++) direction[column] = points[a + column]! - points[b + column]!;
      });
      await session.run("alongDirections", to - from, BLOCK_ROWS, data, columns, room.members + from * 4, room.nodeOf + from * 4, room.directions, room.along + from * 4);
      for (const [start, end] of nodes) {
        const pause = session.rest();
        if (pause !== false) await pause;
        const middle = (start + end) >> 1;
        halve(members, along, start, middle, end, scratch, part);
        next.push([start, middle], [middle, end]);
      }
    }
    level = next;
  }
  starts.sort((a, b) => a - b);
  const leaves = Uint32Array.from([...starts, rows]);
  return { members: members.slice(), leaves };
}

/** Below the median to the left, above to the right, equal ones where room is: copies never stop the splitting. */
function halve(members: Uint32Array, along: Float32Array, start: number, middle: number, end: number, scratch: Float32Array, part: Uint32Array): void {
  const median = nthSmallest(scratch.subarray(0, end - start), along.subarray(start, end), middle - start);
  part.set(members.subarray(start, end));
  let left = start;
  let right = end;
  for (let index = start; index < end; index++) {
    const value = along[index]!;
    if (value < median) members[left++] = part[index - start]!;
    else if (value > median) members[--right] = part[index - start]!;
  }
  for (let index = start; index < end; index++) if (along[index] === median) members[left++] = part[index - start]!;
}

/** The value at place n of the sorted values, by Hoare's selection. @param scratch as long as the values; overwritten */
function nthSmallest(scratch: Float32Array, values: Float32Array, n: number): number {
  scratch.set(values);
  let [low, high] = [0, scratch.length - 1];
  while (low < high) {
    const [a, b, c] = [scratch[low]!, scratch[(low + high) >> 1]!, scratch[high]!];
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let [i, j] = [low, high];
    while (i <= j) {
      while (scratch[i]! < pivot) i++;
      while (scratch[j]! > pivot) j--;
      if (i > j) break;
      const value = scratch[i]!;
      scratch[i++] = scratch[j]!;
      scratch[j--] = value;
    }
    if (n <= j) high = j;
    else if (n >= i) low = i;
    else break;
  }
  return scratch[n]!;
}
