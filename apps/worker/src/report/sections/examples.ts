import type { Section } from "../document.ts";
import type { RunFacts } from "../facts.ts";
import { numberText, shown } from "../wording.ts";

/** Pairs that are shown; a report isn't an album. */
const PAIRS_MAX = 40;

/** Removed images beside the retained one that is nearest to each. */
export function examplesSection({ examples }: RunFacts): Section | undefined {
  if (examples.length === 0) return undefined;
  return {
    id: "examples",
    title: "Removed, and what was kept instead",
    blocks: [
      { kind: "text", text: "On the left an image that was removed, on the right the selected one that is nearest to it." },
      {
        kind: "pairs",
        pairs: examples.slice(0, PAIRS_MAX).map((pair) => ({
          removed: { name: shown(pair.removed), jpeg: pair.removedJpeg },
          retained: { name: shown(pair.retained), jpeg: pair.retainedJpeg },
          text: `distance ${numberText(pair.distance)}`,
        })),
      },
    ],
  };
}
