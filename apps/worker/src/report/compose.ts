import { configurationSection } from "./sections/configuration.ts";
import { distancesSection } from "./sections/distances.ts";
import { distributionSections } from "./sections/distributions.ts";
import { examplesSection } from "./sections/examples.ts";
import { filesSections } from "./sections/files.ts";
import { flowSection } from "./sections/flow.ts";
import { mapsSection } from "./sections/maps.ts";
import { noticesSection } from "./sections/notices.ts";
import { pretaggingSection } from "./sections/pretagging.ts";
import { selectionSection } from "./sections/selection.ts";
import { timesSection } from "./sections/times.ts";
import { videosSection } from "./sections/videos.ts";
import type { KeyFigure, ReportDocument, Section } from "./document.ts";
import type { RunFacts } from "./facts.ts";
import { summaryOf } from "./summary.ts";
import { countText, counted, dateText, durationText, shareText, shown } from "./wording.ts";

/** The parts of a report in their order; one that has nothing to say gives no section. One more: a file beside these and a line here. */
const SECTIONS: readonly ((facts: RunFacts) => Section | readonly Section[] | undefined)[] = [
  noticesSection,
  flowSection,
  selectionSection,
  distancesSection,
  mapsSection,
  examplesSection,
  distributionSections,
  videosSection,
  pretaggingSection,
  filesSections,
  timesSection,
  configurationSection,
];

/** Says what a run's facts come to, in words, tables and figures. Takes the same time for a million items as for a hundred, but for one pass over their columns. */
export function composeReport(facts: RunFacts): ReportDocument {
  const { run } = facts;
  const seconds = Math.max(0, (run.endedAt - run.startedAt) / 1000);
  return {
    title: "Curation report",
    dataset: shown(run.datasetName),
    identity: [
      ["Run", shown(run.id)],
      ["Dataset id", shown(run.datasetId)],
      ["Worker", `${shown(run.workerName)} (version ${shown(run.version)})`],
      ["Started", dateText(run.startedAt)],
      ["Took", durationText(seconds)],
    ],
    summary: summaryOf(facts),
    keyFigures: keyFigures(facts, seconds),
    sections: SECTIONS.flatMap((section) => section(facts) ?? []),
    foot: `${shown(run.datasetName)} · run ${shown(run.id)}`,
    date: run.endedAt,
  };
}

function keyFigures({ counts, itemWord = "items" }: RunFacts, seconds: number): KeyFigure[] {
  const files = [counts.images > 0 ? counted(counts.images, "images") : "", counts.videos > 0 ? counted(counts.videos, "videos") : ""].filter((part) => part !== "").join(", ");
  return [
    { label: "files listed", value: countText(counts.listed), ...(files === "" ? {} : { note: files }) },
    { label: "candidates", value: countText(counts.candidates), note: itemWord },
    { label: "selected", value: countText(counts.selected), ...(counts.candidates > 0 ? { note: `${shareText(counts.selected, counts.candidates)} of candidates` } : {}) },
    { label: "left out", value: countText(counts.corrupt + counts.duplicates), note: `${countText(counts.corrupt)} corrupt, ${countText(counts.duplicates)} duplicate` },
    { label: "run time", value: durationText(seconds) },
  ];
}
