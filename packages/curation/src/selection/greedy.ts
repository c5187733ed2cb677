import { distanceFromSquare } from "../kernels/distance.plain.ts";
import { canGoFast, openFarthest, type Farthest } from "./farthest.ts";
import { plainGreedy } from "./greedy.plain.ts";
import type { Problem } from "./problem.ts";
import { recorder } from "./recorder.ts";
import type { Selection } from "./request.ts";

/**
 * Weighted farthest-first: what `plainGreedy` does, pick for pick, only faster.
 * @param weights one factor in 0 … 1 per ordinal on the squared distance; without it all 1
 */
export async function greedy(problem: Problem, weights?: Float64Array): Promise<Selection> {
  const { request, configuration, points, inspection, query, preselected, candidates, picksWanted, minDistance } = problem;
  const { metric } = configuration;
  if (!canGoFast(points!, inspection!.largest)) return plainGreedy(problem, weights);
  const record = recorder(problem);
  const picksMax = Math.min(picksWanted, candidates.length);
  if (picksMax === 0) return record.finish(picksWanted === 0 ? "count" : "exhausted");
  const options = {
    metric,
    centresMax: preselected.length + picksMax,
    threads: request.threads,
    signal: request.signal,
    onTurn: () => request.onProgress?.(record.count, picksMax),
  };
  let picker: Farthest | undefined;
  let cover: Farthest | undefined;
  try {
    picker = await openFarthest(points!, { ...options, members: candidates, weights });
    // With weights the farthest is not the one to pick, but the coverage radius still asks for it.
    cover = weights === undefined ? undefined : await openFarthest(points!, { ...options, members: query });
    const choose = (ordinal: number): void => {
      picker!.add(ordinal);
      picker!.remove(ordinal);
      cover?.add(ordinal);
    };
    for (const ordinal of preselected) choose(ordinal);
    if (preselected.length === 0) {
      const first = await picker.nearestToMean();
      record.pick(first, Infinity);
      choose(first);
    }
    let dropped = 0;
    // Each answer of the picker is the radius after the last pick and, if there is to be one, the next pick.
    for (;;) {
      const next = await picker.largest();
      if (record.count > 0) {
        const worst = cover === undefined ? next : await cover.largest();
        record.radius(distanceFromSquare(Math.max(0, worst.square), metric));
      }
      if (record.count >= picksWanted) return record.finish("count");
      let pick = next;
      // Without weights the first that is too near ends it; with them another may still be far enough.
      while (pick.ordinal >= 0 && distanceFromSquare(pick.square, metric) < minDistance) {
        dropped++;
        if (weights === undefined) return record.finish("distance");
        picker.remove(pick.ordinal);
        pick = await picker.largest();
      }
      if (pick.ordinal < 0) return record.finish(dropped > 0 ? "distance" : "exhausted");
      if (pick.square === 0) {
        // Whatever is left is a copy of something chosen: by ordinal, with nothing left to measure.
        const taken = new Set(record.ordinals());
        const radius = cover === undefined ? 0 : distanceFromSquare((await cover.largest()).square, metric);
        for (const ordinal of candidates) {
          if (record.count >= picksWanted) return record.finish("count");
          if (taken.has(ordinal)) continue;
          record.pick(ordinal, 0);
          record.radius(radius);
        }
        return record.finish(record.count >= picksWanted ? "count" : "exhausted");
      }
      record.pick(pick.ordinal, distanceFromSquare(pick.square, metric));
      choose(pick.ordinal);
    }
  } finally {
    picker?.close();
    cover?.close();
  }
}
