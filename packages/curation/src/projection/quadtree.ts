/** Sums over all points of a layout, as Barnes and Hut (Nature 324, 1986) approximate them. */
export interface Quadtree {
  /** Takes up the points as they are now. */
  build(layout: Float64Array): void;
  /**
   * For the point (x, y): adds Σ q²·(difference) to `force` at `at` and returns Σ q, with q = 1 / (1 + squared distance), over
   * all points including any on the same spot. A cell counts as one point when its width is less than `theta` times its
   * distance.
   */
  repulsion(x: number, y: number, theta: number, force: Float64Array, at: number): number;
}

// Points closer than 2⁻²⁶ of the whole share a cell.
const DEPTH_MAX = 26;

/** @param rows how many points a layout has */
export function quadtree(rows: number): Quadtree {
  let capacity = 4 * rows + 64;
  let children = new Int32Array(4 * capacity);
  let counts = new Uint32Array(capacity);
  let sumX = new Float64Array(capacity);
  let sumY = new Float64Array(capacity);
  // Cells are in depth-first reach of each other by at most 3 siblings per level and the root.
  const stack = new Int32Array(3 * (DEPTH_MAX + 1) + 4);
  const widths = new Float64Array(stack.length);
  let used = 0;
  let rootWidth = 1;

  const grow = (): void => {
    capacity *= 2;
    const copy = <T extends Int32Array | Uint32Array | Float64Array>(old: T, longer: T): T => {
      longer.set(old);
      return longer;
    };
    children = copy(children, new Int32Array(4 * capacity));
    counts = copy(counts, new Uint32Array(capacity));
    sumX = copy(sumX, new Float64Array(capacity));
    sumY = copy(sumY, new Float64Array(capacity));
  };
  const cell = (): number => {
    if (used === capacity) grow();
    children.fill(0, 4 * used, 4 * used + 4);
    counts[used] = 0;
    sumX[used] = 0;
    sumY[used] = 0;
    return used++;
  };

  return {
    build(layout) {
      let left = Infinity;
      let right = -Infinity;
      let bottom = Infinity;
      let top = -Infinity;
      for (let index = 0; index < layout.length; index += 2) {
        left = Math.min(left, layout[index]!);
        right = Math.max(right, layout[index]!);
        bottom = Math.min(bottom, layout[index + 1]!);
        top = Math.max(top, layout[index + 1]!);
      }
      rootWidth = Math.max(right - left, top - bottom, Number.MIN_VALUE);
      used = 0;
      cell();
      for (let index = 0; index < layout.length; index += 2) {
        const x = layout[index]!;
        const y = layout[index + 1]!;
        let at = 0;
        let cornerX = left;
        let cornerY = bottom;
        let width = rootWidth;
        for (let depth = 0; ; depth++) {
          const before = counts[at]!;
          counts[at] = before + 1;
          const oldX = sumX[at]!;
          const oldY = sumY[at]!;
          sumX[at] = oldX + x;
          sumY[at] = oldY + y;
          if (before === 0 || depth === DEPTH_MAX) break;
          width /= 2;
          if (before === 1) {
            // A leaf of one point becomes a cell: the point moves one level down.
            const quarter = (oldX >= cornerX + width ? 1 : 0) + (oldY >= cornerY + width ? 2 : 0);
            const child = cell();
            children[4 * at + quarter] = child;
            counts[child] = 1;
            sumX[child] = oldX;
            sumY[child] = oldY;
          }
          const toRight = x >= cornerX + width;
          const toTop = y >= cornerY + width;
          const slot = 4 * at + (toRight ? 1 : 0) + (toTop ? 2 : 0);
          if (children[slot] === 0) {
            const child = cell();
            children[slot] = child;
          }
          if (toRight) cornerX += width;
          if (toTop) cornerY += width;
          at = children[slot]!;
        }
      }
    },
    repulsion(x, y, theta, force, at) {
      const limit = theta * theta;
      let total = 0;
      let forceX = 0;
      let forceY = 0;
      let height = 1;
      stack[0] = 0;
      widths[0] = rootWidth * rootWidth;
      while (height > 0) {
        height--;
        const here = stack[height]!;
        const width = widths[height]!;
        const count = counts[here]!;
        const dx = x - sumX[here]! / count;
        const dy = y - sumY[here]! / count;
        const square = dx * dx + dy * dy;
        const first = 4 * here;
        const a = children[first]!;
        const b = children[first + 1]!;
        const c = children[first + 2]!;
        const d = children[first + 3]!;
        if (width < limit * square || (a | b | c | d) === 0) {
          const q = 1 / (1 + square);
          const weight = count * q;
          total += weight;
          forceX += weight * q * dx;
          forceY += weight * q * dy;
          continue;
        }
        const quarter = width / 4;
        if (a !== 0) {
          stack[height] = a;
          widths[height++] = quarter;
        }
        if (b !== 0) {
          stack[height] = b;
          widths[height++] = quarter;
        }
        if (c !== 0) {
          stack[height] = c;
          widths[height++] = quarter;
        }
        if (d !== 0) {
          stack[height] = d;
          widths[height++] = quarter;
        }
      }
      force[at]! += forceX;
      force[at + 1]! += forceY;
      return total;
    },
  };
}
