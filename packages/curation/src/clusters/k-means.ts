import { arenaBehind, freshArena } from "../kernels/arena.ts";
import { inverseLengths, type Metric } from "../kernels/distance.plain.ts";
import { inspectMatrix } from "../matrix/check-matrix.ts";
import { matrix, type Matrix } from "../matrix/matrix.ts";
import { openSession, type Session } from "../pool/session.ts";
import { generator, type Generator } from "../random/generator.ts";
import { moveEmpty } from "./empty-clusters.ts";
import { orderOfClusters } from "./order.ts";

export interface KMeansOptions {
  /** Clusters wanted, ≥ 1; fewer come out when fewer rows differ. */
  k: number;
  /** `cosine` clusters the rows scaled to length 1 (a zero row stays zero); default `euclidean`. */
  metric?: Metric;
  /** For the first centres; any finite number, default 0. */
  seed?: number;
  /** Ordinals whose rows are the first centres, instead of seeded ones: for example the picks of a selection. */
  start?: Uint32Array;
  /** Rounds of assigning and moving at most; default 300. */
  roundsMax?: number;
  /** Threads to use at most, this one included; never changes the result. */
  threads?: number | undefined;
  /** Aborting rejects the promise with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Work done as a share `done / total`; called now and then, and at the end with done = total. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Clusters numbered from the largest to the smallest, equal ones by their lowest ordinal. */
export interface Clusters {
  /** The cluster of each row, 0 … centres.rows − 1. */
  readonly labels: Uint32Array;
  /** Row c is the centre that the rows of cluster c are nearest to, ties by the order of centres in the computation. */
  readonly centres: Matrix;
  /** Rows per cluster. */
  readonly sizes: Uint32Array;
  /** Σ of squared distances of rows to their centre, in squared units of the input: what k-means makes small. */
  readonly inertia: number;
  readonly rounds: number;
  /** Whether the last round changed nothing: then each centre is the mean of its rows. */
  readonly converged: boolean;
}

const UNIT = 2 ** -24;
const SQUARE_MAX = 2 ** 127;
const BLOCK_ROWS = 256;
const PART_COLUMNS = 32;

/**
 * k-means: greedy k-means++ seeds (Arthur and Vassilvitskii, SODA 2007; the best of 2 + ⌊ln k⌋ draws each), then Lloyd's rounds until nothing changes, with the
 * bounds of Hamerly (SDM 2010) and the triangle inequality over distances between centres (Elkan, ICML 2003). The bounds only
 * save work: each row gets the centre that is nearest in float64, ties to the lower one, and means are summed in float64
 * by ascending row and rounded to float32. So the result is that of the plain algorithm, on any number of threads.
 * A cluster that runs empty takes the row farthest from its centre (ties: the lowest ordinal).
 *
 * Rejects with a RangeError when k, a start or roundsMax makes no sense, a value is not finite, or values are so large
 * that their squares leave float32.
 */
export async function kMeans(points: Matrix, options: KMeansOptions): Promise<Clusters> {
  const { metric = "euclidean", seed = 0, roundsMax = 300, signal, onProgress } = options;
  const { rows, columns } = points;
  if (!Number.isSafeInteger(options.k) || options.k < 1) throw new RangeError(`k must be a whole number of at least 1, got ${options.k}`);
  if (!Number.isSafeInteger(roundsMax) || roundsMax < 1) throw new RangeError(`roundsMax must be a whole number of at least 1, got ${roundsMax}`);
  if (metric !== "euclidean" && metric !== "cosine") throw new RangeError(`metric must be euclidean or cosine, got ${String(metric)}`);
  const wrong = options.start?.find((ordinal) => ordinal >= rows);
  if (wrong !== undefined) throw new RangeError(`start has ordinal ${wrong}, but there are only ${rows} rows`);
  const random = generator(seed);
  signal?.throwIfAborted();
  const { largest } = await inspectMatrix(points, options);
  if (metric === "euclidean" && !(4 * columns * largest * largest < SQUARE_MAX)) {
    throw new RangeError(`squared distances between rows of values up to ${largest} leave float32: scale the points first`);
  }
  const k = Math.min(options.start?.length ?? options.k, rows);
  if (k === 0) return { labels: new Uint32Array(), centres: matrix(0, columns), sizes: new Uint32Array(), inertia: 0, rounds: 0, converged: true };

  const inPlace = metric === "euclidean" ? arenaBehind(points.data.buffer) : undefined;
  const arena = inPlace ?? freshArena();
  try {
    const width = columns * 4;
    const data = inPlace === undefined ? arena.take(rows * width) : points.data.byteOffset;
    const centres = arena.take(k * width);
    const moved = arena.take(k * width);
    const sums = arena.take(k * columns * 8);
    const [labelsAt, changedAt, membersAt, leastAt] = [arena.take(rows * 4), arena.take(rows * 4), arena.take(rows * 4), arena.take(rows * 4)];
    const [upperAt, lowerAt] = [arena.take(rows * 8), arena.take(rows * 8)];
    const [gaps, half, driftsAt, startsAt, list] = [arena.take(k * k * 4), arena.take(k * 8), arena.take(k * 8), arena.take(k * 4 + 4), arena.take(k * 4)];
    const header = arena.take(128);
    const { buffer } = arena.memory;
    const floats = (address: number, length: number): Float32Array => new Float32Array(buffer, address, length);
    const doubles = (address: number, length: number): Float64Array => new Float64Array(buffer, address, length);
    const words = (address: number, length: number): Uint32Array => new Uint32Array(buffer, address, length);
    const inside = floats(data, rows * columns);
    if (inPlace === undefined) copyRows(points, metric, inside);

    let done = 0;
    const session = await openSession(arena.memory, { ...options, onTurn: () => onProgress?.(done, k + roundsMax) });
    try {
      const first = options.start ?? (await seedOrdinals(session, { data, rows, columns, least: leastAt, trial: changedAt, best: membersAt, floats }, k, random, () => done++));
      const count = first.length;
      first.forEach((ordinal, centre) => floats(centres + centre * width, columns).set(inside.subarray(ordinal * columns, (ordinal + 1) * columns)));
      done = k;

      const labels = words(labelsAt, rows);
      const changed = words(changedAt, rows);
      const upper = doubles(upperAt, rows).fill(Infinity);
      const lower = doubles(lowerAt, rows);
      const drifts = doubles(driftsAt, count);
      const fields = words(header, 13);
      fields.set([data, columns, centres, count, labelsAt, upperAt, lowerAt, gaps, half, driftsAt, changedAt, 0, 0]);
      const relative = 3 * (columns / 16 + 32) * UNIT;
      doubles(header + 56, 4).set([0, 0, relative, columns * 2 ** -148]);
      const square = (row: number): number => session.kernels.exactSquare(data + row * width, centres + labels[row]! * width, columns);

      let rounds = 0;
      let converged = false;
      while (rounds < roundsMax && !converged) {
        rounds++;
        changed.fill(0);
        await session.run("centreGaps", count, 8, header);
        await session.run("assignCentres", rows, BLOCK_ROWS, header);
        const sizes = sizesOf(labels, count);
        const relocated = moveEmpty(labels, sizes, square);
        for (const row of relocated) {
          changed[row] = 1;
          upper[row] = Infinity;
          lower[row] = 0;
        }
        converged = rounds > 1 && !changed.includes(1);
        done = k + rounds;
        if (converged || rounds === roundsMax) break;

        // A cluster whose members are those of before has its mean already; which ones changed shows at both ends of a move.
        const starts = words(startsAt, count + 1);
        sizes.forEach((size, centre) => (starts[centre + 1] = starts[centre]! + size));
        const members = words(membersAt, rows);
        const next = starts.slice();
        for (let row = 0; row < rows; row++) members[next[labels[row]!]!++] = row;
        const open = Uint32Array.from(sizes.keys()).filter((centre) => sizes[centre]! > 0);
        words(list, open.length).set(open);
        floats(moved, count * columns).set(floats(centres, count * columns));
        await session.run("meansOf", open.length * Math.ceil(columns / PART_COLUMNS), 1, data, columns, list, membersAt, startsAt, sums, moved);
        for (let centre = 0; centre < count; centre++) {
          drifts[centre] = Math.sqrt(session.kernels.exactSquare(centres + centre * width, moved + centre * width, columns)) * (1 + 1e-9);
        }
        const farthest = drifts.reduce((most, drift, centre) => (drift > drifts[most]! ? centre : most), 0);
        fields[11] = farthest;
        doubles(header + 56, 2).set([drifts[farthest]!, drifts.reduce((most, drift, centre) => (centre !== farthest && drift > most ? drift : most), 0)]);
        floats(centres, count * columns).set(floats(moved, count * columns));
      }

      let inertia = 0;
      for (let row = 0; row < rows; row++) inertia += square(row);
      const { order, renamed, sizes } = orderOfClusters(labels, count);
      const result = matrix(order.length, columns);
      order.forEach((centre, place) => result.data.set(floats(centres + centre * width, columns), place * columns));
      onProgress?.(1, 1);
      return { labels: renamed, centres: result, sizes, inertia, rounds, converged };
    } finally {
      session.close();
    }
  } finally {
    arena.release();
  }
}

function copyRows(points: Matrix, metric: Metric, target: Float32Array): void {
  target.set(points.data);
  if (metric === "euclidean") return;
  const inverse = inverseLengths(points);
  for (let index = 0; index < target.length; index++) target[index] = points.data[index]! * inverse[Math.floor(index / points.columns)]!;
}

function sizesOf(labels: Uint32Array, count: number): Uint32Array {
  const sizes = new Uint32Array(count);
  for (let row = 0; row < labels.length; row++) sizes[labels[row]!]!++;
  return sizes;
}

interface Seeding {
  readonly data: number;
  readonly rows: number;
  readonly columns: number;
  readonly least: number;
  readonly trial: number;
  readonly best: number;
  floats(address: number, length: number): Float32Array;
}

/** k-means++: each next centre is a row drawn with probability ∝ its squared distance to the nearest one so far. */
async function seedOrdinals(session: Session, { data, rows, columns, least: at, trial: trialAt, best: bestAt, floats }: Seeding, k: number, random: Generator, onSeed: () => void): Promise<Uint32Array> {
  const least = floats(at, rows).fill(Infinity);
  const trial = floats(trialAt, rows);
  const best = floats(bestAt, rows);
  const draws = 2 + Math.floor(Math.log(k));
  const lessen = (ordinal: number, target: number): Promise<void> => session.run("lessen", rows, BLOCK_ROWS, data, columns, data + ordinal * columns * 4, target);
  const result = [random.below(rows)];
  await lessen(result[0]!, at);
  let total = sumOf(least);
  // A total of 0: all that is left are copies of centres.
  while (result.length < k && total > 0) {
    let bestTotal = Infinity;
    let pick = -1;
    for (let draw = 0; draw < draws; draw++) {
      let target = random.unit() * total;
      let candidate = -1;
      for (let row = 0; row < rows && target >= 0; row++) {
        if (least[row] === 0) continue;
        candidate = row;
        target -= least[row]!;
      }
      trial.set(least);
      await lessen(candidate, trialAt);
      const left = sumOf(trial);
      if (left >= bestTotal) continue;
      bestTotal = left;
      pick = candidate;
      best.set(trial);
    }
    least.set(best);
    total = bestTotal;
    result.push(pick);
    onSeed();
  }
  return Uint32Array.from(result);
}

function sumOf(values: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return sum;
}
