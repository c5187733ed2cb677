/**
 * Which frames of a video are wanted: their indexes, ascending without repetition; or every `step`-th (1 by default) from
 * `start` (0 by default) up to before `end` (the video's end by default).
 */
export type FrameChoice = readonly number[] | { readonly start?: number; readonly end?: number; readonly step?: number };

/** One pass over the video. */
export interface FramePass {
  /** The filter's expression, true for wanted frames by their number `n`; undefined for all. */
  readonly expression: string | undefined;
  /** Index of the i-th frame of the pass. */
  readonly indexOf: (i: number) => number;
  /** How many there can be at most; reading ends behind them. */
  readonly countMax: number;
}

/** Runs of neighbouring indexes that one expression takes: it has to fit into an argument of a command, 128 KiB. */
const RUNS_MAX = 2000;

/** Cuts a choice into passes: one, save for thousands of scattered frames. @throws RangeError naming what is wrong. */
export function framePasses(choice: FrameChoice): FramePass[] {
  if (isList(choice)) return listPasses(choice);
  const { start = 0, end = Infinity, step = 1 } = choice;
  if (!Number.isInteger(start) || start < 0) throw new RangeError(`start must be a whole number from 0, got ${start}`);
  if (end !== Infinity && (!Number.isInteger(end) || end < start)) throw new RangeError(`end must be a whole number from ${start}, got ${end}`);
  if (!Number.isInteger(step) || step < 1) throw new RangeError(`step must be a whole number from 1, got ${step}`);
  const terms: string[] = [];
  if (start > 0) terms.push(`gte(n,${start})`);
  if (end !== Infinity) terms.push(`lt(n,${end})`);
  if (step > 1) terms.push(`not(mod(n-${start},${step}))`);
  return [{ expression: terms.length === 0 ? undefined : terms.join("*"), indexOf: (i) => start + i * step, countMax: Math.ceil((end - start) / step) }];
}

function isList(choice: FrameChoice): choice is readonly number[] {
  return Array.isArray(choice);
}

function listPasses(indexes: readonly number[]): FramePass[] {
  const runs: { from: number; to: number; place: number }[] = [];
  let last = -1;
  for (const [place, index] of indexes.entries()) {
    if (!Number.isSafeInteger(index) || index <= last) throw new RangeError(`frames must be whole numbers from 0 in ascending order, got ${index} behind ${last}`);
    if (runs.length > 0 && index === last + 1) runs[runs.length - 1]!.to = index;
    else runs.push({ from: index, to: index, place });
    last = index;
  }
  const passes: FramePass[] = [];
  for (let at = 0; at < runs.length; at += RUNS_MAX) {
    const taken = runs.slice(at, at + RUNS_MAX);
    const first = taken[0]!.place;
    const behind = runs[at + RUNS_MAX]?.place ?? indexes.length;
    passes.push({ expression: decide(taken), indexOf: (i) => indexes[first + i]!, countMax: behind - first });
  }
  return passes;
}

/** Halves the runs, so that a frame costs as many comparisons as their number has binary digits. */
function decide(runs: readonly { readonly from: number; readonly to: number }[]): string {
  if (runs.length === 1) {
    const { from, to } = runs[0]!;
    return from === to ? `eq(n,${from})` : `between(n,${from},${to})`;
  }
  const middle = runs.length >> 1;
  return `if(lt(n,${runs[middle]!.from}),${decide(runs.slice(0, middle))},${decide(runs.slice(middle))})`;
}
