/**
 * Figures as lists of marks on a plane whose origin is the upper left corner. The same marks become SVG (svg.ts) and PDF
 * (pdf.ts), so that plots are the same everywhere, sharp at any size, and their texts can be searched.
 */
export interface Figure {
  readonly width: number;
  readonly height: number;
  readonly marks: readonly Mark[];
}

/** The room there is for a figure: its width, and the size of its texts in the same unit. */
export interface Space {
  readonly width: number;
  readonly textSize: number;
}

/** What a colour stands for; which colour it is decides who draws, by paper and light. */
export type Ink = "text" | "muted" | "grid" | "before" | "after" | "loss" | "line";

export type Mark =
  | { readonly kind: "rect"; readonly x: number; readonly y: number; readonly width: number; readonly height: number; readonly ink: Ink; readonly opacity?: number }
  /** Many rectangles of one size; `at` holds x, y of their upper left corners. */
  | { readonly kind: "cells"; readonly at: ArrayLike<number>; readonly width: number; readonly height: number; readonly ink: Ink; readonly opacity: number }
  /** Points joined by straight lines: x, y, x, y, … */
  | { readonly kind: "line"; readonly at: ArrayLike<number>; readonly ink: Ink; readonly thickness: number; readonly dashed?: boolean }
  /** Segments that aren't joined: x1, y1, x2, y2, … */
  | { readonly kind: "segments"; readonly at: ArrayLike<number>; readonly ink: Ink; readonly thickness: number }
  | { readonly kind: "dots"; readonly at: ArrayLike<number>; readonly radius: number; readonly ink: Ink; readonly opacity?: number }
  /** `y` is the base line. */
  | { readonly kind: "text"; readonly x: number; readonly y: number; readonly text: string; readonly size: number; readonly ink: Ink; readonly anchor?: "start" | "middle" | "end"; readonly bold?: boolean };

/**
 * About how wide a text will be. Who draws has other fonts (the reader's own on the page), so this is generous; East Asian
 * characters are as wide as they are high.
 */
export function estimatedWidth(text: string, size: number): number {
  let ems = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 0x1100 && (code <= 0x11ff || (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) || (code >= 0xff00 && code <= 0xff60) || code >= 0x1f000)) ems += 1.05;
    else if (/[iljI1.,:;'|! ()[\]/]/.test(character)) ems += 0.36;
    else if (/[mwMW@%]/.test(character)) ems += 0.92;
    else if (/[A-Z0-9_]/.test(character)) ems += 0.66;
    else ems += 0.58;
  }
  return ems * size;
}

/** The text, or its two ends around an ellipsis where it would be wider than `width`. */
export function fitted(text: string, size: number, width: number): string {
  if (estimatedWidth(text, size) <= width) return text;
  const characters = [...text];
  let low = 0;
  let high = characters.length - 1;
  const cut = (kept: number): string => {
    const head = Math.ceil(kept * 0.5);
    const tail = kept - head;
    return `${characters.slice(0, head).join("")}…${tail === 0 ? "" : characters.slice(-tail).join("")}`;
  };
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (estimatedWidth(cut(middle), size) <= width) low = middle;
    else high = middle - 1;
  }
  return cut(low);
}
