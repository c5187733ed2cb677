import type { Section } from "../document.ts";
import type { RunFacts } from "../facts.ts";
import { type FlowStep, flowFigure } from "../figures/flow.ts";
import { countText, counted } from "../wording.ts";

/** What came in, what was lost on the way and what was kept. */
export function flowSection({ counts, itemWord = "items" }: RunFacts): Section {
  const steps: FlowStep[] = [{ label: "files listed", count: counts.listed }];
  if (counts.videos > 0) steps.push({ label: counts.images > 0 ? "images and frames" : "frames", count: counts.images + counts.frames });
  const whole = counts.videos > 0 ? counts.images + counts.frames : counts.listed;
  if (counts.corrupt > 0) steps.push({ label: "corrupt", count: counts.corrupt, lost: true });
  if (counts.duplicates > 0) steps.push({ label: "duplicates", count: counts.duplicates, lost: true });
  steps.push({ label: `candidates (${itemWord})`, count: counts.candidates }, { label: "selected", count: counts.selected }, { label: "uploaded", count: counts.uploaded });
  const remarks: string[] = [];
  if (counts.preselected > 0) remarks.push(`The dataset already had ${counted(counts.preselected, "samples")}; they counted as selected from the start.`);
  if (counts.missingRelevant > 0) remarks.push(`${counted(counts.missingRelevant, "names")} of the list of relevant files ${counts.missingRelevant === 1 ? "doesn't" : "don't"} exist.`);
  if (counts.refusedSideFiles > 0) remarks.push(`${counted(counts.refusedSideFiles, "prediction or metadata files")} could not be used.`);
  const rows: [string, number][] = [
    ["Files listed", counts.listed],
    ["Images", counts.images],
    ["Videos", counts.videos],
    ["Frames", counts.frames],
    ["Corrupt", counts.corrupt],
    ["Duplicates", counts.duplicates],
    ["Relevant names that don't exist", counts.missingRelevant],
    ["Side files refused", counts.refusedSideFiles],
    ["Candidates", counts.candidates],
    ["Already in the dataset", counts.preselected],
    ["Selected", counts.selected],
    ["Uploaded", counts.uploaded],
  ];
  return {
    id: "flow",
    title: "From files to samples",
    blocks: [
      ...(remarks.length > 0 ? [{ kind: "text", text: remarks.join(" ") } as const] : []),
      {
        kind: "charts",
        charts: [
          {
            name: "flow",
            title: "What was left at each stage",
            caption: whole === 0 ? "" : `Shares are of the ${counts.videos > 0 ? steps[1]!.label : "files listed"}.`,
            description: `Bars from top to bottom: ${steps.map((step) => `${step.label} ${countText(step.count)}`).join(", ")}.`,
            extent: "full",
            draw: (space) => flowFigure(steps, whole, space),
            table: { label: "Counts at every stage", columns: [{ label: "Stage", weight: 3 }, { label: "Count", align: "end" }], rows: rows.map(([label, count]) => [label, countText(count)]) },
          },
        ],
      },
    ],
  };
}
