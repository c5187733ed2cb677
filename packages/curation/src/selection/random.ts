import { generator } from "../random/generator.ts";
import { inOrder } from "./in-order.ts";
import type { Problem } from "./problem.ts";
import type { Selection } from "./request.ts";

/**
 * RANDOM: every order of the candidates is equally likely (Fisher and Yates; Durstenfeld 1964), drawn from the seed.
 * The shuffle runs from the front, so the first k picks are the run with k picks.
 */
export async function random(problem: Problem): Promise<Selection> {
  const { candidates, configuration, picksWanted, minDistance } = problem;
  const order = candidates.slice();
  const draw = generator(configuration.seed);
  const needed = minDistance > 0 ? order.length : Math.min(picksWanted, order.length);
  for (let index = 0; index < needed; index++) {
    const other = index + draw.below(order.length - index);
    const ordinal = order[other]!;
    order[other] = order[index]!;
    order[index] = ordinal;
  }
  return inOrder(problem, order);
}
