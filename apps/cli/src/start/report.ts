import type { MadeSelection, Pick } from "./collection-state.ts";
import { counted, number } from "./progress.ts";

/** What a run found. */
export interface Findings {
  readonly folder: string;
  readonly dataset: string;
  /** Image files in the folder. */
  readonly files: number;
  /** Images in the dataset. */
  readonly samples: number;
  readonly added: number;
  readonly changed: readonly string[];
  readonly deleted: readonly string[];
  readonly broken: readonly { readonly fileName: string; readonly reason: string }[];
  /** Left out for their names, or because they changed while they were read. */
  readonly leftOut: readonly { readonly fileName: string; readonly reason: string }[];
  readonly duplicates: readonly { readonly fileName: string; readonly of: string }[];
  readonly near: readonly (readonly string[])[];
  readonly selection: MadeSelection;
  /** Chosen before, then added; in order. */
  readonly picks: readonly Pick[];
  /** Whether an earlier run had done everything already. */
  readonly nothingNew: boolean;
}

const LISTED_MAX = 10;
const PICKS_LISTED_MAX = 20;

/** The findings as text for people. */
export function reportOf(findings: Findings): string {
  const { selection, picks } = findings;
  const before = selection.total - selection.picks.length;
  return [
    `${findings.folder}: ${counted(findings.files, "image file")}, ${counted(findings.samples, "different image")} in the dataset "${findings.dataset}"${news(findings)}`,
    section("Broken", findings.broken.map(({ fileName, reason }) => `${fileName}: ${reason}`), "left out"),
    section("Left out", findings.leftOut.map(({ fileName, reason }) => `${fileName}: ${reason}`)),
    section("Exact duplicates", findings.duplicates.map(({ fileName, of }) => `${fileName} = ${of}`), "left out; the first of each is kept"),
    section("Near-duplicates", findings.near.map((group) => shortened(group, 5).join("  ~  ")), findings.near.length === 0 ? undefined : `${counted(findings.near.length, "group")} of images that look almost alike, all kept in the dataset`),
    section("Changed files", findings.changed, "read and uploaded again"),
    section("No longer in the folder", findings.deleted, "kept in the dataset"),
    `${counted(selection.total, "image")} of ${number(selection.samples)} selected by ${selection.method}${before === 0 ? "" : `: ${number(before)} chosen earlier, ${number(selection.picks.length)} added`} (tag "${selection.tagName}")\n${pickLines(picks, before, selection.method)}`,
    coverageOf(selection),
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

function news({ nothingNew, added }: Findings): string {
  if (nothingNew) return "; nothing new since the last run";
  return added === 0 ? "" : `, ${number(added)} of them new`;
}

function section(title: string, lines: readonly string[], note?: string): string {
  if (lines.length === 0) return "";
  return `${title}: ${number(lines.length)}${note === undefined ? "" : ` (${note})`}\n${indented(shortened(lines, LISTED_MAX))}`;
}

function pickLines(picks: readonly Pick[], before: number, method: string): string {
  // The new ones are what the user waits for.
  const shown = picks.slice(before, before + PICKS_LISTED_MAX);
  const width = Math.max(...shown.map(({ fileName }) => fileName.length), 0);
  const lines = shown.map(({ fileName, distance }, i) => `${String(before + i + 1).padStart(String(picks.length).length)}  ${fileName.padEnd(width)}  ${reason(distance, method, before + i)}`);
  const more = picks.length - before - shown.length;
  return indented(more > 0 ? [...lines, `… and ${number(more)} more (--out FILE writes all of them)`] : lines);
}

function reason(distance: number | undefined, method: string, place: number): string {
  if (method === "random") return "drawn at random";
  if (distance === undefined) return "the most typical: nearest to the average of all";
  return `${distance.toFixed(3)} from the nearest ${place === 1 ? "(the first)" : "one chosen before"}, farther than any other`;
}

function coverageOf({ coverage, total, samples }: MadeSelection): string {
  if (coverage === undefined) return "";
  if (total >= samples) return "Coverage: complete, every image is selected.";
  return `Coverage: every image lies within ${coverage.last.toFixed(3)} of a selected one, ${coverage.first.toFixed(3)} after the first of these picks\n(0 is the same image, 1.414 nothing in common, 2 the opposite).`;
}

function shortened(lines: readonly string[], most: number): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most), `… and ${number(lines.length - most)} more`];
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}
