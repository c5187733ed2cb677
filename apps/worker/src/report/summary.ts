import type { RunFacts } from "./facts.ts";
import { countText, counted, shareText, shown } from "./wording.ts";

/** The whole run in one or two sentences. */
export function summaryOf({ counts, selection, itemWord = "items" }: RunFacts): string {
  if (counts.candidates === 0) {
    return counts.listed === 0
      ? "There was nothing to look at: the datasource listed no files for this run."
      : `Nothing could be selected: of ${counted(counts.listed, "files")} none was left as a candidate.`;
  }
  const left: string[] = [];
  if (counts.corrupt > 0) left.push(`${countText(counts.corrupt)} corrupt`);
  if (counts.duplicates > 0) left.push(`${countText(counts.duplicates)} duplicate`);
  const before = left.length > 0 ? ` after ${left.join(" and ")} ones were left out` : "";
  const kept = counts.preselected > 0 ? `, on top of ${countText(counts.preselected)} that the dataset already had` : "";
  const stopped = selection.stopped === "" ? "" : ` ${sentence(selection.stopped)}`;
  return `Of ${counted(counts.candidates, itemWord)}${before}, ${countText(counts.selected)} (${shareText(counts.selected, counts.candidates)}) ${counts.selected === 1 ? "was" : "were"} selected by ${methodName(selection.method)}${kept}.${stopped}`;
}

function sentence(text: string): string {
  const start = shown(text).trim();
  const upper = start.charAt(0).toUpperCase() + start.slice(1);
  return /[.!?]$/.test(upper) ? upper : `${upper}.`;
}

function methodName(method: string): string {
  return method === "" ? "no method" : shown(method).toLowerCase().replaceAll("_", " ");
}
