import type { Section } from "../document.ts";
import type { RunFacts } from "../facts.ts";
import { shown } from "../wording.ts";

const PICTURES_MAX = 24;

/** Images with the boxes that the detector found. */
export function pretaggingSection({ pretagging }: RunFacts): Section | undefined {
  if (pretagging.length === 0) return undefined;
  return {
    id: "pretagging",
    title: "Pretagging",
    blocks: [
      { kind: "text", text: "Some images with the boxes of the built-in detector." },
      { kind: "pictures", pictures: pretagging.slice(0, PICTURES_MAX).map(({ fileName, jpeg }) => ({ name: shown(fileName), jpeg })) },
    ],
  };
}
