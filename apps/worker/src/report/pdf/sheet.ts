import { PAPER } from "../svg.ts";
import type { Typesetter } from "./typesetter.ts";

/** A4 in points. */
export const PAGE = { width: 595.28, height: 841.89, margin: 48, foot: 54 } as const;
export const TEXT_WIDTH = PAGE.width - 2 * PAGE.margin;

/** What an element of the structure is. */
export type Role = "Document" | "Sect" | "H1" | "H2" | "H3" | "P" | "Figure" | "Table" | "TR" | "TH" | "TD";

/** Pages that are filled from top to bottom. */
export class Sheet {
  readonly doc: PDFKit.PDFDocument;
  readonly type: Typesetter;
  /** Where the next thing goes. */
  y: number = PAGE.margin;

  readonly #elements: PDFKit.PDFStructureElement[] = [];

  constructor(doc: PDFKit.PDFDocument, type: Typesetter) {
    this.doc = doc;
    this.type = type;
  }

  /**
   * Opens an element of the document's structure (a heading, a table, a cell, …), which is what those hear who don't see
   * the page. It may go over several pages.
   */
  element(type: Role, draw: () => void, options: { alt?: string; scope?: "Column" | "Row" } = {}): void {
    const element = this.doc.struct(type, options as PDFKit.Mixins.StructureElementOptions);
    const parent = this.#elements.at(-1);
    if (parent) parent.add(element);
    else this.doc.addStructure(element);
    this.#elements.push(element);
    draw();
    this.#elements.pop();
    // Children end with their parents.
    if (!parent) element.end();
  }

  /** Draws a piece of the innermost element, all of it on this page. */
  mark(draw: () => void): void {
    const element = this.#elements.at(-1)!;
    element.add(this.doc.markStructureContent("Span"));
    draw();
    this.doc.endMarkedContent();
  }

  /** Draws what only the eye needs: lines, grounds, what stands on every page. */
  ornament(draw: () => void): void {
    this.doc.markContent("Artifact", { type: "Layout" });
    draw();
    this.doc.endMarkedContent();
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
    this.element("P", () => {
      for (const line of this.type.lines(text, style, width)) {
        this.room(size * leading);
        this.mark(() => this.type.line(line, PAGE.margin, this.y + size, style));
        this.y += size * leading;
      }
    });
    this.y += after;
  }

  rule(colour = PAPER.grid): void {
    this.ornament(() => this.doc.save().moveTo(PAGE.margin, this.y).lineTo(PAGE.width - PAGE.margin, this.y).lineWidth(0.6).stroke(colour).restore());
  }
}
