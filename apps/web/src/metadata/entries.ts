import type { ColumnData, ConfigurationEntry } from "@winnow/contract";

export type ValueType = ConfigurationEntry["valueDataType"];

export const valueTypes: readonly { readonly value: ValueType; readonly label: string }[] = [
  { value: "NUMERIC_FLOAT", label: "Number" },
  { value: "NUMERIC_INT", label: "Whole number" },
  { value: "CATEGORICAL_STRING", label: "Category (text)" },
  { value: "CATEGORICAL_INT", label: "Category (whole number)" },
  { value: "CATEGORICAL_BOOLEAN", label: "Yes or no" },
  { value: "CATEGORICAL_DATETIME", label: "Date and time" },
  { value: "CATEGORICAL_TIMESTAMP", label: "Timestamp (ms)" },
  { value: "OTHER_STRING", label: "Text" },
];

/** An entry while it is written: the default as text. */
export interface EntryDraft {
  readonly name: string;
  readonly path: string;
  readonly type: ValueType;
  readonly fallback: string;
}

export function draftOf({ name, path, valueDataType, defaultValue }: ConfigurationEntry): EntryDraft {
  return { name, path, type: valueDataType, fallback: typeof defaultValue === "string" ? defaultValue : JSON.stringify(defaultValue) };
}

/** What is wrong with an entry, by field. */
export function entryProblems(entry: EntryDraft, all: readonly EntryDraft[]): Partial<Record<keyof EntryDraft, string>> {
  const problems: Partial<Record<keyof EntryDraft, string>> = {};
  if (entry.name.trim() === "") problems.name = "A name is missing.";
  else if (all.filter(({ name }) => name.trim() === entry.name.trim()).length > 1) problems.name = "Two entries have this name.";
  if (entry.path.trim() === "") problems.path = "A path is missing, such as weather or camera.height.";
  const { problem } = valueOf(entry);
  if (problem !== undefined) problems.fallback = problem;
  return problems;
}

/** What stands for a missing value, of the entry's type. */
export function valueOf({ type, fallback }: EntryDraft): { readonly value?: string | number | boolean; readonly problem?: string } {
  const text = fallback.trim();
  switch (type) {
    case "NUMERIC_FLOAT":
      return text !== "" && Number.isFinite(Number(text)) ? { value: Number(text) } : { problem: "A number." };
    case "NUMERIC_INT":
    case "CATEGORICAL_INT":
    case "CATEGORICAL_TIMESTAMP":
      return /^[-+]?\d+$/.test(text) ? { value: Number(text) } : { problem: "A whole number." };
    case "CATEGORICAL_BOOLEAN":
      return text === "true" || text === "false" ? { value: text === "true" } : { problem: "true or false." };
    case "CATEGORICAL_DATETIME":
      return Number.isNaN(Date.parse(text)) ? { problem: "A date, such as 2026-01-31T12:00:00Z." } : { value: text };
    default:
      return { value: fallback };
  }
}

export function usualDefault(type: ValueType): string {
  return { NUMERIC_FLOAT: "0", NUMERIC_INT: "0", CATEGORICAL_INT: "0", CATEGORICAL_TIMESTAMP: "0", CATEGORICAL_BOOLEAN: "false", CATEGORICAL_DATETIME: "1970-01-01T00:00:00Z", CATEGORICAL_STRING: "unknown", OTHER_STRING: "" }[type];
}

/** What the samples' own metadata holds that isn't configured yet. */
export function suggestions(columns: readonly ColumnData[], entries: readonly EntryDraft[]): (EntryDraft & { readonly found: string })[] {
  const taken = new Set(entries.map(({ path }) => path.trim()));
  return columns
    .filter(({ group, title }) => group === "customMetadata" && !taken.has(title))
    .map((column) => {
      const type = typeOf(column);
      return { name: column.title.split(".").at(-1) ?? column.title, path: column.title, type, fallback: usualDefault(type), found: foundIn(column) };
    });
}

function typeOf({ kind, labels = [], minimum, maximum }: ColumnData): ValueType {
  if (kind === "number") return Number.isInteger(minimum) && Number.isInteger(maximum) ? "NUMERIC_INT" : "NUMERIC_FLOAT";
  if (kind === "time") return "CATEGORICAL_DATETIME";
  if (labels.length > 0 && labels.every((label) => label === "true" || label === "false")) return "CATEGORICAL_BOOLEAN";
  return "CATEGORICAL_STRING";
}

function foundIn({ kind, labels = [], minimum, maximum }: ColumnData): string {
  if (kind === "category") return labels.length > 4 ? `${labels.slice(0, 4).join(", ")} and ${labels.length - 4} more` : labels.join(", ");
  return minimum === undefined || maximum === undefined ? "" : kind === "time" ? `${new Date(minimum).toLocaleDateString()} – ${new Date(maximum).toLocaleDateString()}` : `${minimum} – ${maximum}`;
}
