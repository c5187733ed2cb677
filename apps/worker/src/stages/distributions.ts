import type { Distribution } from "../report/facts.ts";
import type { Item } from "./item.ts";
import type { MetadataValues } from "./metadata.ts";
import type { TaskPredictions } from "./predictions.ts";

const BINS = 20;
const CATEGORIES_MAX = 50;

/** How classes are spread over the items before the selection, and over those selected. */
function classDistribution(predictions: TaskPredictions, items: readonly Item[], isSelected: (item: number) => boolean): Distribution {
  const { task } = predictions;
  const [before, after] = [zeros(task.categories.length), zeros(task.categories.length)];
  items.forEach((item, i) => {
    for (const { category, index } of predictions.of(item.crop?.parent ?? item.fileName) ?? []) {
      if (item.crop !== undefined && item.crop.task === task.name && item.crop.index !== index) continue;
      before[category]!++;
      if (isSelected(i)) after[category]!++;
    }
  });
  return { name: task.name, kind: "categories", labels: task.categories.map(({ name }) => name), before, after };
}

/** The same of each entry of the metadata's schema. */
function metadataDistributions(values: MetadataValues, items: readonly Item[], isSelected: (item: number) => boolean): Distribution[] {
  return values.entries.map(({ name, valueDataType }, entry) => {
    const all = items.map((item) => values.of(item.crop?.parent ?? item.fileName, (item.frame ?? item.crop?.parentFrame)?.video, entry));
    return valueDataType.startsWith("NUMERIC") ? numbers(name, all.map(Number), isSelected) : categories(name, all.map(text), isSelected);
  });
}

export function distributionsOf(predictions: readonly TaskPredictions[], metadata: MetadataValues | undefined, items: readonly Item[], isSelected: (item: number) => boolean): { classes: Distribution[]; metadata: Distribution[] } {
  return { classes: predictions.map((one) => classDistribution(one, items, isSelected)), metadata: metadata === undefined ? [] : metadataDistributions(metadata, items, isSelected) };
}

function numbers(name: string, all: readonly number[], isSelected: (item: number) => boolean): Distribution {
  const finite = all.filter(Number.isFinite);
  const low = finite.reduce((least, value) => Math.min(least, value), Infinity);
  const high = finite.reduce((most, value) => Math.max(most, value), -Infinity);
  const bins = !(high > low) ? 1 : BINS;
  const [before, after] = [zeros(bins), zeros(bins)];
  all.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    const bin = bins === 1 ? 0 : Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
    before[bin]!++;
    if (isSelected(i)) after[bin]!++;
  });
  return { name, kind: "numbers", labels: finite.length === 0 ? [0] : Array.from({ length: bins }, (_, bin) => low + (bin * (high - low)) / bins), before, after };
}

function categories(name: string, all: readonly string[], isSelected: (item: number) => boolean): Distribution {
  const counts = new Map<string, [before: number, after: number]>();
  all.forEach((value, i) => {
    const count = counts.get(value) ?? [0, 0];
    count[0]++;
    if (isSelected(i)) count[1]++;
    counts.set(value, count);
  });
  const sorted = [...counts].sort((a, b) => b[1][0] - a[1][0] || (a[0] < b[0] ? -1 : 1));
  const shown = sorted.slice(0, CATEGORIES_MAX);
  const rest = sorted.slice(CATEGORIES_MAX);
  if (rest.length > 0) shown.push([`${rest.length} others`, [rest.reduce((sum, [, [before]]) => sum + before, 0), rest.reduce((sum, [, [, after]]) => sum + after, 0)]]);
  return { name, kind: "categories", labels: shown.map(([label]) => label), before: shown.map(([, [before]]) => before), after: shown.map(([, [, after]]) => after) };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}
