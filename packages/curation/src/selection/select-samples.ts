import { activeLearning } from "./active-learning.ts";
import { coral } from "./coral.ts";
import { coreset } from "./coreset.ts";
import { problemFrom, type Problem } from "./problem.ts";
import { random } from "./random.ts";
import type { Selection, SelectionMethod, SelectionRequest } from "./request.ts";

const METHODS: Record<SelectionMethod, (problem: Problem) => Promise<Selection>> = {
  RANDOM: random,
  CORESET: coreset,
  ACTIVE_LEARNING: activeLearning,
  CORAL: coral,
};

/**
 * Selects samples of a dataset, in order, with reasons. The same request gives the same result on any number of
 * threads and any machine. See the methods for their rules: {@link coreset}, {@link coral}, {@link random},
 * {@link activeLearning}.
 *
 * Rejects with a RangeError that quotes the wrong number and the expected one (no stopping condition; points or scores
 * missing or of other length; a value that is not finite, by row and column; an ordinal out of range), or with the
 * signal's reason once it is aborted.
 */
export async function selectSamples(request: SelectionRequest): Promise<Selection> {
  request.signal?.throwIfAborted();
  const problem = await problemFrom(request);
  return METHODS[request.method](problem);
}
