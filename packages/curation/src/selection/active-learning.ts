import { inOrder } from "./in-order.ts";
import type { Problem } from "./problem.ts";
import type { Selection } from "./request.ts";

/**
 * ACTIVE_LEARNING: the candidates with the highest scores first, ties to the lowest ordinal. Samples without a score
 * come after all that have one, by ordinal.
 */
export async function activeLearning(problem: Problem): Promise<Selection> {
  const scores = problem.scores!;
  const rank = (ordinal: number): number => (Number.isNaN(scores[ordinal]!) ? -Infinity : scores[ordinal]!);
  const order = problem.candidates.slice().sort((a, b) => {
    const left = rank(a);
    const right = rank(b);
    return left === right ? a - b : left > right ? -1 : 1;
  });
  return inOrder(problem, order);
}
