import type { ColumnData } from "@winnow/contract";
import { type Column, missingCategory } from "../columns/column.ts";

/** A colour for every sample: an index into a palette. */
export interface Colouring {
  readonly codes: Uint8Array;
  readonly palette: readonly string[];
  readonly legend: Legend;
}

export type Legend =
  | { readonly kind: "one" }
  | { readonly kind: "labels"; readonly entries: readonly { readonly code: number; readonly label: string; readonly count: number }[] }
  | { readonly kind: "scale"; readonly minimum: number; readonly maximum: number; readonly time: boolean };

/** Hues that can be told apart, on light and on dark ground, by most people who don't see all of them. */
const categorical = ["#3b7dd8", "#e07b39", "#2f9e6e", "#c2498f", "#8a63d2", "#c9a227", "#2aa3b5", "#d1495b", "#6b8e23", "#7a6a58", "#5566aa", "#a05195"];
/** From dark violet over green to yellow, of even lightness steps. */
const sequential = ["#46327e", "#3f4788", "#365c8d", "#2e6e8e", "#277f8e", "#21918c", "#1fa187", "#2db27d", "#4ac16d", "#73d056", "#a0da39", "#d0e11c", "#fde725"];
const grey = "#8d9691";
const plain = "#2f9e6e";

export const steps = sequential;

/** All samples alike. */
export function plainColouring(samples: number): Colouring {
  return { codes: new Uint8Array(samples), palette: [plain], legend: { kind: "one" } };
}

/** By whether samples are in a tag. */
export function tagColouring(mask: Uint8Array, name: string): Colouring {
  let count = 0;
  for (const bit of mask) count += bit;
  return { codes: mask.slice(), palette: [grey, categorical[1]!], legend: { kind: "labels", entries: [{ code: 1, label: name, count }, { code: 0, label: "other samples", count: mask.length - count }] } };
}

/** By the values of a column; categories beyond the eleven most frequent share a colour. @returns undefined for columns that have no colours */
export function columnColouring(column: Column, facts: ColumnData): Colouring | undefined {
  if (column.kind === "category") {
    const labels = facts.labels ?? [];
    const counts = facts.counts ?? [];
    const most = labels.map((_, i) => i).toSorted((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
    const own = most.length <= categorical.length ? most : most.slice(0, categorical.length - 1);
    const other = own.length;
    const codeOf = new Uint8Array(labels.length).fill(other);
    own.forEach((label, code) => (codeOf[label] = code));
    const none = other + 1;
    const codes = new Uint8Array(column.values.length);
    for (let i = 0; i < codes.length; i++) codes[i] = column.values[i] === missingCategory ? none : codeOf[column.values[i]!]!;
    const rest = most.slice(own.length);
    const entries = own.map((label, code) => ({ code, label: labels[label]!, count: counts[label] ?? 0 }));
    if (rest.length > 0) entries.push({ code: other, label: `${rest.length} others`, count: rest.reduce((sum, label) => sum + (counts[label] ?? 0), 0) });
    if (facts.missing) entries.push({ code: none, label: "no value", count: facts.missing });
    return { codes, palette: [...categorical.slice(0, own.length), "#aab3ad", grey], legend: { kind: "labels", entries } };
  }
  if ((column.kind !== "number" && column.kind !== "time") || facts.minimum === undefined || facts.maximum === undefined) return undefined;
  const { minimum, maximum } = facts;
  const shades = 64;
  const codes = new Uint8Array(column.values.length);
  const factor = shades / (maximum - minimum || 1);
  for (let i = 0; i < codes.length; i++) {
    const value = column.values[i]!;
    codes[i] = Number.isNaN(value) ? shades : Math.max(0, Math.min(shades - 1, Math.floor((value - minimum) * factor)));
  }
  return { codes, palette: [...Array.from({ length: shades }, (_, i) => between(sequential, i / (shades - 1))), grey], legend: { kind: "scale", minimum, maximum, time: column.kind === "time" } };
}

function between(colours: readonly string[], place: number): string {
  const at = place * (colours.length - 1);
  const low = Math.min(colours.length - 2, Math.floor(at));
  const [one, other] = [colours[low]!, colours[low + 1]!];
  const channel = (from: number) => Math.round(Number.parseInt(one.slice(from, from + 2), 16) * (1 - at + low) + Number.parseInt(other.slice(from, from + 2), 16) * (at - low));
  return `#${[1, 3, 5].map((from) => channel(from).toString(16).padStart(2, "0")).join("")}`;
}

/** A colour as images on little-endian machines hold it. */
export function packed(colour: string): number {
  const channel = (from: number) => Number.parseInt(colour.slice(from, from + 2), 16);
  return ((255 << 24) | (channel(5) << 16) | (channel(3) << 8) | channel(1)) >>> 0;
}
