import type { Block, Chart, Section, Table } from "../document.ts";
import type { Distribution, RunFacts } from "../facts.ts";
import { distributionFigure, leadingCategories } from "../figures/distribution.ts";
import { countText, counted, numberText, shareText, shown } from "../wording.ts";

const CHARTS_MAX = 12;
const ROWS_MAX = 60;

/** Classes and metadata before the selection and in it. */
export function distributionSections({ classes, metadata }: RunFacts): Section[] {
  return [
    ...section("classes", "Classes", "class", "How often each class occurs in the predictions: its share before the selection and in it.", classes),
    ...section("metadata", "Metadata", "metadata", "How the values are distributed before the selection and in it, as shares.", metadata),
  ];
}

function section(id: string, title: string, prefix: string, lead: string, distributions: readonly Distribution[]): Section[] {
  const filled = distributions.filter(({ labels }) => labels.length > 0);
  if (filled.length === 0) return [];
  const charts = filled.slice(0, CHARTS_MAX).map((distribution, i) => chart(`${prefix}-${i + 1}`, distribution));
  const blocks: Block[] = [{ kind: "text", text: lead }, { kind: "charts", charts }];
  const rest = filled.length - charts.length;
  if (rest > 0) blocks.push({ kind: "text", text: `${counted(rest, "further distributions")} ${rest === 1 ? "is" : "are"} in report.json.` });
  return [{ id, title, blocks }];
}

function chart(name: string, distribution: Distribution): Chart {
  const title = shown(distribution.name);
  return {
    name,
    title,
    caption: distribution.kind === "categories" && distribution.labels.length > 12 ? `The most frequent of ${counted(distribution.labels.length, "categories")}.` : "",
    description: `A bar chart of ${title}: shares before and after the selection.`,
    extent: "half",
    draw: (space) => distributionFigure(distribution, space),
    table: table(title, distribution),
  };
}

function table(title: string, distribution: Distribution): Table {
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  const before = total(distribution.before);
  const after = total(distribution.after);
  const rows =
    distribution.kind === "categories"
      ? leadingCategories(distribution)
      : distribution.labels.map((label, i) => ({ label: `from ${numberText(Number(label))}`, before: distribution.before[i] ?? 0, after: distribution.after[i] ?? 0 }));
  return {
    label: `${title}, before and after`,
    columns: [{ label: distribution.kind === "categories" ? "Category" : "Value", weight: 2 }, { label: "Before", align: "end" }, { label: "Share", align: "end" }, { label: "After", align: "end" }, { label: "Share", align: "end" }],
    ...(rows.length > ROWS_MAX ? { rest: `and ${countText(rows.length - ROWS_MAX)} more in report.json` } : {}),
    rows: rows.slice(0, ROWS_MAX).map((row) => [row.label, countText(row.before), shareText(row.before, before), countText(row.after), shareText(row.after, after)]),
  };
}
