import type { FontBook, Run, Weight } from "./fonts.ts";

export interface TextStyle {
  /** In points. */
  readonly size: number;
  readonly weight?: Weight;
  readonly colour: string;
}

/** The part of a PDF writer that sets text. */
export interface TextTarget {
  font(source: never): this;
  fontSize(size: number): this;
  fillColor(colour: string): this;
  widthOfString(text: string): number;
  text(text: string, x: number, y: number, options: object): this;
}

/** Measures, breaks and sets texts in the fonts of a book. */
export class Typesetter {
  readonly #target: TextTarget;
  readonly #book: FontBook;
  readonly #widths = new Map<string, number>();

  constructor(target: TextTarget, book: FontBook) {
    this.#target = target;
    this.#book = book;
  }

  width(text: string, { size, weight = "regular" }: TextStyle): number {
    let width = 0;
    for (const run of this.#book.runs(text, weight)) width += this.#runWidth(run) * size;
    return width;
  }

  #runWidth(run: Run): number {
    const key = `${run.font.name} ${run.text}`;
    let width = this.#widths.get(key);
    if (width === undefined) {
      width = this.#target.font(run.font.font as never).fontSize(1000).widthOfString(run.text) / 1000;
      if (this.#widths.size > 50_000) this.#widths.clear();
      this.#widths.set(key, width);
    }
    return width;
  }

  /** Sets one line; `y` is its base line, `x` where it begins, its middle or its end. */
  line(text: string, x: number, y: number, style: TextStyle, anchor: "start" | "middle" | "end" = "start"): void {
    const { size, weight = "regular", colour } = style;
    const runs = this.#book.runs(text, weight);
    if (anchor !== "start") x -= this.width(text, style) / (anchor === "middle" ? 2 : 1);
    for (const run of runs) {
      // The widths come first: measuring sets the writer's font size.
      const width = this.#runWidth(run) * size;
      this.#target.font(run.font.font as never).fontSize(size).fillColor(colour).text(run.text, x, y, { lineBreak: false, baseline: "alphabetic" });
      x += width;
    }
  }

  /** The text, or its two ends around an ellipsis where it is wider than `width`. */
  fitted(text: string, style: TextStyle, width: number): string {
    if (this.width(text, style) <= width) return text;
    const characters = [...text];
    const cut = (kept: number): string => {
      const head = Math.ceil(kept * 0.45);
      const tail = kept - head;
      return `${characters.slice(0, head).join("")}…${tail === 0 ? "" : characters.slice(-tail).join("")}`;
    };
    let low = 0;
    let high = characters.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.width(cut(middle), style) <= width) low = middle;
      else high = middle - 1;
    }
    return cut(low);
  }

  /**
   * Breaks a text into lines: between words, behind the strokes and dashes of file names, and anywhere where a piece is
   * longer than a line. What doesn't fit into `linesMax` lines is left out of its middle.
   */
  lines(text: string, style: TextStyle, width: number, linesMax = Infinity): string[] {
    if (this.#sum(text, style) <= width) return [text];
    const lines = this.#broken(text, style, width);
    if (lines.length <= linesMax) return lines;
    const characters = [...text];
    let kept = Math.floor((characters.length * linesMax) / lines.length);
    for (; kept > 2; kept = Math.floor(kept * 0.95)) {
      const head = Math.ceil(kept * 0.5);
      const shorter = this.#broken(`${characters.slice(0, head).join("")}…${characters.slice(head - kept).join("")}`, style, width);
      if (shorter.length <= linesMax) return shorter;
    }
    return [this.fitted(text, style, width)];
  }

  /** Width of the characters, each by itself: never less than the width of the text but for rare pairs, and much faster for long texts. */
  #sum(text: string, style: TextStyle): number {
    let sum = 0;
    for (const character of text) sum += this.width(character, style);
    return sum;
  }

  #broken(text: string, style: TextStyle, width: number): string[] {
    const lines: string[] = [];
    let line = "";
    const put = (piece: string): void => {
      if (this.#sum(line, style) + this.#sum(piece.trimEnd(), style) <= width) {
        line += piece;
        return;
      }
      if (line !== "") {
        lines.push(line.trimEnd());
        line = "";
        if (this.#sum(piece.trimEnd(), style) <= width) {
          line = piece.trimStart();
          return;
        }
      }
      // Character by character, as if each stood alone: kerning and joining make a line shorter, hardly ever longer.
      let used = this.#sum(line, style);
      for (const character of piece) {
        const advance = this.width(character, style);
        if (line !== "" && used + advance > width) {
          lines.push(line);
          line = "";
          used = 0;
        }
        line += character;
        used += advance;
      }
    };
    for (const piece of text.match(/\S+\s*|\s+/g) ?? []) {
      // A word that fits on a line of its own stays whole; a longer one is broken where names are.
      if (this.#sum(piece.trimEnd(), style) <= width) put(piece);
      else for (const part of piece.match(/[^/\\_\-,:]+[/\\_\-,:]*\s*|[/\\_\-,:]+\s*/g) ?? [piece]) put(part);
    }
    if (line !== "") lines.push(line.trimEnd());
    return lines.length > 0 ? lines : [""];
  }
}
