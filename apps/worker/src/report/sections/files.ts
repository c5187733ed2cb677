import type { Section } from "../document.ts";
import type { RunFacts } from "../facts.ts";
import { countText, shown } from "../wording.ts";

/** Files that are named; the others are counted. */
const FILES_MAX = 15;

/** Corrupt files with what is wrong with them, and duplicates with what they equal. */
export function filesSections({ corrupt, duplicates }: RunFacts): Section[] {
  const sections: Section[] = [];
  const rest = (count: number, list: string): { rest?: string } => (count > FILES_MAX ? { rest: `and ${countText(count - FILES_MAX)} more in filenames/${list}` } : {});
  if (corrupt.length > 0) {
    sections.push({
      id: "corrupt",
      title: "Corrupt files",
      blocks: [
        {
          kind: "table",
          table: {
            label: "Corrupt files and what is wrong with them",
            columns: [{ label: "File", weight: 1.3 }, { label: "Reason", weight: 1 }],
            rows: corrupt.slice(0, FILES_MAX).map(({ fileName, reason }) => [shown(fileName), shown(reason)]),
            ...rest(corrupt.length, "corrupt_filenames.txt"),
          },
        },
      ],
    });
  }
  if (duplicates.length > 0) {
    sections.push({
      id: "duplicates",
      title: "Duplicates",
      blocks: [
        {
          kind: "table",
          table: {
            label: "Duplicates and the files that were kept instead",
            columns: [{ label: "Left out" }, { label: "Equals, and kept" }],
            rows: duplicates.slice(0, FILES_MAX).map(({ fileName, keptFileName }) => [shown(fileName), shown(keptFileName)]),
            ...rest(duplicates.length, "duplicate_filenames.txt"),
          },
        },
      ],
    });
  }
  return sections;
}
