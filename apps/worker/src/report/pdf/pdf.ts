import type { Readable } from "node:stream";
import PDFDocument from "pdfkit";
import type { Block, Chart, ReportDocument, Section } from "../document.ts";
import type { Figure } from "../figures/figure.ts";
import { PAPER } from "../svg.ts";
import { drawFigure } from "./draw-figure.ts";
import { drawPairs, drawPictures } from "./draw-pictures.ts";
import { drawTable } from "./draw-table.ts";
import { FontBook } from "./fonts.ts";
import { PAGE, Sheet, TEXT_WIDTH } from "./sheet.ts";
import { Typesetter } from "./typesetter.ts";

const CHART_GAP = 18;
const CHART_TEXT = 7.6;
/** Height of a key figure. */
const TILE = 62;
const CAPTION = { size: 8, colour: PAPER.muted };

/**
 * A report as PDF: A4, vector plots, fonts embedded, an outline of its sections. The same document gives the same bytes.
 * Everything is laid out before the first byte is read, so errors come from the call.
 */
export async function reportPdf(report: ReportDocument): Promise<Readable> {
  const figures = new Map<Chart, Figure>();
  for (const chart of charts(report)) figures.set(chart, chart.draw({ width: chart.extent === "full" ? TEXT_WIDTH : (TEXT_WIDTH - CHART_GAP) / 2, textSize: CHART_TEXT }));
  const book = await FontBook.load(texts(report, figures));
  const date = new Date(report.date);
  const doc = new PDFDocument({
    size: [PAGE.width, PAGE.height],
    // Margins are the sheet's business: the writer must never break a page by itself.
    margin: 0,
    bufferPages: true,
    autoFirstPage: true,
    lang: "en",
    tagged: true,
    pdfVersion: "1.7",
    displayTitle: true,
    font: book.runs("A", "regular")[0]!.font.font as never,
    info: { Title: `${report.title}: ${report.dataset}`, Author: "Winnow", Creator: "Winnow", Subject: report.foot, CreationDate: Number.isNaN(date.getTime()) ? new Date(0) : date },
  } as PDFKit.PDFDocumentOptions);
  const sheet = new Sheet(doc, new Typesetter(doc as never, book));
  sheet.element("Document", () => {
    drawHead(sheet, report);
    for (const section of report.sections) sheet.element("Sect", () => drawSection(sheet, section, figures));
    if (book.missing) sheet.paragraph("Characters shown as \ufffd have no glyph in the fonts of this document; report.html shows them in the fonts of your machine.", { size: 8, colour: PAPER.muted });
  });
  drawFeet(sheet, report);
  doc.end();
  return doc as unknown as Readable;
}

function drawHead(sheet: Sheet, report: ReportDocument): void {
  const { doc, type } = sheet;
  const title = { size: 22, weight: "bold" as const, colour: PAPER.text };
  sheet.element("P", () =>
    sheet.mark(() => {
      type.line("Winnow", PAGE.margin, sheet.y + 9, { size: 9, weight: "bold", colour: PAPER.after });
      type.line(report.title, PAGE.width - PAGE.margin, sheet.y + 9, { size: 9, colour: PAPER.muted }, "end");
    }),
  );
  sheet.y += 22;
  sheet.element("H1", () => {
    for (const line of type.lines(report.dataset, title, TEXT_WIDTH, 3)) {
      sheet.mark(() => type.line(line, PAGE.margin, sheet.y + 21, title));
      sheet.y += 28;
    }
  });
  sheet.y += 4;
  let x = PAGE.margin;
  for (const [label, value] of report.identity) {
    const strong = { size: 8, colour: PAPER.text };
    const weak = { size: 8, colour: PAPER.muted };
    const shownValue = type.fitted(value, strong, TEXT_WIDTH - type.width(`${label}  `, weak));
    const width = type.width(`${label}  `, weak) + type.width(shownValue, strong);
    if (x > PAGE.margin && x + width > PAGE.width - PAGE.margin) {
      x = PAGE.margin;
      sheet.y += 12;
    }
    const left = x;
    sheet.element("P", () =>
      sheet.mark(() => {
        type.line(label, left, sheet.y + 8, weak);
        type.line(shownValue, left + type.width(`${label}  `, weak), sheet.y + 8, strong);
      }),
    );
    x += width + 16;
  }
  sheet.y += 22;
  sheet.paragraph(report.summary, { size: 11, leading: 1.45, after: 10 });
  const count = report.keyFigures.length;
  const width = (TEXT_WIDTH - (count - 1) * 8) / Math.max(1, count);
  for (const [i, { label, value, note }] of report.keyFigures.entries()) {
    const left = PAGE.margin + i * (width + 8);
    const inner = width - 16;
    sheet.ornament(() => doc.save().roundedRect(left, sheet.y, width, TILE, 4).fill("#f1f5f2").restore());
    let size = 17;
    while (size > 8 && type.width(value, { size, weight: "bold", colour: "" }) > inner) size -= 0.5;
    const small = { size: 7, colour: PAPER.muted };
    sheet.element("P", () =>
      sheet.mark(() => {
        type.line(value, left + 8, sheet.y + 22, { size, weight: "bold", colour: label === "selected" ? PAPER.after : PAPER.text });
        type.line(type.fitted(label, { size: 8, colour: "" }, inner), left + 8, sheet.y + 35, { size: 8, colour: PAPER.text });
        if (note) for (const [k, line] of type.lines(note, small, inner, 2).entries()) type.line(line, left + 8, sheet.y + 46 + k * 9, small);
      }),
    );
  }
  sheet.y += TILE + 18;
}

function drawSection(sheet: Sheet, section: Section, figures: ReadonlyMap<Chart, Figure>): void {
  // A heading stays with what it heads.
  sheet.room(30 + heightOf(sheet, section.blocks, figures));
  sheet.doc.outline.addItem(section.title);
  const style = { size: 13, weight: "bold" as const, colour: PAPER.text };
  sheet.element("H2", () => sheet.mark(() => sheet.type.line(section.title, PAGE.margin, sheet.y + 13, style)));
  sheet.y += 26;
  for (const block of section.blocks) drawBlock(sheet, block, figures);
  sheet.y += 8;
}

function drawBlock(sheet: Sheet, block: Block, figures: ReadonlyMap<Chart, Figure>): void {
  switch (block.kind) {
    case "text":
      return sheet.paragraph(block.text);
    case "notices":
      return drawNotices(sheet, block.notices);
    case "table":
      return drawTable(sheet, block.table);
    case "charts":
      return drawCharts(sheet, block.charts, figures);
    case "pairs":
      return drawPairs(sheet, block.pairs);
    case "pictures":
      return drawPictures(sheet, block.pictures);
  }
}

/** Enough to keep a heading with the first thing below it. */
function heightOf(sheet: Sheet, [block, ...rest]: readonly Block[], figures: ReadonlyMap<Chart, Figure>): number {
  if (block?.kind === "text" && rest.length > 0) return 15 * sheet.type.lines(block.text, { size: 9.5, colour: "" }, TEXT_WIDTH).length + heightOf(sheet, rest, figures);
  if (block?.kind === "charts") return block.charts[0] ? chartHeight(sheet, block.charts[0], figures) : 0;
  return block?.kind === "pairs" || block?.kind === "pictures" ? 140 : 60;
}

function drawNotices(sheet: Sheet, notices: readonly string[]): void {
  const style = { size: 9, colour: PAPER.text };
  for (const notice of notices) {
    const lines = sheet.type.lines(notice, style, TEXT_WIDTH - 14, 8);
    const height = lines.length * 13;
    sheet.room(height + 6);
    sheet.ornament(() => sheet.doc.save().rect(PAGE.margin, sheet.y, 3, height).fill(PAPER.loss).restore());
    sheet.element("P", () =>
      sheet.mark(() => {
        for (const [i, line] of lines.entries()) sheet.type.line(line, PAGE.margin + 12, sheet.y + 9.6 + i * 13, style);
      }),
    );
    sheet.y += height + 6;
  }
  sheet.y += 6;
}

function drawCharts(sheet: Sheet, charts: readonly Chart[], figures: ReadonlyMap<Chart, Figure>): void {
  for (let i = 0; i < charts.length; ) {
    const first = charts[i]!;
    const second = first.extent === "half" && charts[i + 1]?.extent === "half" ? charts[i + 1] : undefined;
    const row = second ? [first, second] : [first];
    const height = Math.max(...row.map((chart) => chartHeight(sheet, chart, figures)));
    sheet.room(height);
    for (const [j, chart] of row.entries()) {
      const width = chartWidth(chart);
      const x = PAGE.margin + j * (width + CHART_GAP);
      const title = { size: 9, weight: "bold" as const, colour: PAPER.text };
      const figure = figures.get(chart)!;
      sheet.element("H3", () => sheet.mark(() => sheet.type.line(sheet.type.fitted(chart.title, title, width), x, sheet.y + 9, title)));
      sheet.element("Figure", () => sheet.mark(() => drawFigure(sheet.doc, sheet.type, figure, x, sheet.y + 18)), { alt: chart.description });
      const caption = captionLines(sheet, chart);
      if (caption.length === 0) continue;
      sheet.element("P", () =>
        sheet.mark(() => {
          for (const [k, line] of caption.entries()) sheet.type.line(line, x, sheet.y + 18 + figure.height + 14 + k * 11, CAPTION);
        }),
      );
    }
    sheet.y += height;
    i += row.length;
  }
}

function chartWidth(chart: Chart): number {
  return chart.extent === "full" ? TEXT_WIDTH : (TEXT_WIDTH - CHART_GAP) / 2;
}

function captionLines(sheet: Sheet, chart: Chart): string[] {
  return chart.caption === "" ? [] : sheet.type.lines(chart.caption, CAPTION, chartWidth(chart));
}

function chartHeight(sheet: Sheet, chart: Chart, figures: ReadonlyMap<Chart, Figure>): number {
  return 18 + figures.get(chart)!.height + 8 + captionLines(sheet, chart).length * 11 + 14;
}

/** Names of the run and page numbers, when it is known how many pages there are. */
function drawFeet(sheet: Sheet, report: ReportDocument): void {
  const { start, count } = sheet.doc.bufferedPageRange();
  const style = { size: 7.5, colour: PAPER.muted };
  for (let page = start; page < start + count; page++) {
    sheet.doc.switchToPage(page);
    const number = `${page - start + 1} of ${count}`;
    const y = PAGE.height - PAGE.foot + 22;
    sheet.ornament(() => {
      sheet.type.line(sheet.type.fitted(report.foot, style, TEXT_WIDTH - 60), PAGE.margin, y, style);
      sheet.type.line(number, PAGE.width - PAGE.margin, y, style, "end");
    });
  }
}

function charts(report: ReportDocument): Chart[] {
  return report.sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === "charts" ? block.charts : [])));
}

/** Every text that may be set, to know which glyphs are needed. */
function* texts(report: ReportDocument, figures: ReadonlyMap<Chart, Figure>): Generator<string> {
  yield* [report.title, report.dataset, report.summary, report.foot, "Winnow no picture removed kept of"];
  for (const pair of report.identity) yield* pair;
  for (const { label, value, note } of report.keyFigures) yield* [label, value, note ?? ""];
  for (const { title, blocks } of report.sections) {
    yield title;
    for (const block of blocks) {
      if (block.kind === "text") yield block.text;
      else if (block.kind === "notices") yield* block.notices;
      else if (block.kind === "table") {
        for (const { label } of block.table.columns) yield label;
        for (const row of block.table.rows) yield* row;
        yield block.table.rest ?? "";
      } else if (block.kind === "charts") for (const chart of block.charts) yield* [chart.title, chart.caption];
      else if (block.kind === "pairs") for (const pair of block.pairs) yield* [pair.removed.name, pair.retained.name, pair.text];
      else for (const { name } of block.pictures) yield name;
    }
  }
  for (const figure of figures.values()) for (const mark of figure.marks) if (mark.kind === "text") yield mark.text;
}
