import { greedy } from "./greedy.ts";
import type { Problem } from "./problem.ts";
import type { Selection } from "./request.ts";

/**
 * CORESET: exact greedy k-centre, farthest first (T. F. Gonzalez, Clustering to minimize the maximum intercluster
 * distance, Theoretical Computer Science 38, 1985). Each pick is the candidate farthest from everything chosen, ties to
 * the lowest ordinal; the coverage radius is at most twice the best possible for that many samples.
 *
 * With nothing preselected the first pick is the candidate nearest to the candidates' mean (float64; for cosine the
 * mean of the rows scaled to length 1). It depends on the data and not on file order or thread count, a selection of
 * one is then a typical sample and not an outlier, and its radius is the smallest that a simple rule gives; the
 * outlier is the second pick.
 */
export async function coreset(problem: Problem): Promise<Selection> {
  return greedy(problem);
}
