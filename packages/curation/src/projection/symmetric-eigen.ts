/** Eigenvalues, largest first, and the unit eigenvectors as rows in the same order. */
export interface Eigen {
  readonly values: Float64Array;
  /** size × size, row-major: vector k is row k. */
  readonly vectors: Float64Array;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix, to machine precision of the largest: Householder reduction to tridiagonal
 * form, then implicit QL with Wilkinson shifts (Martin, Reinsch and Wilkinson, Numerische Mathematik 11, 1968;
 * Bowdler, Martin, Reinsch and Wilkinson, ibid.). O(size³).
 * @param symmetric size × size, row-major; only read
 */
export function symmetricEigen(symmetric: Float64Array, size: number): Eigen {
  const work = symmetric.slice();
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  // Row k of `vectors` becomes eigenvector k: rotations then touch two contiguous rows.
  const vectors = new Float64Array(size * size);
  for (let index = 0; index < size; index++) vectors[index * size + index] = 1;
  const reflector = new Float64Array(size);
  const product = new Float64Array(size);

  // What rounding leaves of zeros gets smaller with every step until its squares can't be told from 0: it counts as 0.
  const nothing = Number.EPSILON ** 2 * symmetric.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let step = 0; step < size - 2; step++) {
    let norm = 0;
    for (let row = step + 1; row < size; row++) norm += work[row * size + step]! ** 2;
    norm = Math.sqrt(norm);
    const first = work[(step + 1) * size + step]!;
    if (norm <= nothing || norm === Math.abs(first)) continue;
    const target = first > 0 ? -norm : norm;
    let length = 0;
    for (let row = step + 1; row < size; row++) {
      reflector[row] = work[row * size + step]! - (row === step + 1 ? target : 0);
      length += reflector[row]! ** 2;
    }
    const factor = 2 / length;
    // A ← H A H with H = I − factor · v vᵀ, as the symmetric rank-2 update A − v wᵀ − w vᵀ.
    let along = 0;
    for (let row = step; row < size; row++) {
      let sum = 0;
      for (let column = step + 1; column < size; column++) sum += work[row * size + column]! * reflector[column]!;
      product[row] = factor * sum;
      if (row > step) along += reflector[row]! * product[row]!;
    }
    reflector[step] = 0;
    const half = (factor * along) / 2;
    for (let row = step; row < size; row++) product[row]! -= half * reflector[row]!;
    for (let row = step; row < size; row++) {
      const v = reflector[row]!;
      const w = product[row]!;
      for (let column = step; column < size; column++) {
        work[row * size + column]! -= v * product[column]! + w * reflector[column]!;
      }
    }
    // vectors ← H · vectors: its rows then hold Hₙ … H₁, whose transpose takes tridiagonal to original.
    product.fill(0);
    for (let row = step + 1; row < size; row++) {
      const v = reflector[row]!;
      for (let column = 0; column < size; column++) product[column]! += v * vectors[row * size + column]!;
    }
    for (let row = step + 1; row < size; row++) {
      const v = factor * reflector[row]!;
      for (let column = 0; column < size; column++) vectors[row * size + column]! -= v * product[column]!;
    }
  }
  for (let index = 0; index < size; index++) {
    diagonal[index] = work[index * size + index]!;
    beside[index] = index + 1 < size ? work[(index + 1) * size + index]! : 0;
  }
  implicitQl(diagonal, beside, vectors, size);

  const order = Array.from({ length: size }, (_, index) => index).sort((a, b) => diagonal[b]! - diagonal[a]! || a - b);
  const sorted = new Float64Array(size * size);
  order.forEach((from, to) => sorted.set(vectors.subarray(from * size, (from + 1) * size), to * size));
  return { values: Float64Array.from(order, (index) => diagonal[index]!), vectors: sorted };
}

function implicitQl(diagonal: Float64Array, beside: Float64Array, vectors: Float64Array, size: number): void {
  for (let low = 0; low < size; low++) {
    for (let round = 0; ; round++) {
      let split = low;
      while (split < size - 1) {
        const scale = Math.abs(diagonal[split]!) + Math.abs(diagonal[split + 1]!);
        if (Math.abs(beside[split]!) <= Number.EPSILON * scale) break;
        split++;
      }
      if (split === low) break;
      if (round === 200) throw new Error(`eigenvalue ${low} of ${size} did not converge`);
      let shift = (diagonal[low + 1]! - diagonal[low]!) / (2 * beside[low]!);
      const root = Math.hypot(shift, 1);
      shift = diagonal[split]! - diagonal[low]! + beside[low]! / (shift + (shift < 0 ? -root : root));
      let sine = 1;
      let cosine = 1;
      let carried = 0;
      let index = split - 1;
      for (; index >= low; index--) {
        const f = sine * beside[index]!;
        const b = cosine * beside[index]!;
        const r = Math.hypot(f, shift);
        beside[index + 1] = r;
        if (r === 0) {
          diagonal[index + 1]! -= carried;
          beside[split] = 0;
          break;
        }
        sine = f / r;
        cosine = shift / r;
        const g = diagonal[index + 1]! - carried;
        const t = (diagonal[index]! - g) * sine + 2 * cosine * b;
        carried = sine * t;
        diagonal[index + 1] = g + carried;
        shift = cosine * t - b;
        const upper = (index + 1) * size;
        const lower = index * size;
        for (let column = 0; column < size; column++) {
          const x = vectors[upper + column]!;
          const y = vectors[lower + column]!;
          vectors[upper + column] = sine * y + cosine * x;
          vectors[lower + column] = cosine * y - sine * x;
        }
      }
      if (index >= low) continue;
      diagonal[low]! -= carried;
      beside[low] = shift;
      beside[split] = 0;
    }
  }
}
