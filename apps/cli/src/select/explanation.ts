import type { Selection, StrategySelection } from "@winnow/curation";

/**
 * A result with its reasons as JSON. Numbers that JSON doesn't have are null: the distance of a first pick, a score that
 * isn't there.
 */
export function explanation(result: Selection | StrategySelection, names: readonly string[]): object {
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
  return { stopped, ...("shares" in result ? { filtered: result.filtered } : {}), configuration, inputHash, picks };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
