import { PAPER } from "../svg.ts";
import type { Typesetter } from "./typesetter.ts";

/** A4 in points. */
export const PAGE = { width: 595.28, height: 841.89, margin: 48, foot: 54 } as const;
export const TEXT_WIDTH = PAGE.width - 2 * PAGE.margin;

/** Pages that are filled from top to bottom. */
export class Sheet {
  readonly doc: PDFKit.PDFDocument;
  readonly type: Typesetter;
  /** Where the next thing goes. */
  y: number = PAGE.margin;

  constructor(doc: PDFKit.PDFDocument, type: Typesetter) {
    this.doc = doc;
    this.type = type;
  }

  get bottom(): number {
    return PAGE.height - PAGE.foot - 10;
  }

  /** Begins a new page unless so much room is left on this one. */
  room(height: number): void {
    if (this.y + height > this.bottom && this.y > PAGE.margin) this.turn();
  }

  turn(): void {
    this.doc.addPage();
    this.y = PAGE.margin;
  }

  /** A paragraph over the width of the text. */
  paragraph(text: string, { size = 9.5, colour = PAPER.text, leading = 1.45, after = 8, width = TEXT_WIDTH }: { size?: number; colour?: string; leading?: number; after?: number; width?: number } = {}): void {
    const style = { size, colour };
    for (const line of this.type.lines(text, style, width)) {
      this.room(size * leading);
      this.type.line(line, PAGE.margin, this.y + size, style);
      this.y += size * leading;
    }
    this.y += after;
  }

  rule(colour = PAPER.grid): void {
    this.doc.save().moveTo(PAGE.margin, this.y).lineTo(PAGE.width - PAGE.margin, this.y).lineWidth(0.6).stroke(colour).restore();
  }
}
