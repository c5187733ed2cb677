import type { Section } from "../document.ts";
import type { RunFacts } from "../facts.ts";
import { countText, durationText, rateText, shareText, shown } from "../wording.ts";

/** How long each stage took and how fast it was. */
export function timesSection({ stages }: RunFacts): Section | undefined {
  if (stages.length === 0) return undefined;
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  return {
    id: "times",
    title: "Run times",
    blocks: [
      {
        kind: "table",
        table: {
          label: "Time and throughput of each stage",
          columns: [{ label: "Stage", weight: 2 }, { label: "Time", align: "end" }, { label: "Share", align: "end" }, { label: "Items", align: "end" }, { label: "Throughput", align: "end" }],
          rows: [...stages.map((stage) => [shown(stage.name), durationText(stage.seconds), shareText(stage.seconds, total), countText(stage.items), rateText(stage.items, stage.seconds)]), ["All stages", durationText(total), "", "", ""]],
        },
      },
    ],
  };
}
