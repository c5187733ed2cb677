import type { Matrix } from "../matrix/matrix.ts";
import type { Generator } from "../random/generator.ts";

/** The leaves of a tree: leaf l holds members[leaves[l] … leaves[l + 1]). */
export interface Leaves {
  readonly members: Uint32Array;
  readonly leaves: Uint32Array;
  readonly leafOf: Uint32Array;
}

/**
 * A random-projection tree (Dasgupta and Freund 2008): rows are halved at the median of their projection on the
 * difference of two of them, until at most `leafRows` are left.
 */
export function projectionTree({ data, rows, columns }: Matrix, leafRows: number, random: Generator): Leaves {
  const members = Uint32Array.from({ length: rows }, (_, row) => row);
  const leafOf = new Uint32Array(rows);
  const starts: number[] = [];
  const direction = new Float32Array(columns);
  const split = (start: number, end: number): void => {
    if (end - start <= leafRows) {
      for (let index = start; index < end; index++) leafOf[members[index]!] = starts.length;
      starts.push(start);
      return;
    }
    const a = members[start + random.below(end - start)]! * columns;
    const b = members[start + random.below(end - start)]! * columns;
    for (let column = 0; column < columns; column++) direction[column] = data[a + column]! - data[b + column]!;
    const along = new Float64Array(end - start);
    for (let index = start; index < end; index++) {
      const from = members[index]! * columns;
      let sum = 0;
      for (let column = 0; column < columns; column++) sum += data[from + column]! * direction[column]!;
      along[index - start] = sum;
    }
    const middle = (start + end) >> 1;
    // Below the median to the left, above to the right, equal ones where room is: copies never stop the splitting.
    const median = along.slice().sort()[middle - start]!;
    const part = members.slice(start, end);
    let left = start;
    let right = end;
    for (let index = 0; index < part.length; index++) {
      if (along[index]! < median) members[left++] = part[index]!;
      else if (along[index]! > median) members[--right] = part[index]!;
    }
    for (let index = 0; index < part.length; index++) if (along[index] === median) members[left++] = part[index]!;
    split(start, middle);
    split(middle, end);
  };
  split(0, rows);
  return { members, leaves: Uint32Array.from([...starts, rows]), leafOf };
}
