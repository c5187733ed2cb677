import { readRanges, writeRanges } from "../explore/ordinal-ranges.ts";
import { type Chosen, chosenOf, ordinalsOf } from "./chosen.ts";

/** Addresses longer than this are cut by servers and mail programs. */
const lengthMax = 1800;
const choices = new Map<string, Chosen>();

/**
 * A choice as text for the address. One that is too scattered for an address is kept in this page, and the address names
 * it: going back and forth works, a reload or another browser doesn't know it. To keep it for good it is made a tag.
 */
export function writeChoice(chosen: Chosen): string {
  if (chosen.count === 0) return "";
  if (chosen.count <= 200_000) {
    const text = writeRanges(ordinalsOf(chosen));
    if (text.length <= lengthMax) return text;
  }
  const name = `kept-${choices.size + 1}`;
  choices.set(name, chosen);
  return name;
}

/** @returns the choice that a text stands for; nothing chosen where it isn't known here */
export function readChoice(text: string, samples: number): Chosen {
  if (!text.startsWith("kept-")) return chosenOf(samples, readRanges(text, samples));
  const kept = choices.get(text);
  return kept?.mask.length === samples ? kept : chosenOf(samples, []);
}
