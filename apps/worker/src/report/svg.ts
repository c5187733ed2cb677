import type { Figure, Ink, Mark } from "./figures/figure.ts";

/** Colours on white paper; each is told from the others by lightness too. */
export const PAPER: Readonly<Record<Ink, string>> = { text: "#1f2925", muted: "#5c6963", grid: "#dde3df", before: "#84928b", after: "#1b7a4d", loss: "#c2571a", line: "#1b7a4d" };

/** What XML has markup for, spelled out; characters that XML can't hold are left out. */
export function escaped(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

export interface SvgOptions {
  /** Said to those who don't see the figure. */
  readonly description: string;
  /** A white ground and a name space, for a file that stands alone. */
  readonly standalone?: boolean;
}

/**
 * A figure as SVG without styles or scripts. Colours are attributes, so that it can stand alone, and classes, so that a
 * page's style may replace them (`ink-text`, `ink-after`, …; `stroke-…` for lines).
 */
export function svgText(figure: Figure, { description, standalone = false }: SvgOptions): string {
  const width = short(figure.width);
  const height = short(figure.height);
  const size = standalone ? ` xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"` : "";
  const ground = standalone ? `<rect width="${width}" height="${height}" fill="#ffffff"/>` : "";
  return `<svg${size} viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(description)}" font-family="system-ui, 'Noto Sans', sans-serif"><title>${escaped(description)}</title>${ground}${figure.marks.map(markText).join("")}</svg>`;
}

function markText(mark: Mark): string {
  switch (mark.kind) {
    case "rect":
      return `<rect x="${short(mark.x)}" y="${short(mark.y)}" width="${short(mark.width)}" height="${short(mark.height)}" ${fill(mark.ink)}${opacity(mark.opacity)}/>`;
    case "cells": {
      let path = "";
      for (let i = 0; i < mark.at.length; i += 2) path += `M${short(mark.at[i]!)} ${short(mark.at[i + 1]!)}h${short(mark.width)}v${short(mark.height)}h-${short(mark.width)}z`;
      return `<path d="${path}" ${fill(mark.ink)}${opacity(mark.opacity)}/>`;
    }
    case "line": {
      let path = "";
      for (let i = 0; i < mark.at.length; i += 2) path += `${i === 0 ? "M" : "L"}${short(mark.at[i]!)} ${short(mark.at[i + 1]!)}`;
      return `<path d="${path}" ${stroke(mark.ink)} stroke-width="${short(mark.thickness)}" stroke-linejoin="round"${mark.dashed ? ' stroke-dasharray="3 2"' : ""}/>`;
    }
    case "segments": {
      let path = "";
      for (let i = 0; i < mark.at.length; i += 4) path += `M${short(mark.at[i]!)} ${short(mark.at[i + 1]!)}L${short(mark.at[i + 2]!)} ${short(mark.at[i + 3]!)}`;
      return `<path d="${path}" ${stroke(mark.ink)} stroke-width="${short(mark.thickness)}"/>`;
    }
    case "dots": {
      // One path of segments without length and with round ends: a tenth of the size of as many circles.
      let path = "";
      for (let i = 0; i < mark.at.length; i += 2) path += `M${short(mark.at[i]!)} ${short(mark.at[i + 1]!)}h0`;
      return `<path d="${path}" ${stroke(mark.ink)} stroke-width="${short(2 * mark.radius)}" stroke-linecap="round"${opacity(mark.opacity)}/>`;
    }
    case "text": {
      const anchor = mark.anchor && mark.anchor !== "start" ? ` text-anchor="${mark.anchor}"` : "";
      return `<text x="${short(mark.x)}" y="${short(mark.y)}" font-size="${short(mark.size)}"${mark.bold ? ' font-weight="600"' : ""}${anchor} ${fill(mark.ink)}>${escaped(mark.text)}</text>`;
    }
  }
}

function fill(ink: Ink): string {
  return `class="ink-${ink}" fill="${PAPER[ink]}"`;
}

function stroke(ink: Ink): string {
  return `class="stroke-${ink}" stroke="${PAPER[ink]}" fill="none"`;
}

function opacity(value: number | undefined): string {
  return value === undefined ? "" : ` opacity="${short(value)}"`;
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
