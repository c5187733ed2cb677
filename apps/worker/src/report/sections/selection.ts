import type { Block, Section } from "../document.ts";
import type { RunFacts } from "../facts.ts";
import { coverageFigure } from "../figures/coverage.ts";
import { countText, numberText, shown } from "../wording.ts";

const PICKS_MAX = 10;

/** How was selected: method, why it stopped, the first picks with their reasons, and how coverage grew. */
export function selectionSection({ selection, items, encoder, counts }: RunFacts): Section | undefined {
  if (counts.candidates === 0 && selection.picks.length === 0) return undefined;
  const rows: string[][] = [
    ["Method", shown(selection.method) || "–"],
    ["Stopped because", shown(selection.stopped) || "–"],
    ["Seed", String(selection.seed)],
    ["Fingerprint of the input", shown(selection.inputHash) || "–"],
  ];
  if (encoder) rows.splice(1, 0, ["Embedding", `${shown(encoder.name)}, ${countText(encoder.dimensions)} dimensions`]);
  const blocks: Block[] = [{ kind: "table", table: { label: "How was selected", columns: [{ label: "What", weight: 1 }, { label: "Value", weight: 2.6 }], rows } }];
  const { coverage } = selection;
  const known = coverage.filter(Number.isFinite);
  if (known.length > 1) {
    const at = (share: number): number => Math.min(coverage.length, Math.max(1, Math.round(share * coverage.length)));
    const steps = [...new Set([1, at(0.1), at(0.25), at(0.5), at(0.75), coverage.length])];
    blocks.push({
      kind: "charts",
      charts: [
        {
          name: "coverage",
          title: "Coverage",
          caption: `With ${countText(coverage.length)} picks every item lies within ${numberText(coverage.at(-1))} of a selected one. Where the curve is flat, further picks bring little.`,
          description: `A falling line: the coverage radius begins at ${numberText(known[0])} and ends at ${numberText(known.at(-1))} after ${countText(coverage.length)} picks.`,
          extent: "full",
          draw: (space) => coverageFigure(coverage, space),
          table: { label: "Coverage radius by number of picks", columns: [{ label: "Picks", align: "end" }, { label: "Coverage radius", align: "end" }], rows: steps.map((step) => [countText(step), numberText(coverage[step - 1])]) },
        },
      ],
    });
  }
  if (selection.picks.length > 0) {
    const first = selection.picks.slice(0, PICKS_MAX);
    const rest = selection.picks.length - first.length;
    blocks.push({
      kind: "table",
      table: {
        label: "First picks and why they were taken",
        columns: [{ label: "#", align: "end", weight: 0.3 }, { label: "File", weight: 2.7 }, { label: "Reason", weight: 2.5 }],
        rows: first.map((item, i) => [countText(i + 1), shown(items.fileNames[item] ?? ""), shown(selection.reasons[i] ?? "–")]),
        ...(rest > 0 ? { rest: `and ${countText(rest)} more, in order of picking, in report.json` } : {}),
      },
    });
  } else if (counts.candidates > 0) blocks.push({ kind: "text", text: "Nothing was selected." });
  return { id: "selection", title: "Selection", blocks };
}
