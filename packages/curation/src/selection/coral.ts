import { greedy } from "./greedy.ts";
import type { Problem } from "./problem.ts";
import type { Selection } from "./request.ts";

/**
 * CORAL: samples that are both informative and unlike each other. Weighted farthest-first: each pick maximises
 *
 *     w(i) · d(i),   w(i) = (1 + s(i)) / 2,   s(i) = (score(i) − lowest) / (highest − lowest)
 *
 * where d is the distance to the nearest chosen sample and the scores of the candidates are stretched to 0 … 1 (no
 * score counts as 0; all equal: every w is 1). Ties go to the lowest ordinal.
 *
 * Why this form: a product needs no common scale for distances and scores, so it means the same for every encoder and
 * every scorer. It never picks a duplicate while anything else is left, since its distance is 0 whatever its score.
 * Weights between ½ and 1 say in plain words what is traded: the least interesting sample must be twice as far away
 * as the most interesting one to be picked before it. And the radius stays within twice that of unweighted greedy's
 * guarantee, because at every step d(pick) ≥ ½ max d. With equal scores it is CORESET, pick for pick.
 *
 * The first pick, when nothing is preselected: the least (distance to the candidates' mean)² / w², the rule of CORESET
 * with distances weighted.
 */
export async function coral(problem: Problem): Promise<Selection> {
  return greedy(problem, coralWeights(problem));
}

/** The factor on the squared distance (euclidean: w²; cosine, whose distance is the square itself: w). */
export function coralWeights({ scores, candidates, configuration }: Problem): Float64Array {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const ordinal of candidates) {
    const score = scores![ordinal]!;
    if (score < lowest) lowest = score;
    if (score > highest) highest = score;
  }
  const weights = new Float64Array(configuration.size).fill(1);
  if (!(highest > lowest)) return weights;
  for (const ordinal of candidates) {
    const score = scores![ordinal]!;
    // Halves before the difference: two finite scores may be further apart than the largest number.
    const share = Number.isNaN(score) ? 0 : (score / 2 - lowest / 2) / (highest / 2 - lowest / 2);
    const weight = (1 + share) / 2;
    weights[ordinal] = configuration.metric === "euclidean" ? weight * weight : weight;
  }
  return weights;
}
