import { distanceFromSquare } from "../../kernels/distance.plain.ts";
import { yielder } from "../../pool/yielder.ts";
import { bestFirst } from "./best-first.ts";
import { openReach, type Reach } from "./reach.ts";
import { seedSquares } from "./seed-squares.ts";
import { stretched } from "./stretched.ts";
import type { DiversityGain, StrategyTask, Walk } from "./task.ts";
import { fixedValues } from "./walk-in-order.ts";
import { walkRecorder } from "./walk-recorder.ts";

/** A DIVERSITY in the loop. */
interface Spread extends DiversityGain {
  readonly reach: Reach;
  /**
   * Per position at least the distance to the nearest chosen: the one of when it was last asked for. When this strategy
   * is alone, its square, in which no root makes two of them equal.
   */
  readonly bounds: Float64Array;
  /** The largest squared distance now, and the distance that it is. */
  square: number;
  range: number;
  /** Before anything is chosen: squared distances to the mean of the candidates, and the gains from them. */
  seeds: { readonly squares: Float64Array; readonly gains: Float64Array } | undefined;
}

/**
 * One pick after the other, each the candidate with the largest Σ strength · gain, ties to the lowest ordinal.
 *
 * Distances to the chosen only shrink, so the last known one bounds what a candidate can still gain: only those whose
 * bound reaches the best exact value are measured anew, best bound first (Minoux 1978). A bound is computed by the same
 * roundings as the value, each of which keeps order, so no pick depends on which candidates were measured. (A negative
 * strength turns that around; then all are measured at every step.)
 */
export async function walkGreedily(task: StrategyTask): Promise<Walk> {
  const { request, metric, query, preselected, candidates, untypical, picksWanted, fixed, balances, reported } = task;
  const { signal, threads } = request;
  const record = walkRecorder(task);
  const length = candidates.length;
  const rest = yielder(signal);
  const breathe = async (): Promise<void> => {
    const pause = rest();
    if (pause === false) return;
    await pause;
    record.progress();
  };

  const strengths = [...fixed, ...balances, ...task.diversities].filter(({ strength }) => strength !== 0);
  const alone = strengths.length === 1;
  const fixedSum = fixedValues(fixed, alone, length);
  const reaches = new Map<object, Reach>();
  try {
    const reachOf = async (points: StrategyTask["diversities"][number]["points"]): Promise<Reach> => {
      let reach = reaches.get(points);
      if (reach === undefined) {
        const centresMax = preselected.length + Math.min(picksWanted, length);
        reach = await openReach(points, { metric, members: query, centresMax, largest: task.largestOf(points), threads, signal });
        reaches.set(points, reach);
        for (const ordinal of preselected) reach.add(ordinal);
      }
      return reach;
    };
    const reportedReach = reported && (await reachOf(reported));
    const spreads: Spread[] = [];
    for (const one of task.diversities) {
      const spread: Spread = { ...one, reach: await reachOf(one.points), bounds: new Float64Array(length).fill(Infinity), square: Infinity, range: Infinity, seeds: undefined };
      if (preselected.length === 0 && one.strength !== 0) {
        const squares = seedSquares(one.points, metric, candidates);
        // Nearest to the mean is best: the rule of CORESET.
        spread.seeds = { squares, gains: stretched(squares.map((square) => -distanceFromSquare(square, metric))) };
      }
      spreads.push(spread);
    }
    const eager = spreads.some(({ strength }) => strength < 0);

    const live = Uint32Array.from(candidates, (_, position) => position).filter((position) => untypical[position] === 0);
    const gone = new Uint8Array(length);
    let liveCount = live.length;
    let goneCount = 0;
    let tooNear = 0;
    const leave = (position: number): void => {
      gone[position] = 1;
      // Seldom enough to cost nothing, often enough that the dead don't slow the living.
      if (++goneCount * 4 <= liveCount) return;
      let kept = 0;
      for (let index = 0; index < liveCount; index++) if (gone[live[index]!] === 0) live[kept++] = live[index]!;
      [liveCount, goneCount] = [kept, 0];
    };

    const spreadValue = ({ strength, seeds, square, range, bounds }: Spread, position: number): number => {
      if (strength === 0) return 0;
      if (seeds !== undefined) return alone ? Math.sign(strength) * -seeds.squares[position]! : strength * seeds.gains[position]!;
      if (alone) return Math.sign(strength) * Math.min(bounds[position]!, square);
      return range > 0 ? strength * (Math.min(bounds[position]!, range) / range) : 0;
    };
    const values = new Float64Array(length);
    /** In the same order of additions as `valueAll`. */
    const valueOf = (position: number): number => {
      let value = fixedSum[position]!;
      for (const { strength, balance } of balances) {
        if (strength !== 0) value += alone ? Math.sign(strength) * balance.keys[balance.groupOf[position]!]! : strength * balance.gains[balance.groupOf[position]!]!;
      }
      for (const spread of spreads) if (spread.strength !== 0) value += spreadValue(spread, position);
      return value;
    };
    const valueAll = (): void => {
      values.set(fixedSum);
      for (const { strength, balance } of balances) {
        if (strength === 0) continue;
        const { groupOf } = balance;
        const byGroup = alone ? balance.keys.map((key) => Math.sign(strength) * key) : balance.gains.map((gain) => strength * gain);
        for (let index = 0; index < liveCount; index++) values[live[index]!]! += byGroup[groupOf[live[index]!]!]!;
      }
      for (const spread of spreads) {
        const { strength, seeds, range, bounds } = spread;
        if (strength === 0) continue;
        if (alone || seeds !== undefined || range === 0) {
          for (let index = 0; index < liveCount; index++) values[live[index]!]! += spreadValue(spread, live[index]!);
          continue;
        }
        // Written out: this is where the time goes.
        for (let index = 0; index < liveCount; index++) {
          const position = live[index]!;
          const bound = bounds[position]!;
          values[position]! += strength * ((bound < range ? bound : range) / range);
        }
      }
    };

    let chosen = preselected.length;
    /** Measures a candidate; false when it is too near, and then it is gone: distances only shrink. */
    const measure = (position: number): boolean => {
      if (chosen === 0) return true;
      for (const { reach, bounds, minDistance } of spreads) {
        const square = reach.squareOf(candidates[position]!);
        const distance = distanceFromSquare(square, metric);
        bounds[position] = alone ? square : distance;
        if (distance >= minDistance) continue;
        tooNear++;
        leave(position);
        return false;
      }
      return true;
    };

    const queue = bestFirst(values, length);
    const reaching = new Uint32Array(length);
    /** Measured in the last step: what is best among them is nearly the best of all. */
    let recent: number[] = [];
    const bestOf = (positions: ArrayLike<number>, count: number): number => {
      let best = -1;
      let most = -Infinity;
      for (let index = 0; index < count; index++) {
        const position = positions[index]!;
        if (gone[position] !== 0) continue;
        const value = values[position]!;
        if (best < 0 || value > most || (value === most && position < best)) [best, most] = [position, value];
      }
      return best;
    };
    /** The best candidate, or −1. */
    const next = async (): Promise<number> => {
      if (eager) {
        for (const position of live.slice(0, liveCount)) {
          await breathe();
          if (gone[position] === 0) measure(position);
        }
      }
      for (const { balance } of balances) balance.update();
      valueAll();
      if (spreads.length === 0 || chosen === 0 || eager) return bestOf(live, liveCount);
      // Exact values of one or two good ones leave few others to look at.
      const measured = new Set<number>();
      let floor = -Infinity;
      const sound = (position: number): void => {
        if (position < 0 || measured.has(position)) return;
        measured.add(position);
        if (measure(position)) floor = Math.max(floor, (values[position] = valueOf(position)));
      };
      sound(bestOf(recent, recent.length));
      sound(bestOf(live, liveCount));
      let count = 0;
      for (let index = 0; index < liveCount; index++) {
        const position = live[index]!;
        if (values[position]! >= floor && gone[position] === 0) reaching[count++] = position;
      }
      queue.fill(reaching, count);
      let best = -1;
      while (queue.length > 0) {
        const position = queue.first();
        if (measured.has(position)) {
          best = position;
          break;
        }
        await breathe();
        measured.add(position);
        if (measure(position)) {
          values[position] = valueOf(position);
          queue.lowered();
        } else queue.shift();
      }
      recent = [...measured];
      return best;
    };

    for (;;) {
      await breathe();
      if (chosen > 0) {
        for (const reach of reaches.values()) {
          const square = await reach.largestSquare();
          for (const spread of spreads) {
            if (spread.reach === reach) [spread.square, spread.range, spread.seeds] = [square, distanceFromSquare(square, metric), undefined];
          }
          if (reach === reportedReach && record.count > 0) record.radius(distanceFromSquare(square, metric));
        }
      }
      if (record.full) return record.finish("count");
      const position = await next();
      if (position < 0) return record.finish(tooNear > 0 ? "distance" : untypical.includes(1) ? "typicality" : "exhausted");
      const ordinal = candidates[position]!;
      record.pick(ordinal, reportedReach === undefined ? Number.NaN : distanceFromSquare(reportedReach.squareOf(ordinal), metric), (index) => shareOf(index, position));
      leave(position);
      for (const { balance } of balances) balance.choose(position);
      for (const reach of reaches.values()) reach.add(ordinal);
      chosen++;
    }

    function shareOf(index: number, position: number): number {
      const still = fixed.find((one) => one.index === index);
      if (still !== undefined) return still.strength * still.gains[position]!;
      const even = balances.find((one) => one.index === index);
      if (even !== undefined) return even.strength * even.balance.gains[even.balance.groupOf[position]!]!;
      const spread = spreads.find((one) => one.index === index);
      if (spread === undefined || spread.strength === 0) return 0;
      if (spread.seeds !== undefined) return spread.strength * spread.seeds.gains[position]!;
      const distance = alone ? distanceFromSquare(spread.bounds[position]!, metric) : spread.bounds[position]!;
      return spread.range > 0 ? spread.strength * (distance / spread.range) : 0;
    }
  } finally {
    for (const reach of reaches.values()) reach.close();
  }
}
