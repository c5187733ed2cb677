import type { Selection, StrategySelection } from "@winnow/curation";

/** What a run was given, beside its configuration. */
export interface Given {
  /** The files and the column of scores, as they were named on the command line. */
  readonly inputs: Readonly<Record<string, string | undefined>>;
  readonly names: readonly string[];
  /** Ordinals of the samples that were chosen before. */
  readonly preselected: Uint32Array;
}

/**
 * A result with its reasons, and all that it takes to repeat the run, as JSON. Numbers that JSON doesn't have are null: the distance of a first pick, a score that
 * isn't there.
 */
export function explanation(result: Selection | StrategySelection, { inputs, names, preselected }: Given): object {
  const { ordinals, distances, radii, stopped, configuration, inputHash } = result;
  const width = "shares" in result ? result.configuration.selection.strategies.length : 0;
  const picks = Array.from(ordinals, (ordinal, pick) => ({
    fileName: names[ordinal]!,
    row: ordinal,
    distance: finite(distances[pick]!),
    radius: finite(radii[pick]!),
    ...("shares" in result
      ? { gain: result.gains[pick]!, shares: Array.from(result.shares.subarray(pick * width, (pick + 1) * width)) }
      : { score: finite(result.scores[pick]!) }),
  }));
  const chosenBefore = Array.from(new Set(preselected), (ordinal) => names[ordinal]!);
  return { stopped, ...("shares" in result ? { filtered: result.filtered } : {}), configuration, inputs, inputHash, preselected: chosenBefore, picks };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
