import { createHash } from "node:crypto";
import type { Block, Chart, Picture, ReportDocument, Section, Table } from "../document.ts";
import { escaped, svgText } from "../svg.ts";
import { STYLE } from "./style.ts";

const WIDE = { width: 760, textSize: 12 };
const HALF = { width: 370, textSize: 11.5 };
const NARROW = { width: 350, textSize: 11.5 };

/** What the page may do: show its own pictures and its own style. Nothing is fetched, nothing runs. */
const PAGE_POLICY = `default-src 'none'; img-src data:; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'`;

/**
 * A report as one HTML file that needs nothing else: plots and pictures inside, no script, light and dark. Everything from
 * outside is escaped, and a policy of its own forbids the rest. Comes in pieces, one per section.
 */
export function* reportPage(report: ReportDocument): Generator<string, void, undefined> {
  const title = `${report.title}: ${report.dataset}`;
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(PAGE_POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="brand">Winnow <span>${escaped(report.title)}</span></p>
<h1><bdi dir="ltr">${escaped(report.dataset)}</bdi></h1>
<dl class="identity">${report.identity.map(([label, value]) => `<div><dt>${escaped(label)}</dt> <dd><bdi dir="ltr">${escaped(value)}</bdi></dd></div>`).join("")}</dl>
<p class="summary">${escaped(report.summary)}</p>
<dl class="figures">${report.keyFigures.map(({ label, value, note }) => `<div${label === "selected" ? ' class="chosen"' : ""}><dt>${escaped(label)}</dt><dd class="value">${escaped(value)}</dd>${note ? `<dd class="note">${escaped(note)}</dd>` : ""}</div>`).join("")}</dl>
<nav aria-label="Contents"><ul>${report.sections.map(({ id, title }) => `<li><a href="#${escaped(id)}">${escaped(title)}</a></li>`).join("")}</ul></nav>
</header>
<main>
`;
  for (const section of report.sections) yield* sectionText(section);
  yield `</main>
<footer><bdi dir="ltr">${escaped(report.foot)}</bdi></footer>
</body>
</html>
`;
}

function* sectionText({ id, title, blocks }: Section): Generator<string, void, undefined> {
  yield `<section aria-labelledby="${escaped(id)}">\n<h2 id="${escaped(id)}">${escaped(title)}</h2>\n`;
  for (const block of blocks) yield `${blockText(block)}\n`;
  yield "</section>\n";
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "text":
      return `<p>${escaped(block.text)}</p>`;
    case "notices":
      return `<ul class="notices">${block.notices.map((notice) => `<li>${escaped(notice)}</li>`).join("")}</ul>`;
    case "table":
      return tableText(block.table);
    case "charts":
      return `<div class="charts${block.charts.some(({ extent }) => extent === "half") ? " halves" : ""}">${block.charts.map(chartText).join("")}</div>`;
    case "pairs":
      return `<div class="pairs">${block.pairs
        .map(({ removed, retained, text }) => `<div class="pair">${pictureText(removed, "removed", "removed")}${pictureText(retained, "kept", "kept")}<p>${escaped(text)}</p></div>`)
        .join("")}</div>`;
    case "pictures":
      return `<div class="pictures">${block.pictures.map((picture) => pictureText(picture, "", "")).join("")}</div>`;
  }
}

function chartText(chart: Chart): string {
  // Two drawings, one for telephones: letters that are shrunk with the picture could not be read.
  const drawings =
    chart.extent === "half"
      ? svgText(chart.draw(HALF), chart)
      : `<div class="wide">${svgText(chart.draw(WIDE), chart)}</div><div class="narrow">${svgText(chart.draw(NARROW), chart)}</div>`;
  const caption = chart.caption === "" ? "" : `<figcaption>${escaped(chart.caption)}</figcaption>`;
  const table = chart.table ? `<details><summary>Numbers</summary>${tableText(chart.table)}</details>` : "";
  return `<figure${chart.extent === "half" ? ' class="half"' : ""}><h3><bdi dir="ltr">${escaped(chart.title)}</bdi></h3>${drawings}${caption}${table}</figure>`;
}

function tableText(table: Table): string {
  const cell = (tag: "th" | "td", text: string, column: number, scope = ""): string =>
    `<${tag}${scope}${table.columns[column]?.align === "end" ? ' class="end"' : ""}><bdi dir="ltr">${escaped(text)}</bdi></${tag}>`;
  const head = table.columns.map(({ label }, i) => cell("th", label, i, ' scope="col"')).join("");
  const rows = table.rows.map((row) => `<tr>${row.map((text, i) => (i === 0 ? cell("th", text, i, ' scope="row"') : cell("td", text, i))).join("")}</tr>`).join("");
  const rest = table.rest ? `<p class="rest">${escaped(table.rest)}</p>` : "";
  return `<div class="scroll quiet" tabindex="0" role="region" aria-label="${escaped(table.label)}"><table><caption>${escaped(table.label)}</caption><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>${rest}`;
}

function pictureText({ name, jpeg }: Picture, kind: string, word: string): string {
  const bytes = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  const image =
    bytes[0] === 0xff && bytes[1] === 0xd8
      ? `<img src="data:image/jpeg;base64,${bytes.toString("base64")}" alt="${escaped(word === "" ? name : `${word}: ${name}`)}">`
      : '<div class="none">no picture</div>';
  return `<figure class="shot ${kind}">${image}<figcaption>${word === "" ? "" : `<b>${escaped(word)}</b>`}<bdi dir="ltr">${escaped(name)}</bdi></figcaption></figure>`;
}
