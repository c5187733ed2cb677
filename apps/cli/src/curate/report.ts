import type { MadeSelection, Pick } from "./collection-state.ts";
import { counted, number } from "../terminal/progress.ts";

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
  /** Groups; undefined when they were not looked for. */
  readonly near: readonly (readonly string[])[] | undefined;
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
  return [
    `${findings.folder}: ${counted(findings.files, "image file")}, ${counted(findings.samples, "different image")} in the dataset "${findings.dataset}"${news(findings)}`,
    section("Broken", findings.broken.map(({ fileName, reason }) => `${fileName}: ${reason}`), "left out"),
    section("Exact duplicates", findings.duplicates.map(({ fileName, of }) => `${fileName} = ${of}`), "left out, the first of each is kept"),
    findings.near === undefined
      ? "Near-duplicates: not looked for among so many images"
      : section("Near-duplicates", findings.near.map((group) => shortened(group, 5).join(" ~ ")), "groups of images that look almost alike, kept"),
    findings.leftOut.length > 0 && section("Left out", findings.leftOut.map(({ fileName, reason }) => `${fileName}: ${reason}`)),
    findings.changed.length > 0 && section("Changed", findings.changed, "read and uploaded again"),
    findings.deleted.length > 0 && section("No longer in the folder", findings.deleted, "kept in the dataset"),
    selected(findings),
    coverageOf(findings.selection),
  ]
    .filter((part) => part !== false && part !== "")
    .join("\n\n")
    .replaceAll(/none\n\n(?=Exact|Near)/g, "none\n")
    .concat("\n");
}

function news({ nothingNew, added }: Findings): string {
  if (nothingNew) return "; nothing new since the last run";
  return added === 0 ? "" : `, ${number(added)} of them new`;
}

function section(title: string, lines: readonly string[], note?: string): string {
  if (lines.length === 0) return `${title}: none`;
  return `${title}: ${number(lines.length)}${note === undefined ? "" : ` (${note})`}\n${indented(shortened(lines, LISTED_MAX))}`;
}

function selected({ selection, picks }: Findings): string {
  const { method, total, samples, tagName } = selection;
  const before = total - selection.picks.length;
  const earlier = before === 0 ? "" : `: ${number(before)} chosen earlier, ${number(selection.picks.length)} added`;
  const why = method === "random" ? "Drawn at random." : "Each is the image farthest from all chosen before it; the number is how far.";
  return `Selected: ${number(total)} of ${number(samples)} by ${method}${earlier} (tag "${tagName}")\n${why}\n${pickLines(picks, before, method)}`;
}

function pickLines(picks: readonly Pick[], before: number, method: string): string {
  // The new ones are what the user waits for.
  const shown = picks.slice(before, before + PICKS_LISTED_MAX);
  const width = Math.max(...shown.map(({ fileName }) => fileName.length), 0);
  const places = String(picks.length).length;
  const lines = shown.map(({ fileName, distance }, i) => {
    const reason = method === "random" ? "" : distance === undefined ? "the most typical: nearest to the average" : distance.toFixed(3);
    return `${String(before + i + 1).padStart(places)}  ${fileName.padEnd(width)}  ${reason}`.trimEnd();
  });
  const more = picks.length - before - shown.length;
  return indented(more > 0 ? [...lines, `… and ${number(more)} more (--out FILE writes all of them)`] : lines);
}

function coverageOf({ coverage, total, samples }: MadeSelection): string {
  if (total >= samples) return "Coverage: complete, every image is selected.";
  if (coverage === undefined) return "";
  return `Coverage: every image lies within ${coverage.last.toFixed(3)} of a selected one (after the first pick: ${coverage.first.toFixed(3)}).\n0 is the same image, 1.414 nothing in common, 2 the opposite.`;
}

function shortened(lines: readonly string[], most: number): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most), `… and ${number(lines.length - most)} more`];
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}
