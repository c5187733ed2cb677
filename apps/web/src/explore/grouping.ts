import type { ColumnData } from "@winnow/contract";
import { type Column, missingCategory } from "../columns/column.ts";

/** Samples that stand together under one heading; `from` and `to` (exclusive) are places in the order shown. */
export interface Group {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

export interface Grouped {
  /** Ordinals, a group after the other. */
  readonly order: Uint32Array;
  readonly groups: readonly Group[];
}

/** More groups than this by whole numbers would be as many headings as samples. */
const numberGroupsMax = 5000;
const binsOfNumbers = 12;

/**
 * Puts samples that have the same value together, without changing their order within.
 * Categories and whole numbers by value; other numbers in twelve ranges; times by day, month or year.
 * @param order ordinals as they are sorted
 */
export function grouped(order: Uint32Array, column: Column, facts: ColumnData): Grouped {
  const keys = keysOf(order, column, facts);
  if (!keys) return { order, groups: [] };
  const { of, label, count } = keys;
  const sizes = new Uint32Array(count + 1);
  for (const ordinal of order) sizes[of(ordinal)]!++;
  const starts = new Uint32Array(count + 2);
  for (let key = 0; key <= count; key++) starts[key + 1] = starts[key]! + sizes[key]!;
  const next = starts.slice();
  const placed = new Uint32Array(order.length);
  for (const ordinal of order) placed[next[of(ordinal)]!++] = ordinal;
  const groups: Group[] = [];
  for (let key = 0; key <= count; key++) if (sizes[key]! > 0) groups.push({ label: key === count ? "No value" : label(key), from: starts[key]!, to: starts[key + 1]! });
  return { order: placed, groups };
}

interface Keys {
  /** Number of the group, `count` where there is no value. */
  readonly of: (ordinal: number) => number;
  readonly label: (key: number) => string;
  readonly count: number;
}

function keysOf(order: Uint32Array, column: Column, facts: ColumnData): Keys | undefined {
  if (column.kind === "category") {
    const labels = facts.labels ?? [];
    return { count: labels.length, of: (ordinal) => (column.values[ordinal] === missingCategory ? labels.length : column.values[ordinal]!), label: (key) => labels[key]! };
  }
  if (column.kind !== "number" && column.kind !== "time") return undefined;
  const { values } = column;
  const distinct = new Set<number>();
  let whole = true;
  let [least, most] = [Infinity, -Infinity];
  for (const ordinal of order) {
    const value = column.kind === "time" ? periodOf(values[ordinal]!, facts) : values[ordinal]!;
    if (Number.isNaN(value)) continue;
    // What float32 can't hold is infinite; the ranges are made for the others.
    if (Number.isFinite(value)) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    whole &&= Number.isInteger(value);
    if (distinct.size <= numberGroupsMax) distinct.add(value);
  }
  if (column.kind === "time") return byValue([...distinct].toSorted((a, b) => a - b), (ordinal) => periodOf(values[ordinal]!, facts), (value) => periodName(value, facts));
  if (whole && distinct.size <= numberGroupsMax) return byValue([...distinct].toSorted((a, b) => a - b), (ordinal) => values[ordinal]!, (value) => `${facts.title} ${value}`);
  if (least > most) [least, most] = [0, 0];
  const width = (most - least) / binsOfNumbers || 1;
  return {
    count: binsOfNumbers,
    of: (ordinal) => (Number.isNaN(values[ordinal]!) ? binsOfNumbers : Math.max(0, Math.min(binsOfNumbers - 1, Math.floor((values[ordinal]! - least) / width)))),
    label: (key) => `${shortNumber(least + key * width)} to ${shortNumber(least + (key + 1) * width)}`,
  };
}

function byValue(distinct: readonly number[], valueOf: (ordinal: number) => number, name: (value: number) => string): Keys {
  const places = new Map(distinct.map((value, place) => [value, place]));
  return { count: distinct.length, of: (ordinal) => places.get(valueOf(ordinal)) ?? distinct.length, label: (key) => name(distinct[key]!) };
}

const dayMs = 86_400_000;

function unitOf({ minimum = 0, maximum = 0 }: ColumnData): "day" | "month" | "year" {
  const days = (maximum - minimum) / dayMs;
  return days > 4000 ? "year" : days > 120 ? "month" : "day";
}

/** The beginning of the day, month or year (UTC) that a time lies in. */
function periodOf(time: number, facts: ColumnData): number {
  if (Number.isNaN(time)) return time;
  const date = new Date(time);
  const unit = unitOf(facts);
  return Date.UTC(date.getUTCFullYear(), unit === "year" ? 0 : date.getUTCMonth(), unit === "day" ? date.getUTCDate() : 1);
}

function periodName(time: number, facts: ColumnData): string {
  return new Date(time).toISOString().slice(0, { year: 4, month: 7, day: 10 }[unitOf(facts)]);
}

/** Four digits that mean something. */
export function shortNumber(value: number): string {
  if (value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3)) return value.toExponential(2);
  return value.toLocaleString(undefined, { maximumSignificantDigits: Math.abs(value) >= 1000 ? 6 : 4 });
}
