import { distanceFromSquare } from "../../kernels/distance.plain.ts";
import { yielder } from "../../pool/yielder.ts";
import { openReach } from "./reach.ts";
import type { FixedGain, StrategyTask, Walk } from "./task.ts";
import { walkRecorder } from "./walk-recorder.ts";

/**
 * What counts, by position, of strategies whose gains never change: the sum of strength · gain. Of one alone its plain
 * values, so that no rounding makes two of them equal; those without a value come last.
 */
export function fixedValues(fixed: readonly FixedGain[], alone: boolean, length: number): Float64Array {
  const values = new Float64Array(length);
  for (const { strength, keys, gains } of fixed) {
    if (strength === 0) continue;
    for (let position = 0; position < length; position++) {
      if (!alone) values[position]! += strength * gains[position]!;
      else values[position] = Number.isNaN(keys[position]!) ? -Infinity : Math.sign(strength) * keys[position]!;
    }
  }
  return values;
}

/** Where nothing depends on what was picked before, the order is known from the start: one sort. */
export async function walkInOrder(task: StrategyTask): Promise<Walk> {
  const { request, metric, query, preselected, candidates, untypical, picksWanted, fixed, reported } = task;
  const record = walkRecorder(task);
  const values = fixedValues(fixed, fixed.filter(({ strength }) => strength !== 0).length === 1, candidates.length);
  const order = Uint32Array.from(candidates, (_, position) => position)
    .filter((position) => untypical[position] === 0)
    .sort((a, b) => (values[a] === values[b] ? a - b : values[a]! > values[b]! ? -1 : 1));
  const { signal, threads } = request;
  const centresMax = preselected.length + Math.min(picksWanted, candidates.length);
  const reach = reported && (await openReach(reported, { metric, members: query, centresMax, largest: task.largestOf(reported), threads, signal }));
  const rest = yielder(signal);
  try {
    for (const ordinal of preselected) reach?.add(ordinal);
    for (const position of order) {
      if (record.full) return record.finish("count");
      const pause = rest();
      if (pause !== false) {
        await pause;
        record.progress();
      }
      const ordinal = candidates[position]!;
      const distance = reach === undefined ? Number.NaN : distanceFromSquare(reach.squareOf(ordinal), metric);
      record.pick(ordinal, distance, (index) => {
        const gain = fixed.find((one) => one.index === index);
        return gain === undefined ? 0 : gain.strength * gain.gains[position]!;
      });
      if (reach !== undefined) {
        reach.add(ordinal);
        record.radius(distanceFromSquare(await reach.largestSquare(), metric));
      }
    }
    if (record.full) return record.finish("count");
    return record.finish(order.length < candidates.length ? "typicality" : "exhausted");
  } finally {
    reach?.close();
  }
}
