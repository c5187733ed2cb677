import { inverseLengths, type Metric } from "../kernels/distance.plain.ts";
import { arenaBehind, freshArena, type Arena } from "../kernels/arena.ts";
import type { Matrix } from "../matrix/matrix.ts";
import { openSession, type Session } from "../pool/session.ts";
import { shadowBasis, shadowError } from "../kernels/shadow-basis.ts";

export interface FarthestOptions {
  metric: Metric;
  /** The rows among which the farthest is asked for, ascending. */
  members: Uint32Array;
  /** How many centres there will be at most. */
  centresMax: number;
  /** One factor in 0 … 1 on the squared distance per ordinal. */
  weights?: Float64Array | undefined;
  threads?: number | undefined;
  signal?: AbortSignal | undefined;
  onTurn?: () => void;
}

/** Which member is farthest from a growing set of centres: exact, and lazy about all that can't be it. */
export interface Farthest {
  readonly session: Session;
  /** One more centre; any row. */
  add(ordinal: number): void;
  /** Takes a member out; it is never answered again. */
  remove(ordinal: number): void;
  /**
   * The member with the largest weight · (squared distance to its nearest centre), exact in float64 and ties to the
   * lowest ordinal; ordinal −1 when there is no member left. At least one centre must be there.
   */
  largest(): Promise<{ ordinal: number; square: number }>;
  /** The seed rule, see `plainSeed`. */
  nearestToMean(): Promise<number>;
  /** The exact squared distance of any one member to its nearest centre. */
  squareOf(ordinal: number): number;
  close(): void;
}

const UNIT = 2 ** -24;
const SHADOW_COLUMNS_MIN = 48;
const BINS = 2048;
const POOL_ROWS_MAX = 2048;
/** Few, because each costs a look at all centres, and enough to keep the threads busy. */
const ACTIVE_ROWS = 48;
/** Likely centres tried for a row before it is looked at in earnest. */
const TRIES = 32;
/** Share of rows that nearest shadows may leave above the threshold, and for how many rounds they are left alone otherwise. */
const GUESS_FAILURES_MAX = 0.8;
const GUESS_PAUSE = 8;
/** Bytes between pairs of centres: as many as fit an eighth of the matrix or this; later centres are never skipped. */
const LINK_BYTES_MIN = 8 << 20;
const LINK_COLUMNS_MIN = 8;
/** Measured when one pair in sixteen is nearer than this share of the median square: else all are about as far apart. */
const LINK_WORTH = 0.8;
const LINK_SAMPLE = 256;
/** Rows that are worked on at once where each needs 64 bytes for the time. */
const ROWS_AT_ONCE = 1 << 13;
/** Work below this many multiplications is done at once on this thread: waking another costs more. */
const INLINE_WORK = 1 << 19;
// Float32 squares of differences must neither overflow nor lose everything to underflow.
const MAGNITUDE_MAX = 1e16;

/** Whether the fast way can hold these points, `largest` being their largest magnitude; otherwise use the plain one. */
export function canGoFast({ rows, columns }: Matrix, largest: number): boolean {
  if (columns === 0 || rows === 0 || rows * (columns * 8 + 120) > 3.9 * 2 ** 30) return false;
  return largest < MAGNITUDE_MAX && largest > 1 / MAGNITUDE_MAX;
}

/**
 * How it saves work without changing an answer:
 *
 * 1. Lazy bounds. A row's distance to the centres looked at so far bounds its distance to all of them. Only rows whose
 *    bound reaches a threshold H are brought up to date; those that stay above it are the active few, and as long as
 *    one of them is above H it is the farthest. When none is, H is lowered until some more rows come in. A row leaves the
 *    queue of centres as soon as its distance is below H and goes on from there next time. Looking for rows above H goes
 *    through a pool of those above a lower threshold L, so that the whole matrix is only looked over now and then.
 * 2. Shadows. 16 numbers per row that never lengthen a distance: a centre whose shadow is too far away is skipped for
 *    a thirtieth of the memory traffic.
 * 3. Links (the triangle inequality). A row whose nearest centre is j, at distance m, can only be taken by a centre t with
 *    d(t, j) < 2m. Distances between centres are kept as one byte each, rounded down; a row looks at them 16 at a time,
 *    starts with the centres nearest to its own, and usually needs only one or two to be below L again. Where a sample
 *    shows that all centres are about as far apart, nothing is measured.
 * 4. Families. A centre picked from the cell of another is its child. The child is likely to have taken the row that we
 *    look at too, so a row first goes down its own centre's children.
 * 5. A sum of squares stops when it has passed the row's least distance.
 *
 * All bulk work is float32; each square is within a proven relative error of the float64 one. Where two centres are
 * closer to a tie than that, the kernel keeps the exact float64 least square, and among the rows within the error of
 * the largest the exact values decide.
 */
export async function openFarthest(points: Matrix, options: FarthestOptions): Promise<Farthest> {
  const { metric, members, centresMax, weights } = options;
  const { rows, columns } = points;
  const inPlace = arenaBehind(points.data.buffer);
  const arena: Arena = inPlace ?? freshArena();
  let session: Session | undefined;
  try {
    const width = columns * 4;
    const source = inPlace === undefined ? arena.take(rows * width) : points.data.byteOffset;
    const scaled = metric === "cosine" ? arena.take(rows * width) : source;
    const scales = metric === "cosine" ? arena.take(rows * 8) : 0;
    const nearest = arena.take(rows * 4);
    const owner = arena.take(rows * 4);
    const seen = arena.take(rows * 4);
    const exact = arena.take(rows * 8);
    // Kernels take the list 0 for all rows.
    const all = members.length === rows ? 0 : arena.take(members.length * 4);
    const active = arena.take(members.length * 4);
    const pool = arena.take(members.length * 4);
    const near = arena.take(members.length * 4);
    const centres = arena.take(centresMax * 4);
    const useShadows = columns >= SHADOW_COLUMNS_MIN && members.length > 1000;
    const shadows = useShadows ? arena.take(rows * 64) : 0;
    const centreShadows = useShadows ? arena.take(centresMax * 64) : 0;
    const basis = useShadows ? arena.take(15 * width) : 0;
    const origin = useShadows ? arena.take(width) : 0;
    const factors = weights === undefined ? 0 : arena.take(rows * 8);
    const linkRoom = Math.floor(Math.sqrt(Math.max(LINK_BYTES_MIN, (rows * width) / 8)) / 16) * 16;
    const linkedMax = columns >= LINK_COLUMNS_MIN && members.length > 1000 ? Math.min(Math.ceil(centresMax / 16) * 16, linkRoom) : 0;
    const links = linkedMax > 0 ? arena.take(linkedMax * linkedMax) : 0;
    const children = arena.take(centresMax * 8);
    const squares = arena.take(Math.min(members.length, ROWS_AT_ONCE) * 8);
    const mean = arena.take(columns * 8);
    const bins = arena.take(BINS * 4);
    const guesses = useShadows ? arena.take(Math.min(members.length, ROWS_AT_ONCE) * 64) : 0;
    const header = arena.take(128);

    // Views only now: taking may have moved memory that can't be shared.
    const { buffer } = arena.memory;
    const floats = (address: number, length: number): Float32Array => new Float32Array(buffer, address, length);
    const doubles = (address: number, length: number): Float64Array => new Float64Array(buffer, address, length);
    const words = (address: number, length: number): Uint32Array => new Uint32Array(buffer, address, length);
    if (inPlace === undefined) floats(source, rows * columns).set(points.data);
    if (metric === "cosine") {
      const inverse = inverseLengths(points);
      doubles(scales, rows).set(inverse);
      const target = floats(scaled, rows * columns);
      for (let row = 0; row < rows; row++) {
        const scale = inverse[row]!;
        for (let index = row * columns; index < (row + 1) * columns; index++) target[index] = points.data[index]! * scale;
      }
    }
    if (weights !== undefined) doubles(factors, rows).set(weights);
    if (all !== 0) words(all, members.length).set(members);

    // One rounding for the difference, doubled by squaring, one for the square; columns / 16 + 20 for the longest sum.
    const rounding = (columns / 16 + 32) * UNIT;
    const relative = 3 * rounding;
    // Rows scaled to length 1 in float32 are off by 2⁻²⁴ of it each, so a square ≤ 4 by this much at most.
    const absolute = metric === "cosine" ? 16 * UNIT : columns * 2 ** -148;
    const pointers = new Uint32Array(buffer, header, 13);
    pointers.set([scaled, source, scales, columns, nearest, owner, seen, exact, centres, shadows, centreShadows, factors, basis]);
    new Uint32Array(buffer, header + 52, 1)[0] = origin;
    const numbers = new Float64Array(buffer, header + 56, 3);
    numbers[0] = relative;
    numbers[1] = absolute;
    const linkHeader = new Uint32Array(buffer, header + 80, 4);
    linkHeader.set([links, linkedMax, 0, children]);
    const step = new Float64Array(buffer, header + 96, 1);

    session = await openSession(arena.memory, options);
    const { kernels, rest } = session;
    const opened = session;
    const rowBlock = Math.max(8, Math.ceil(INLINE_WORK / 4 / columns));
    const nearestOf = floats(nearest, rows);
    const owners = words(owner, rows);
    const family = words(children, 2 * centresMax);
    const centreOrdinals = words(centres, centresMax);

    if (useShadows) {
      const scaledRows = floats(scaled, rows * columns);
      const found = shadowBasis((ordinal) => scaledRows.subarray(ordinal * columns, (ordinal + 1) * columns), members, columns);
      floats(basis, 15 * columns).set(found.basis);
      floats(origin, columns).set(found.origin);
      await session.run("castShadows", rows, rowBlock, header);
      // The kernel left each row's squared distance from the origin in `nearest`.
      const reach = Math.sqrt(nearestOf.reduce((most, square) => Math.max(most, square), 0));
      numbers[2] = shadowError(floats(shadows, rows * 16), reach, columns);
    }
    nearestOf.fill(-1);
    for (let index = 0; index < members.length; index++) nearestOf[members[index]!] = Infinity;

    let count = 0;
    // Pool: the rows at or above `limit`, up to date or not. Active: those of the pool at or above `high`, up to date.
    let limit = Infinity;
    let high = Infinity;
    let poolCount = 0;
    let guessing = 1;
    let activeCount = 0;
    const batch = Math.min(members.length, Math.max(64, Math.min(POOL_ROWS_MAX, members.length >> 7)));

    const advance = async (list: number, length: number, pending: number, atLeast: number): Promise<void> => {
      if (length * pending * columns <= INLINE_WORK) kernels.catchUp(0, length, header, list, count, atLeast);
      else await opened.run("catchUp", length, Math.max(1, Math.min(rowBlock, length >> 4)), header, list, count, atLeast);
    };

    const leastWeight = weights === undefined ? 1 : members.reduce((least, ordinal) => Math.min(least, weights[ordinal]!), 1);
    // For the centres that came since the last time. All rows that still have to see them are below the limit.
    const linkNew = async (): Promise<void> => {
      const from = linkHeader[2]!;
      const to = Math.min(count, linkedMax);
      if (from >= to) return;
      const within = 4 * (limit / leastWeight) * (1 + 4 * relative) + 64 * absolute;
      // Steps for the largest distance that was ever asked about: all later ones are shorter.
      if (from === 0) step[0] = Math.sqrt(within) / 254 || 1;
      const sampled = new Float64Array(LINK_SAMPLE);
      for (let index = 0; index < LINK_SAMPLE; index++) {
        const t = from + (index % (to - from));
        const j = (index * 7919) % Math.max(1, t);
        sampled[index] = kernels.squareUpTo(scaled + centreOrdinals[j]! * width, scaled + centreOrdinals[t]! * width, columns, within);
      }
      sampled.sort();
      // Bytes of centres that are not measured stay 0: never skipped.
      if (sampled[LINK_SAMPLE >> 4]! < LINK_WORTH * sampled[LINK_SAMPLE >> 1]!) {
        const work = (to - from) * to * columns;
        if (work <= INLINE_WORK) kernels.link(0, to, header, from, to, within);
        else await opened.run("link", to, Math.max(4, Math.min(rowBlock, to >> 4)), header, from, to, within);
        kernels.mirror(0, to - from, header, from);
      }
      linkHeader[2] = to;
    };

    // A value that at least `wanted` of the list reach, and below `before` by more than the error that made a pick
    // undecidable there.
    const lowered = (list: number, length: number, wanted: number, before: number): number => {
      const top = kernels.largest(header, list, length);
      if (top <= 0 || length <= wanted) return 0;
      const counts = words(bins, BINS);
      counts.fill(0);
      kernels.histogram(header, list, length, top, BINS, bins);
      let bin = BINS;
      for (let above = 0; bin > 0 && above < wanted; ) above += counts[--bin]!;
      return Math.max(0, Math.min((bin / BINS) * top, before * (1 - 4 * relative) - 4 * absolute));
    };

    let advanced = 0;
    return {
      session,
      add(ordinal) {
        centreOrdinals[count] = ordinal;
        if (nearestOf[ordinal]! >= 0 && nearestOf[ordinal]! < Infinity) {
          // A child of the centre whose cell it was in: latest first.
          const parent = owners[ordinal]!;
          family[2 * count + 1] = family[2 * parent]!;
          family[2 * parent] = count + 1;
        }
        if (useShadows) floats(centreShadows + count * 64, 16).set(floats(shadows + ordinal * 64, 16));
        count++;
      },
      remove(ordinal) {
        nearestOf[ordinal] = -1;
      },
      async largest() {
        for (;;) {
          const pause = rest();
          if (pause !== false) await pause;
          if (activeCount > 0) {
            if (advanced < count) await advance(active, activeCount, count - advanced, high);
            advanced = count;
            activeCount = kernels.keepAtLeast(header, active, activeCount, high, active);
          }
          if (activeCount > 0) {
            const top = kernels.largest(header, active, activeCount);
            const length = kernels.keepAtLeast(header, active, activeCount, Math.max(0, top * (1 - relative) - absolute), near);
            const ties = words(near, length);
            let best = -1;
            let bestValue = -1;
            let square = -1;
            for (let index = 0; index < length; index++) {
              const ordinal = ties[index]!;
              const exactSquare = kernels.exactNearest(header, ordinal);
              const value = (weights?.[ordinal] ?? 1) * exactSquare;
              if (value > bestValue) [best, bestValue, square] = [ordinal, value, exactSquare];
            }
            if (high === 0 || bestValue > high * (1 + relative) + absolute) return { ordinal: best, square };
          } else if (high === 0) return { ordinal: -1, square: 0 };
          if (high > limit) {
            poolCount = kernels.keepAtLeast(header, pool, poolCount, limit, pool);
            high = Math.max(limit, lowered(pool, poolCount, ACTIVE_ROWS, high));
            activeCount = kernels.keepAtLeast(header, pool, poolCount, high, active);
            advanced = 0;
            continue;
          }
          // The very first time every distance is unknown: one centre for all.
          if (limit === Infinity) {
            const known = count;
            count = 1;
            await advance(all, members.length, 1, 0);
            count = known;
            limit = kernels.largest(header, all, members.length) * (1 + relative) + absolute;
          }
          await linkNew();
          limit = lowered(all, members.length, batch, limit);
          poolCount = kernels.keepAtLeast(header, all, members.length, limit, pool);
          await opened.run("tryFew", poolCount, 16, header, pool, count, limit, TRIES);
          if (useShadows && guessing-- > 0) {
            poolCount = kernels.keepAtLeast(header, pool, poolCount, limit, pool);
            for (let from = 0; from < poolCount; from += ROWS_AT_ONCE) {
              await opened.run("tryNearestShadows", Math.min(ROWS_AT_ONCE, poolCount - from), 8, header, pool + 4 * from, count, limit, guesses);
            }
            const left = kernels.keepAtLeast(header, pool, poolCount, limit, pool);
            // Where shadows tell little, as in isotropic data, most tries are in vain: leave them for some time.
            guessing = left > GUESS_FAILURES_MAX * poolCount ? -GUESS_PAUSE : 1;
            poolCount = left;
          } else if (guessing < 0) guessing += 2;
          high = Infinity;
          activeCount = 0;
        }
      },
      async nearestToMean() {
        const sums = doubles(mean, columns);
        sums.fill(0);
        await opened.run("sumColumns", columns, 64, header, all, members.length, mean);
        for (let column = 0; column < columns; column++) sums[column]! /= members.length;
        let best = -1;
        let least = Infinity;
        for (let from = 0; from < members.length; from += ROWS_AT_ONCE) {
          const length = Math.min(ROWS_AT_ONCE, members.length - from);
          words(near, length).set(members.subarray(from, from + length));
          await opened.run("squaresTo", length, rowBlock, header, near, mean, squares);
          const values = doubles(squares, length);
          for (let index = 0; index < length; index++) {
            const ordinal = members[from + index]!;
            const value = values[index]! / (weights?.[ordinal] ?? 1);
            if (best < 0 || value < least) [best, least] = [ordinal, value];
          }
        }
        return best;
      },
      squareOf(ordinal) {
        words(near, 1)[0] = ordinal;
        kernels.catchUp(0, 1, header, near, count, 0);
        return count === 0 ? Infinity : kernels.exactNearest(header, ordinal);
      },
      close() {
        opened.close();
        arena.release();
      },
    };
  } catch (error) {
    session?.close();
    arena.release();
    throw error;
  }
}
