import { distanceFromSquare, inverseLengths } from "../kernels/distance.plain.ts";
import type { Matrix } from "../matrix/matrix.ts";
import { plainCoverage } from "./coverage.plain.ts";
import type { Problem } from "./problem.ts";
import { recorder } from "./recorder.ts";
import type { Selection } from "./request.ts";

/**
 * Weighted farthest-first as anyone can check it: the truth for the fast one. Each pick is the candidate with the
 * largest weight · (squared distance to the nearest chosen), ties to the lowest ordinal.
 * @param weights one factor per ordinal; without it all 1
 */
export function plainGreedy(problem: Problem, weights?: Float64Array): Selection {
  const { configuration, points, query, preselected, candidates, picksWanted, minDistance } = problem;
  const { metric } = configuration;
  const record = recorder(problem);
  const coverage = plainCoverage(points!, metric, query);
  for (const ordinal of preselected) coverage.choose(ordinal);
  const open = new Set<number>(candidates);
  while (record.count < picksWanted) {
    let best = -1;
    let bestValue = -1;
    let bestSquare = -1;
    for (let position = 0; position < query.length; position++) {
      const ordinal = query[position]!;
      const square = coverage.squareAt(position);
      const value = (weights?.[ordinal] ?? 1) * square;
      if (open.has(ordinal) && value > bestValue) [best, bestValue, bestSquare] = [ordinal, value, square];
    }
    if (best < 0) return record.finish(record.count < candidates.length ? "distance" : "exhausted");
    if (bestSquare === Infinity) best = plainSeed(points!, metric === "cosine", candidates, weights);
    const distance = distanceFromSquare(bestSquare, metric);
    open.delete(best);
    // Too near now is too near for ever. With weights another may still be far enough, without them none is.
    if (distance < minDistance) continue;
    record.pick(best, distance);
    coverage.choose(best);
    record.radius(coverage.radius());
  }
  return record.finish("count");
}

/**
 * The seed rule: with nothing chosen yet, the candidate nearest to the mean of the candidates, its squared distance
 * divided by its weight; ties to the lowest ordinal. (For cosine: of the rows scaled to length 1.)
 */
export function plainSeed(points: Matrix, scaled: boolean, candidates: Uint32Array, weights?: Float64Array): number {
  const { data, columns } = points;
  const inverse = scaled ? inverseLengths(points) : undefined;
  const mean = new Float64Array(columns);
  for (const ordinal of candidates) {
    const scale = inverse?.[ordinal] ?? 1;
    for (let column = 0; column < columns; column++) mean[column]! += data[ordinal * columns + column]! * scale;
  }
  for (let column = 0; column < columns; column++) mean[column]! /= candidates.length;
  let best = -1;
  let least = Infinity;
  for (const ordinal of candidates) {
    const scale = inverse?.[ordinal] ?? 1;
    let square = 0;
    for (let column = 0; column < columns; column++) {
      const difference = data[ordinal * columns + column]! * scale - mean[column]!;
      square += difference * difference;
    }
    const value = square / (weights?.[ordinal] ?? 1);
    if (best < 0 || value < least) [best, least] = [ordinal, value];
  }
  return best;
}
