// Squared distances between rows of float32. AssemblyScript; the plain twin is src/kernels/distance.plain.ts.

/** How many columns pass between two looks at the limit: often enough to save, seldom enough to cost nothing. */
const STRIDE: usize = 64 << 2;

/** The sum of four lanes. */
export function sum4(v: v128): f32 {
  const pairs = f32x4.add(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/**
 * Σ(xⱼ − yⱼ)² in float32 with 16 running sums, so each sum has at most columns / 16 + 8 roundings on top of the three of
 * each term. Gives up, answering a partial sum above the limit, once the whole must be above it.
 */
export function squareUpTo(x: usize, y: usize, columns: usize, limit: f32): f32 {
  const end = x + (columns << 2);
  const end16 = x + ((columns & ~15) << 2);
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let e = f32x4.splat(0);
  while (x < end16) {
    const stop = min(x + STRIDE, end16);
    while (x < stop) {
      const p = f32x4.sub(v128.load(x), v128.load(y));
      const q = f32x4.sub(v128.load(x, 16), v128.load(y, 16));
      const r = f32x4.sub(v128.load(x, 32), v128.load(y, 32));
      const s = f32x4.sub(v128.load(x, 48), v128.load(y, 48));
      a = f32x4.add(a, f32x4.mul(p, p));
      b = f32x4.add(b, f32x4.mul(q, q));
      c = f32x4.add(c, f32x4.mul(r, r));
      e = f32x4.add(e, f32x4.mul(s, s));
      x += 64;
      y += 64;
    }
    const partial = sum4(f32x4.add(f32x4.add(a, b), f32x4.add(c, e)));
    if (partial > limit) return partial;
  }
  while (x + 16 <= end) {
    const p = f32x4.sub(v128.load(x), v128.load(y));
    a = f32x4.add(a, f32x4.mul(p, p));
    x += 16;
    y += 16;
  }
  let rest: f32 = 0;
  while (x < end) {
    const difference = load<f32>(x) - load<f32>(y);
    rest += difference * difference;
    x += 4;
    y += 4;
  }
  return sum4(f32x4.add(f32x4.add(a, b), f32x4.add(c, e))) + rest;
}

/** Σ xⱼ·yⱼ in float32, with running sums as above. */
export function dotOf(x: usize, y: usize, columns: usize): f32 {
  const end = x + (columns << 2);
  const end8 = x + ((columns & ~7) << 2);
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  while (x < end8) {
    a = f32x4.add(a, f32x4.mul(v128.load(x), v128.load(y)));
    b = f32x4.add(b, f32x4.mul(v128.load(x, 16), v128.load(y, 16)));
    x += 32;
    y += 32;
  }
  let rest: f32 = 0;
  while (x < end) {
    rest += load<f32>(x) * load<f32>(y);
    x += 4;
    y += 4;
  }
  return sum4(f32x4.add(a, b)) + rest;
}

/** Σ(xⱼ·p − yⱼ·q)² in float64, one term after the other: the definition, bit for bit that of the plain twin. */
export function exactScaledSquare(x: usize, y: usize, columns: usize, p: f64, q: f64): f64 {
  const end = x + (columns << 2);
  let sum: f64 = 0;
  while (x < end) {
    const difference = <f64>load<f32>(x) * p - <f64>load<f32>(y) * q;
    sum += difference * difference;
    x += 4;
    y += 4;
  }
  return sum;
}

/** Σ(xⱼ − yⱼ)² in float64, one term after the other. */
export function exactSquare(x: usize, y: usize, columns: usize): f64 {
  const end = x + (columns << 2);
  let sum: f64 = 0;
  while (x < end) {
    const difference = <f64>load<f32>(x) - <f64>load<f32>(y);
    sum += difference * difference;
    x += 4;
    y += 4;
  }
  return sum;
}
