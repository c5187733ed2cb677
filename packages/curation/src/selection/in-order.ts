import { distanceFromSquare } from "../kernels/distance.plain.ts";
import { plainCoverage } from "./coverage.plain.ts";
import type { Problem } from "./problem.ts";
import { recorder } from "./recorder.ts";
import type { Selection } from "./request.ts";

/**
 * Takes candidates in a given order, skipping those nearer than minDistance to a chosen sample. A skipped one stays
 * too near for ever, since distances only shrink: one walk is enough.
 */
export async function inOrder(problem: Problem, order: Uint32Array): Promise<Selection> {
  const { configuration, points, query, preselected, candidates, picksWanted, minDistance } = problem;
  const record = recorder(problem);
  if (points === undefined) {
    for (const ordinal of order) {
      if (record.count >= picksWanted) break;
      record.pick(ordinal, Number.NaN);
    }
    return record.finish(record.count >= picksWanted ? "count" : "exhausted");
  }
  const coverage = plainCoverage(points, configuration.metric, query);
  const positions = new Map(Array.from(query, (ordinal, position) => [ordinal, position]));
  for (const ordinal of preselected) coverage.choose(ordinal);
  for (const ordinal of order) {
    if (record.count >= picksWanted) break;
    const distance = distanceFromSquare(coverage.squareAt(positions.get(ordinal)!), configuration.metric);
    if (distance < minDistance) continue;
    record.pick(ordinal, distance);
    coverage.choose(ordinal);
    record.radius(coverage.radius());
  }
  if (record.count >= picksWanted) return record.finish("count");
  return record.finish(record.count < candidates.length ? "distance" : "exhausted");
}
