// Forces of the layouts: t-SNE's over a tree (see src/projection/tsne.ts) and UMAP's epochs (src/projection/umap.ts).
// Every row only writes its own place, reading the places of before: so threads don't change a layout.

// ---- The tree of Barnes and Hut over points in Morton order ------------------------------------------------------

// @ts-ignore: decorator
@unmanaged
class Tree {
  layout: usize; // float32 × 2 per row
  rows: usize;
  codes: usize; // uint32 per row: Morton codes, ascending after the build
  order: usize; // uint32 per place: its row
  codesNext: usize; // the same again, for sorting
  orderNext: usize;
  counts: usize; // uint32 × 2048
  nodes: usize; // 32 bytes per node, at most 2 · rows of them, in depth-first order
  placed: usize; // float32 × 2 per place: the layout in Morton order
  nodeCount: usize;
  tightness: f32; // 1 / θ²
}

/** A node: mean x and y, how many points, and the squared distance beyond which it counts as one; where its branch ends. */
const NODE_SHIFT: usize = 5;
const LEVELS: u32 = 16;

function spread(value: u32): u32 {
  value = (value | (value << 8)) & 0x00ff00ff;
  value = (value | (value << 4)) & 0x0f0f0f0f;
  value = (value | (value << 2)) & 0x33333333;
  return (value | (value << 1)) & 0x55555555;
}

/** One pass of a radix sort by 11 bits; stable. */
function sortPass(codes: usize, order: usize, toCodes: usize, toOrder: usize, rows: usize, counts: usize, shift: u32): void {
  memory.fill(counts, 0, 2048 << 2);
  for (let index: usize = 0; index < rows; index++) {
    const digit = counts + (<usize>((load<u32>(codes + (index << 2)) >> shift) & 2047) << 2);
    store<u32>(digit, load<u32>(digit) + 1);
  }
  let sum: u32 = 0;
  for (let digit: usize = 0; digit < 2048; digit++) {
    const count = load<u32>(counts + (digit << 2));
    store<u32>(counts + (digit << 2), sum);
    sum += count;
  }
  for (let index: usize = 0; index < rows; index++) {
    const code = load<u32>(codes + (index << 2));
    const digit = counts + (<usize>((code >> shift) & 2047) << 2);
    const place = load<u32>(digit);
    store<u32>(digit, place + 1);
    store<u32>(toCodes + (<usize>place << 2), code);
    store<u32>(toOrder + (<usize>place << 2), load<u32>(order + (index << 2)));
  }
}

/** The branch over places from … to − 1; cells of one level are `width` wide at the root. Returns where the next node goes. */
function branch(t: Tree, from: usize, to: usize, node: usize, width: f32): usize {
  const at = t.nodes + (node << NODE_SHIFT);
  const first = load<u32>(t.codes + (from << 2));
  const last = load<u32>(t.codes + ((to - 1) << 2));
  let x: f32 = 0;
  let y: f32 = 0;
  let end = node + 1;
  if (first == last) {
    // One point, or several in a cell of the finest level.
    for (let place = from; place < to; place++) {
      x += load<f32>(t.placed + (place << 3));
      y += load<f32>(t.placed + (place << 3), 4);
    }
    store<f32>(at, -1, 12);
  } else {
    // Levels on which all points share a cell need no node.
    const level = <u32>clz(first ^ last) >> 1;
    const shift = 2 * (LEVELS - 1 - level);
    const cell = width / <f32>(1 << level);
    store<f32>(at, cell * cell * t.tightness, 12);
    let start = from;
    while (start < to) {
      const digit = load<u32>(t.codes + (start << 2)) >> shift;
      let stop = start + 1;
      // Binary search for the end of the quarter.
      let high = to;
      while (stop < high) {
        const middle = (stop + high) >> 1;
        if (load<u32>(t.codes + (middle << 2)) >> shift == digit) stop = middle + 1;
        else high = middle;
      }
      const child = t.nodes + (end << NODE_SHIFT);
      end = branch(t, start, stop, end, width);
      const count = load<f32>(child, 8);
      x += load<f32>(child) * count;
      y += load<f32>(child, 4) * count;
      start = stop;
    }
  }
  const count = <f32>(to - from);
  store<f32>(at, x / count);
  store<f32>(at, y / count, 4);
  store<f32>(at, count, 8);
  store<u32>(at, <u32>end, 16);
  return end;
}

/** Sorts the points and builds the tree. For one thread. */
export function buildTree(header: usize): void {
  const t = changetype<Tree>(header);
  let left: f32 = Infinity;
  let right: f32 = -Infinity;
  let bottom: f32 = Infinity;
  let top: f32 = -Infinity;
  for (let row: usize = 0; row < t.rows; row++) {
    const x = load<f32>(t.layout + (row << 3));
    const y = load<f32>(t.layout + (row << 3), 4);
    left = min(left, x);
    right = max(right, x);
    bottom = min(bottom, y);
    top = max(top, y);
  }
  const width = max<f32>(max(right - left, top - bottom), 1e-30);
  const scale: f32 = <f32>65535 / width;
  for (let row: usize = 0; row < t.rows; row++) {
    const x = <u32>min<f32>((load<f32>(t.layout + (row << 3)) - left) * scale, 65535);
    const y = <u32>min<f32>((load<f32>(t.layout + (row << 3), 4) - bottom) * scale, 65535);
    store<u32>(t.codes + (row << 2), spread(x) | (spread(y) << 1));
    store<u32>(t.order + (row << 2), <u32>row);
  }
  sortPass(t.codes, t.order, t.codesNext, t.orderNext, t.rows, t.counts, 0);
  sortPass(t.codesNext, t.orderNext, t.codes, t.order, t.rows, t.counts, 11);
  sortPass(t.codes, t.order, t.codesNext, t.orderNext, t.rows, t.counts, 22);
  memory.copy(t.codes, t.codesNext, t.rows << 2);
  memory.copy(t.order, t.orderNext, t.rows << 2);
  for (let place: usize = 0; place < t.rows; place++) {
    store<u64>(t.placed + (place << 3), load<u64>(t.layout + (<usize>load<u32>(t.order + (place << 2)) << 3)));
  }
  t.nodeCount = branch(t, 0, t.rows, 0, width * <f32>(65536.0 / 65535.0));
}

/**
 * Repulsion on four neighbouring places at once, for groups start … end: Σ q² · difference per row into `forces`
 * (float32 × 2), and Σ q over the four, q = 1 / (1 + squared distance), into `sums` (float64 per group), each point's own 1
 * among it. A node counts as one point when it is far enough from all four.
 */
export function repel(start: usize, end: usize, header: usize, forces: usize, sums: usize): void {
  const t = changetype<Tree>(header);
  const one = f32x4.splat(1);
  const nodesEnd = t.nodes + (t.nodeCount << NODE_SHIFT);
  for (let group = start; group < end; group++) {
    const place = group << 2;
    const lanes = min<usize>(4, t.rows - place);
    const a = t.placed + (place << 3);
    const b = t.placed + ((place + min<usize>(1, lanes - 1)) << 3);
    const c = t.placed + ((place + min<usize>(2, lanes - 1)) << 3);
    const d = t.placed + ((place + min<usize>(3, lanes - 1)) << 3);
    const x = f32x4(load<f32>(a), load<f32>(b), load<f32>(c), load<f32>(d));
    const y = f32x4(load<f32>(a, 4), load<f32>(b, 4), load<f32>(c, 4), load<f32>(d, 4));
    let total = f32x4.splat(0);
    let forceX = f32x4.splat(0);
    let forceY = f32x4.splat(0);
    let node = t.nodes;
    while (node < nodesEnd) {
      const dx = f32x4.sub(x, v128.load_splat<f32>(node));
      const dy = f32x4.sub(y, v128.load_splat<f32>(node, 4));
      const square = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy));
      if (i32x4.all_true(f32x4.gt(square, v128.load_splat<f32>(node, 12)))) {
        const q = f32x4.div(one, f32x4.add(one, square));
        const weight = f32x4.mul(q, v128.load_splat<f32>(node, 8));
        const pull = f32x4.mul(weight, q);
        total = f32x4.add(total, weight);
        forceX = f32x4.add(forceX, f32x4.mul(pull, dx));
        forceY = f32x4.add(forceY, f32x4.mul(pull, dy));
        node = t.nodes + (<usize>load<u32>(node, 16) << NODE_SHIFT);
      } else {
        node += 1 << NODE_SHIFT;
      }
    }
    let sum = <f64>f32x4.extract_lane(total, 0);
    put(t, place, forces, f32x4.extract_lane(forceX, 0), f32x4.extract_lane(forceY, 0));
    if (lanes > 1) {
      sum += <f64>f32x4.extract_lane(total, 1);
      put(t, place + 1, forces, f32x4.extract_lane(forceX, 1), f32x4.extract_lane(forceY, 1));
    }
    if (lanes > 2) {
      sum += <f64>f32x4.extract_lane(total, 2);
      put(t, place + 2, forces, f32x4.extract_lane(forceX, 2), f32x4.extract_lane(forceY, 2));
    }
    if (lanes > 3) {
      sum += <f64>f32x4.extract_lane(total, 3);
      put(t, place + 3, forces, f32x4.extract_lane(forceX, 3), f32x4.extract_lane(forceY, 3));
    }
    store<f64>(sums + (group << 3), sum);
  }
}

function put(t: Tree, place: usize, forces: usize, x: f32, y: f32): void {
  const at = forces + (<usize>load<u32>(t.order + (place << 2)) << 3);
  store<f32>(at, x);
  store<f32>(at, y, 4);
}

/** Momentum with a gain that grows while the direction stays (Jacobs 1988); returns the speed. */
function accelerate(gradient: f32, speed: usize, gain: usize, momentum: f32, rate: f32): f32 {
  const before = load<f32>(speed);
  const old = load<f32>(gain);
  const now = max<f32>(0.01, gradient > 0 == before > 0 ? old * 0.8 : old + 0.2);
  const result = momentum * before - rate * now * gradient;
  store<f32>(gain, now);
  store<f32>(speed, result);
  return result;
}

// @ts-ignore: decorator
@unmanaged
class Step {
  starts: usize; // uint32 per row and one more: its entries
  columns: usize; // uint32 per entry
  values: usize; // float32 per entry: affinities
  forces: usize; // float32 × 2 per row, from `repel`
  speeds: usize; // float32 × 2 per row
  gains: usize; // float32 × 2 per row
  exaggeration: f32;
  momentum: f32;
  rate: f32;
  total: f32; // Σ q over all pairs
}

/** Attraction, and the step that follows from both forces: from `layout` into `next`. */
export function attractAndMove(start: usize, end: usize, header: usize, layout: usize, next: usize): void {
  const s = changetype<Step>(header);
  for (let row = start; row < end; row++) {
    const x = load<f32>(layout + (row << 3));
    const y = load<f32>(layout + (row << 3), 4);
    let pullX: f32 = 0;
    let pullY: f32 = 0;
    const stop = <usize>load<u32>(s.starts + (row << 2), 4);
    for (let index = <usize>load<u32>(s.starts + (row << 2)); index < stop; index++) {
      const other = layout + (<usize>load<u32>(s.columns + (index << 2)) << 3);
      const dx = x - load<f32>(other);
      const dy = y - load<f32>(other, 4);
      const pull = load<f32>(s.values + (index << 2)) / (1 + dx * dx + dy * dy);
      pullX += pull * dx;
      pullY += pull * dy;
    }
    const at = row << 3;
    const gradientX: f32 = <f32>4 * (s.exaggeration * pullX - load<f32>(s.forces + at) / s.total);
    const gradientY: f32 = <f32>4 * (s.exaggeration * pullY - load<f32>(s.forces + at, 4) / s.total);
    store<f32>(next + at, x + accelerate(gradientX, s.speeds + at, s.gains + at, s.momentum, s.rate));
    store<f32>(next + at, y + accelerate(gradientY, s.speeds + at + 4, s.gains + at + 4, s.momentum, s.rate), 4);
  }
}

// ---- UMAP -----------------------------------------------------------------------------------------------------

// @ts-ignore: decorator
@unmanaged
class Epochs {
  rows: usize;
  starts: usize; // uint32 per row and one more: its edges
  to: usize; // uint32 per edge
  period: usize; // float32 per edge: every how many epochs it is due
  due: usize; // float32 per edge: the epoch in which it is due next
  attraction: usize; // float32 per cell, see `cell`
  repulsion: usize;
  seed: u32;
  negatives: u32; // rows pushed away per due edge
  epoch: f32;
  rate: f32;
}

const SHIFT: u32 = 16;
const FIRST: i32 = (127 - 30) << 7;
const CELLS: i32 = 60 << 7;

/** The forces depend on the squared distance only and are looked up by its exponent and the first 7 bits of its mantissa. */
function cell(square: f32): usize {
  const index = <i32>(reinterpret<u32>(square) >> SHIFT) - FIRST;
  return <usize>max(0, min(index, CELLS - 1)) << 2;
}

function clipped(value: f32): f32 {
  return max<f32>(-4, min<f32>(4, value));
}

/** Half an epoch for rows start … end: each is drawn by its due edges and pushed by random rows, from `layout` into `next`. */
export function umapEpoch(start: usize, end: usize, header: usize, layout: usize, next: usize): void {
  const e = changetype<Epochs>(header);
  for (let row = start; row < end; row++) {
    let x = load<f32>(layout + (row << 3));
    let y = load<f32>(layout + (row << 3), 4);
    // A stream of its own for each row and epoch (the finaliser of MurmurHash3, then Marsaglia's xorshift).
    let random = e.seed ^ (<u32>row * 0x9e3779b1) ^ (reinterpret<u32>(e.epoch) * 0x85ebca77);
    random = (random ^ (random >> 16)) * 0x85ebca6b;
    random = (random ^ (random >> 13)) * 0xc2b2ae35;
    random = (random ^ (random >> 16)) | 1;
    const stop = <usize>load<u32>(e.starts + (row << 2), 4);
    for (let edge = <usize>load<u32>(e.starts + (row << 2)); edge < stop; edge++) {
      const due = load<f32>(e.due + (edge << 2));
      if (due > e.epoch) continue;
      store<f32>(e.due + (edge << 2), due + load<f32>(e.period + (edge << 2)));
      const tail = layout + (<usize>load<u32>(e.to + (edge << 2)) << 3);
      let dx = x - load<f32>(tail);
      let dy = y - load<f32>(tail, 4);
      let factor = load<f32>(e.attraction + cell(dx * dx + dy * dy));
      x += e.rate * clipped(factor * dx);
      y += e.rate * clipped(factor * dy);
      for (let sample: u32 = 0; sample < e.negatives; sample++) {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        const other = <usize>((<u64>random * <u64>e.rows) >> 32);
        if (other == row) continue;
        const place = layout + (other << 3);
        dx = x - load<f32>(place);
        dy = y - load<f32>(place, 4);
        factor = load<f32>(e.repulsion + cell(dx * dx + dy * dy));
        x += e.rate * clipped(factor * dx);
        y += e.rate * clipped(factor * dy);
      }
    }
    store<f32>(next + (row << 3), x);
    store<f32>(next + (row << 3), y, 4);
  }
}
