import { parse } from "parse5";
import Value from "typebox/value";
import { extractText, getDocumentProxy } from "unpdf";
import { readRunConfiguration } from "@winnow/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { EMPTY_FACTS, madeFacts, madeJpeg } from "../testing/made-facts.ts";
import { composeReport } from "./compose.ts";
import type { ReportDocument } from "./document.ts";
import type { RunFacts } from "./facts.ts";
import { compactReport, fullReportText } from "./json.ts";
import { reportPage } from "./page/page.ts";
import { reportPdf } from "./pdf/pdf.ts";
import { PAGE } from "./pdf/sheet.ts";
import { CompactReport, FullReport } from "./schema.ts";
import { countText, numberText } from "./wording.ts";

async function pdfBytes(report: ReportDocument): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for await (const piece of await reportPdf(report)) pieces.push(piece as Buffer);
  return new Uint8Array(Buffer.concat(pieces));
}

async function pdfText(bytes: Uint8Array): Promise<{ pages: number; text: string }> {
  const { totalPages, text } = await extractText(await getDocumentProxy(bytes.slice()), { mergePages: true });
  return { pages: totalPages, text };
}

const page = (report: ReportDocument): string => [...reportPage(report)].join("");
const full = (facts: RunFacts): FullReport => JSON.parse([...fullReportText(facts)].join("")) as FullReport;
/** Without blanks: where lines break is not what is said. */
const bare = (text: string): string => text.normalize("NFC").replace(/\s/g, "");

interface Node {
  readonly nodeName: string;
  readonly value?: string;
  readonly attrs?: readonly { readonly name: string; readonly value: string }[];
  readonly childNodes?: readonly Node[];
}

function* nodes(node: Node): Generator<Node> {
  yield node;
  for (const child of node.childNodes ?? []) yield* nodes(child);
}

function pageText(html: string): string {
  let text = "";
  for (const node of nodes(parse(html) as unknown as Node)) if (node.nodeName === "#text") text += node.value;
  return text;
}

/** All that a reader of either form must find. */
function said(report: ReportDocument): string[] {
  return [
    report.summary,
    ...report.keyFigures.flatMap(({ label, value, note }) => [label, value, note ?? ""]),
    ...report.sections.flatMap(({ title, blocks }) => [
      title,
      ...blocks.flatMap((block) => {
        if (block.kind === "text") return [block.text];
        if (block.kind === "notices") return block.notices;
        if (block.kind === "table") return [...block.table.columns.map(({ label }) => label), ...block.table.rows.flat(), block.table.rest ?? ""];
        if (block.kind === "charts") return block.charts.flatMap(({ title, caption }) => [title, caption]);
        return [];
      }),
    ]),
  ].filter((text) => text !== "");
}

const HOSTILE = ['<script>alert(1)</script>.jpg', '"><img src=x onerror=alert(2)>.png', "' onload='alert(3).jpg", "</title><style>*{display:none}</style>", "&lt;b&gt;&#x3c;i>.jpg", "evil\u202egpj.exe", "two\nlines.jpg", "lone\ud800.jpg", `${"very-long-folder/".repeat(14)}${"x".repeat(255)}.jpg`];
const WORLD = ["写真/東京タワー.jpg", "снимки/Москва.png", "صور/قطة نائمة.jpg", "תמונות/חתול.jpg", "फ़ोटो/बिल्ली.jpg", "사진/고양이.jpg", "ภาพ/แมว.jpg", "φωτο/γάτα.jpg", "🐈/🎉.jpg", "e\u0301te\u0301/nai\u0308ve.jpg", "ᚠᚢᚦ/rune.jpg"];

async function pictured(): Promise<RunFacts> {
  const facts = madeFacts();
  const [red, green] = [await madeJpeg(200, 20, 20), await madeJpeg(20, 160, 60)];
  return {
    ...facts,
    counts: { ...facts.counts, videos: 2, frames: 400 },
    videos: [
      { fileName: "drive/a.mp4", frames: 300, seconds: 12, selected: [0, 17, 299] },
      { fileName: "drive/b.mov", frames: 100, seconds: 4, selected: [] },
    ],
    examples: [
      { removed: "removed/1.jpg", retained: "kept/1.jpg", distance: 0.125, removedJpeg: red, retainedJpeg: green },
      { removed: "removed/2.jpg", retained: "kept/2.jpg", distance: 0.25, removedJpeg: red, retainedJpeg: new Uint8Array([1, 2, 3]) },
    ],
    pretagging: [{ fileName: "street/1.jpg", jpeg: green }],
  };
}

describe("a report", () => {
  let facts: RunFacts;
  let report: ReportDocument;
  let bytes: Uint8Array;
  let html: string;
  beforeAll(async () => {
    facts = await pictured();
    report = composeReport(facts);
    bytes = await pdfBytes(report);
    html = page(report);
  });

  it("says the same in the PDF and on the page", async () => {
    const pdf = bare((await pdfText(bytes)).text);
    const onPage = bare(pageText(html));
    const texts = said(report);
    expect(texts.length).toBeGreaterThan(150);
    for (const text of texts) {
      expect(onPage).toContain(bare(text));
      expect(pdf).toContain(bare(text));
    }
    for (const name of ["removed/1.jpg", "kept/2.jpg", "street/1.jpg", "drive/a.mp4", "train"]) {
      expect(pdf).toContain(name);
      expect(onPage).toContain(name);
    }
  });

  it("has the numbers of the JSON reports", async () => {
    const json = full(facts);
    const compact = compactReport(facts);
    const pdf = bare((await pdfText(bytes)).text);
    const onPage = bare(pageText(html));
    const { counts, distances, stages } = json;
    for (const key of ["counts", "distances", "stages", "classes", "metadata", "configuration", "notices", "run", "summary"] as const) expect(compact[key]).toEqual(json[key]);
    const shownNumbers = [
      [`candidates(images)${countText(counts.candidates)}`, `Candidates${countText(counts.candidates)}`],
      [`selected${countText(counts.selected)}`, `Selected${countText(counts.selected)}`],
      [`Median${numberText(distances.before.median)}${numberText(distances.after.median)}`],
      [`Mean${numberText(distances.before.mean)}${numberText(distances.after.mean)}`],
      [`Zero(equalvectors)${distances.before.zeros}${distances.after.zeros}`],
      [`${numberText(stages[0]!.itemsPerSecond)}/s`],
    ];
    for (const either of shownNumbers) {
      expect(either.some((text) => pdf.includes(text)), either.join(" or ")).toBe(true);
      expect(either.some((text) => onPage.includes(text)), either.join(" or ")).toBe(true);
    }
    expect(json.selection.picks).toHaveLength(counts.selected);
    expect(json.items.selected.reduce<number>((sum, one) => sum + one, 0)).toBe(counts.selected);
    expect(json.selection.picks.map(({ fileName }) => fileName)).toEqual(facts.selection.picks.map((pick) => facts.items.fileNames[pick]));
    expect(json.counts.removed).toBe(counts.candidates - counts.selected);
  });

  it("is JSON of the documented form", () => {
    for (const one of [facts, EMPTY_FACTS, madeFacts({ items: 1, selected: 1 }), madeFacts({ items: HOSTILE.length, nameOf: (i) => HOSTILE[i]! })]) {
      expect([...Value.Errors(FullReport, full(one))]).toEqual([]);
      expect([...Value.Errors(CompactReport, JSON.parse(JSON.stringify(compactReport(one))))]).toEqual([]);
    }
    expect(Value.Check(FullReport, { ...full(facts), extra: 1 })).toBe(false);
  });

  it("gives the same PDF for the same facts, with its title, its pages numbered and every font inside", async () => {
    expect(Buffer.compare(await pdfBytes(report), bytes)).toBe(0);
    const pdf = await getDocumentProxy(bytes.slice());
    const { info } = (await pdf.getMetadata()) as { info: { Title?: string } };
    expect(info.Title).toBe("Curation report: made");
    const { pages, text } = await pdfText(bytes);
    for (let number = 1; number <= pages; number++) expect(text).toContain(`${number} of ${pages}`);
    const raw = Buffer.from(bytes).toString("latin1");
    const fonts = raw.match(/\/FontDescriptor\b/g)!.length;
    expect(raw).not.toMatch(/\/BaseFont \/Helvetica/);
    expect(raw.match(/\/FontFile2/g)!.length).toBeGreaterThan(0);
    expect(fonts).toBeGreaterThan(0);
    expect((await pdf.getOutline())?.map(({ title }) => title)).toEqual(report.sections.map(({ title }) => title));
  });

  it("is a PDF that can be heard: headings, tables, figures with what is to be seen on them", async () => {
    const pdf = await getDocumentProxy(bytes.slice());
    const found: { role: string; alt?: string; children?: unknown[] }[] = [];
    const walk = (node: { role?: string; alt?: string; children?: unknown[] }): void => {
      if (node.role) found.push(node as (typeof found)[number]);
      for (const child of node.children ?? []) walk(child as typeof node);
    };
    for (let number = 1; number <= pdf.numPages; number++) walk((await (await pdf.getPage(number)).getStructTree()) as Parameters<typeof walk>[0]);
    const roles = (role: string) => found.filter((node) => node.role === role);
    expect(roles("H1")).toHaveLength(1);
    expect(roles("H2")).toHaveLength(report.sections.length);
    const blocks = report.sections.flatMap((section) => section.blocks);
    const descriptions = blocks.flatMap((block) => (block.kind === "charts" ? block.charts.map(({ description }) => description) : []));
    expect(roles("Figure").map(({ alt }) => alt)).toEqual(expect.arrayContaining(descriptions));
    expect(roles("Figure")).toHaveLength(descriptions.length + 5);
    const tables = blocks.flatMap((block) => (block.kind === "table" ? [block.table] : []));
    const cells = tables.reduce((sum, { columns, rows }) => sum + columns.length * (rows.length + 1), 0);
    expect(roles("TH").length + roles("TD").length).toBe(cells);
  });

  it("is a page that needs nothing else and can be heard as well as seen", () => {
    const all = [...nodes(parse(html) as unknown as Node)];
    const attribute = (node: Node, name: string): string | undefined => node.attrs?.find((one) => one.name === name)?.value;
    expect(all.filter(({ nodeName }) => ["script", "link", "iframe", "object", "embed", "base"].includes(nodeName))).toEqual([]);
    for (const node of all) {
      for (const { name, value } of node.attrs ?? []) {
        expect(name).not.toMatch(/^on|^style$/);
        if (name === "src") expect(value).toMatch(/^data:image\/jpeg;base64,/);
        if (name === "href") expect(value).toMatch(/^#[a-z-]+$/);
      }
    }
    const images = all.filter(({ nodeName }) => nodeName === "img");
    expect(images).toHaveLength(4);
    for (const image of images) expect(attribute(image, "alt")).not.toBe("");
    const drawings = all.filter(({ nodeName }) => nodeName === "svg");
    expect(drawings.length).toBeGreaterThan(6);
    for (const drawing of drawings) expect(attribute(drawing, "aria-label")!.length).toBeGreaterThan(20);
    for (const heading of report.sections) expect(all.some((node) => attribute(node, "id") === heading.id)).toBe(true);
    const policy = all.map((node) => (attribute(node, "http-equiv") === "Content-Security-Policy" ? attribute(node, "content") : undefined)).find(Boolean);
    expect(policy).toMatch(/default-src 'none'.*style-src 'sha256-/);
  });
});

describe("the configuration", () => {
  it("shows what was set as a table, and what is as always below it", () => {
    const facts = madeFacts({ items: 3, selected: 1 });
    const { docker, lightly } = readRunConfiguration({ docker: { pretagging: true, stopping_condition: { n_samples: 5 } }, lightly: { seed: 3 } });
    const { blocks } = composeReport({ ...facts, configuration: { docker: { ...docker }, lightly: { ...lightly } } }).sections.find(({ id }) => id === "configuration")!;
    expect(blocks.flatMap((block) => (block.kind === "table" ? block.table.rows : []))).toEqual([["pretagging", "true"], ["stoppingCondition.nSamples.count", "5"], ["seed", "3"]]);
    const text = blocks.flatMap((block) => (block.kind === "text" ? [block.text] : [])).join();
    expect(text).toMatch(/^As by default: .*enableCorruptnessCheck true, .*method coreset, .*loader\.batchSize 16.*Not set: .*embeddings, /);
    expect(text).not.toMatch(/pretagging true|seed|null|optimizer/);
  });
});

describe("names from outside", () => {
  function named(names: readonly string[]): RunFacts {
    const facts = madeFacts({ items: names.length, selected: names.length - 1, nameOf: (i) => names[i]! });
    return {
      ...facts,
      run: { ...facts.run, datasetName: names[0]!, workerName: names[1]! },
      corrupt: names.map((fileName) => ({ fileName, reason: fileName })),
      duplicates: names.map((fileName) => ({ fileName, keptFileName: fileName })),
      notices: names,
      configuration: { docker: Object.fromEntries(names.map((name) => [name, name])), lightly: {} },
      stages: names.map((name) => ({ name, seconds: 1, items: 2 })),
      classes: [{ name: names[2]!, kind: "categories", labels: names, before: names.map(() => 2), after: names.map(() => 1) }],
      videos: names.map((fileName) => ({ fileName, frames: 10, seconds: 1, selected: [3] })),
      examples: [{ removed: names[0]!, retained: names[1]!, distance: 1, removedJpeg: new Uint8Array(), retainedJpeg: new Uint8Array() }],
      pretagging: [{ fileName: names[1]!, jpeg: new Uint8Array() }],
    };
  }

  it("stay text on the page", () => {
    const html = page(composeReport(named(HOSTILE)));
    const all = [...nodes(parse(html) as unknown as Node)];
    expect(all.filter(({ nodeName }) => ["script", "b", "i"].includes(nodeName)).filter((node) => !(node.nodeName === "b" && ["removed", "kept"].includes(node.childNodes?.[0]?.value ?? "")))).toEqual([]);
    expect(all.filter(({ nodeName }) => nodeName === "style")).toHaveLength(1);
    expect(all.filter(({ nodeName }) => nodeName === "img")).toEqual([]);
    expect(pageText(html)).toContain("no picture");
    expect(all.flatMap(({ attrs }) => attrs ?? []).filter(({ name }) => name.startsWith("on"))).toEqual([]);
    const text = pageText(html);
    expect(text).toContain("<script>alert(1)</script>.jpg");
    expect(text).toContain("evil\\u{202e}gpj.exe");
    expect(text).toContain("two\\nlines.jpg");
    expect(html).not.toMatch(/\p{Surrogate}|\u202e/u);
  });

  it("stay inside the pages of the PDF, however long", async () => {
    for (const names of [HOSTILE, WORLD]) {
      const pdf = await getDocumentProxy(await pdfBytes(composeReport(named(names))));
      for (let number = 1; number <= pdf.numPages; number++) {
        const { items } = (await (await pdf.getPage(number)).getTextContent()) as unknown as { items: { str: string; width: number; transform: number[] }[] };
        expect(items.length).toBeGreaterThan(0);
        for (const { str, width, transform } of items) {
          expect(transform[4], str).toBeGreaterThanOrEqual(PAGE.margin - 1);
          expect(transform[4]! + width, str).toBeLessThanOrEqual(PAGE.width - PAGE.margin + 1);
          expect(transform[5], str).toBeGreaterThan(20);
          expect(transform[5], str).toBeLessThan(PAGE.height - 30);
        }
      }
    }
  });

  it("are set in every script that the fonts have, and marked where they haven't", async () => {
    const { text } = await pdfText(await pdfBytes(composeReport(named(WORLD))));
    for (const word of ["東京タワー", "Москва", "고양이", "γάτα", "été", "naïve"]) expect(bare(text)).toContain(word);
    for (const word of ["صور", "חתול"]) expect([word, [...word].reverse().join("")].some((one) => bare(text).includes(one)), word).toBe(true);
    expect(text).toContain("have no glyph");
    expect((await pdfText(await pdfBytes(composeReport(named(WORLD.slice(0, -1)))))).text).not.toContain("have no glyph");
  });
});

describe("of any size", () => {
  it("reports a run that found nothing", async () => {
    const report = composeReport(EMPTY_FACTS);
    const { text, pages } = await pdfText(await pdfBytes(report));
    expect(pages).toBe(1);
    expect(bare(text)).toContain(bare("There was nothing to look at"));
    expect(pageText(page(report))).toContain("There was nothing to look at");
    const corrupt = composeReport({ ...EMPTY_FACTS, counts: { ...EMPTY_FACTS.counts, listed: 4, images: 4, corrupt: 4 }, corrupt: [{ fileName: "a.jpg", reason: "holds no bytes" }] });
    expect(corrupt.summary).toContain("none was left");
  });

  it("reports a run with one item", async () => {
    const report = composeReport(madeFacts({ items: 1, selected: 1, corrupt: 0, duplicates: 0 }));
    expect(report.summary).toContain("Of 1 image, 1 (100 %) was selected");
    expect(bare((await pdfText(await pdfBytes(report))).text)).toContain(bare(report.summary));
    expect(page(report)).toContain("</html>");
  });

  it("reports 100,000 items on few pages, in little time and memory", async () => {
    const facts = madeFacts({ items: 100_000, selected: 20_000, corrupt: 5000, duplicates: 40_000 });
    const begun = performance.now();
    const report = composeReport(facts);
    const bytes = await pdfBytes(report);
    const html = page(report);
    expect(performance.now() - begun).toBeLessThan(45_000);
    expect(bytes.length).toBeLessThan(3e6);
    expect(html.length).toBeLessThan(2e6);
    const { pages, text } = await pdfText(bytes);
    expect(pages).toBeLessThan(15);
    expect(text).toContain("and 39,985 more in filenames/duplicate_filenames.txt");
    let longest = 0;
    let total = 0;
    for (const piece of fullReportText(facts)) {
      longest = Math.max(longest, piece.length);
      total += piece.length;
    }
    expect(total).toBeGreaterThan(5e6);
    expect(longest).toBeLessThan(200_000);
    expect(JSON.stringify(compactReport(facts)).length).toBeLessThan(20_000);
  });
});
