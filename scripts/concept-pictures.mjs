// Draws the pictures of docs/concepts.md: docs/pictures/concept-*.svg. Run it after a change. The selection that is shown
// is computed, not painted.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ink = "#22312a";
const soft = "#4c5a53";
const line = "#8a988f";
const green = "#2f7d4f";
const pale = "#eef3ea";

function picture(name, width, height, title, parts) {
  writeFileSync(
    fileURLToPath(new URL(`../docs/pictures/concept-${name}.svg`, import.meta.url)),
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="14" fill="${ink}">
<title>${title}</title>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 10 5 0 10z" fill="${ink}"/></marker></defs>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${parts.join("\n")}
</svg>
`,
  );
}

const text = (x, y, content, more = "") => `<text x="${x}" y="${y}" ${more}>${content}</text>`;
const arrow = (x1, y1, x2, y2) => `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${ink}" stroke-width="1.4" marker-end="url(#tip)"/>`;
const round = (value) => Number(value.toFixed(1));

/** Numbers 0 … 1, the same every time. */
function randomNumbers(seed) {
  let state = seed;
  return () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
}

function tags() {
  const names = ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "f.jpg", "g.jpg", "h.jpg"];
  const cell = 84;
  const left = 130;
  const parts = [text(20, 62, "samples", `font-weight="600"`), text(20, 122, "ordinals", `font-weight="600"`)];
  for (const [i, name] of names.entries()) {
    parts.push(`<rect x="${left + i * cell}" y="20" width="72" height="72" rx="8" fill="hsl(${90 + 18 * i} 30% ${72 - (i % 3) * 8}%)"/>`, text(left + i * cell + 36, 60, name, `text-anchor="middle"`), text(left + i * cell + 36, 122, i, `text-anchor="middle" fill="${soft}"`));
  }
  for (const [row, { tag, keep }] of [{ tag: "initial-tag", keep: () => true }, { tag: "to label", keep: (i) => [0, 3, 4, 7].includes(i) }].entries()) {
    const y = 142 + row * 40;
    parts.push(text(20, y + 20, tag, `font-weight="600"`));
    for (const i of names.keys()) parts.push(`<rect x="${left + i * cell}" y="${y}" width="72" height="30" rx="6" fill="${keep(i) ? green : pale}"/>`, text(left + i * cell + 36, y + 20, keep(i) ? 1 : 0, `text-anchor="middle" fill="${keep(i) ? "#ffffff" : soft}"`));
  }
  picture("tags", 820, 232, "Samples with their ordinals, and two tags as masks", parts);
}

/** Three lumps of points. */
function points() {
  const random = randomNumbers(11);
  const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  return [[110, 90, 40], [300, 120, 26], [190, 230, 34]].flatMap(([x, y, spread], group) => Array.from({ length: 30 }, () => ({ x: x + spread * normal(), y: y + spread * 0.8 * normal(), group })));
}

function map() {
  const colours = ["#2f7d4f", "#c9822b", "#3d6fa5"];
  const parts = [];
  for (let row = 0; row < 3; row++) {
    const y = 40 + row * 90;
    parts.push(`<rect x="20" y="${y}" width="64" height="64" rx="8" fill="${colours[row]}" opacity="0.35"/>`, text(52, y + 37, ["city", "fruit", "coast"][row], `text-anchor="middle"`), arrow(90, y + 32, 122, y + 32));
    const random = randomNumbers(100 + row);
    for (let i = 0; i < 8; i++) parts.push(`<rect x="${128 + i * 26}" y="${y + 18}" width="22" height="28" fill="${colours[row]}" opacity="${round(0.15 + 0.8 * random())}"/>`);
    parts.push(text(342, y + 38, "…"), arrow(362, y + 32, 400, 90 + row * 45));
  }
  for (const { x, y, group } of points()) parts.push(`<circle cx="${round(410 + x)}" cy="${round(y)}" r="5" fill="${colours[group]}" opacity="0.8"/>`);
  picture("map", 820, 320, "Images become vectors, vectors a map", parts);
}

/** CORESET by its definition: first what is nearest to the mean, then always the point that is farthest from all picks. */
function coreset() {
  const all = points().map(({ x, y }) => ({ x: x * 1.6 + 40, y: y + 10 }));
  const mean = { x: all.reduce((sum, { x }) => sum + x, 0) / all.length, y: all.reduce((sum, { y }) => sum + y, 0) / all.length };
  const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
  const picks = [all.toSorted((a, b) => distance(a, mean) - distance(b, mean))[0]];
  const nearest = (point) => Math.min(...picks.map((pick) => distance(point, pick)));
  while (picks.length < 6) picks.push(all.toSorted((a, b) => nearest(b) - nearest(a))[0]);
  const coverage = Math.max(...all.map(nearest));
  const parts = picks.map(({ x, y }) => `<circle cx="${round(x)}" cy="${round(y)}" r="${round(coverage)}" fill="${green}" opacity="0.08"/>`);
  for (const { x, y } of all) parts.push(`<circle cx="${round(x)}" cy="${round(y)}" r="4.5" fill="${line}"/>`);
  for (const [i, { x, y }] of picks.entries()) parts.push(`<circle cx="${round(x)}" cy="${round(y)}" r="12" fill="${green}"/>`, text(round(x), round(y) + 5, i + 1, `text-anchor="middle" fill="#ffffff" font-weight="600"`));
  parts.push(text(620, 60, "1 to 6: picks in order", `font-weight="600"`), text(620, 84, "circles: how far the farthest", `fill="${soft}"`), text(620, 104, "point is from a pick now", `fill="${soft}"`));
  picture("coreset", 820, 330, "Six picks of CORESET, and what they cover", parts);
}

function run() {
  const parts = [];
  const box = (x, title, rows, fill) => {
    parts.push(`<rect x="${x}" y="30" width="220" height="150" rx="10" fill="${fill}" stroke="${line}"/>`, text(x + 16, 58, title, `font-weight="600"`), ...rows.map((row, i) => text(x + 16, 84 + 22 * i, row, `fill="${soft}" font-size="13"`)));
  };
  box(20, "datasource", ["folder, S3, GCS, Azure", "monday/ … friday/", ".lightly/predictions", ".lightly/metadata"], "#eaf0f6");
  box(300, "compute worker", ["list what is new", "check, leave out copies", "embed and select", "report"], "#fdf6e3");
  box(580, "server", ["samples, thumbnails", "tag, embedding, map", "report of the run", "processed until …"], pale);
  parts.push(arrow(240, 90, 298, 90), arrow(520, 90, 578, 90), arrow(298, 140, 242, 140), text(270, 205, "frames and thumbnails go back", `text-anchor="middle" font-size="13" fill="${soft}"`), text(550, 205, "only what was selected", `text-anchor="middle" font-size="13" fill="${soft}"`));
  picture("run", 820, 225, "A run reads next to the data and registers what it selected", parts);
}

tags();
map();
coreset();
run();
