import type { Figure, Space } from "./figures/figure.ts";

/**
 * A report as words, tables and figures, before it becomes pages or a page. The PDF and the HTML page are both drawn from
 * this, with the same texts: what one says, the other says. All texts are ready to be shown (see `shown`), none is markup.
 */
export interface ReportDocument {
  readonly title: string;
  readonly dataset: string;
  /** What identifies the run: label and value. */
  readonly identity: readonly (readonly [label: string, value: string])[];
  readonly summary: string;
  readonly keyFigures: readonly KeyFigure[];
  readonly sections: readonly Section[];
  /** Stands at the foot of every page. */
  readonly foot: string;
  /** When the run ended, milliseconds since the epoch: the report's date. */
  readonly date: number;
}

export interface KeyFigure {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
}

export interface Section {
  /** Unique in the document; letters and dashes. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "notices"; readonly notices: readonly string[] }
  | { readonly kind: "table"; readonly table: Table }
  /** Beside each other where there is room. */
  | { readonly kind: "charts"; readonly charts: readonly Chart[] }
  | { readonly kind: "pairs"; readonly pairs: readonly PicturePair[] }
  | { readonly kind: "pictures"; readonly pictures: readonly Picture[] };

export interface Table {
  /** What the table holds, for those who don't see what stands around it. */
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** A sentence below: how many rows were left out. */
  readonly rest?: string;
}

export interface Column {
  readonly label: string;
  /** Numbers stand at the end. Default start. */
  readonly align?: "start" | "end";
  /** Share of the width; default 1. */
  readonly weight?: number;
}

export interface Chart {
  /** Unique in the document; the file's name in the folder `plots`. */
  readonly name: string;
  readonly title: string;
  /** One or two sentences below: how to read it. */
  readonly caption: string;
  /** What is to be seen, for those who don't see it. */
  readonly description: string;
  /** Half: fits beside another one. */
  readonly extent: "full" | "half";
  draw(space: Space): Figure;
  /** The numbers behind it, kept short enough to read. */
  readonly table?: Table;
}

export interface Picture {
  readonly name: string;
  readonly jpeg: Uint8Array;
}

export interface PicturePair {
  readonly removed: Picture;
  readonly retained: Picture;
  readonly text: string;
}
