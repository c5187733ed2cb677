// Draws docs/pictures/architecture.svg: what runs. Run it after a change.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const width = 960;
const height = 250;
const parts = [];
const ink = "#22312a";
const line = "#8a988f";

function box(x, y, w, h, title, text, fill) {
  parts.push(`<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="10" fill="${fill}" stroke="${line}"/>`);
  parts.push(`<text x="${x + 14}" y="${y + 25}" font-weight="600">${title}</text>`);
  text.forEach((row, i) => parts.push(`<text x="${x + 14}" y="${y + 46 + 18 * i}" font-size="13" fill="#4c5a53">${row}</text>`));
}

function arrow(x1, y1, x2, y2) {
  parts.push(`<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${ink}" stroke-width="1.4" marker-end="url(#tip)"/>`);
}

// What runs.
const clients = "#eef3ea";
box(20, 20, 250, 62, "Python client 1.2.x", ["unmodified, over HTTP"], clients);
box(20, 94, 250, 62, "packages/client", ["TypeScript SDK, Node, browser"], clients);
box(20, 168, 250, 62, "apps/cli", ["winnow start, server, user, token"], clients);
box(345, 50, 290, 150, "apps/server", ["one folder per domain:", "routes → service → store", "", "threads/: jobs and files beside", "the thread that answers"], "#fdf6e3");
box(710, 20, 230, 96, "metadata store", ["one SQLite file, WAL", "accounts, samples, tags, jobs", "migrations forward only"], "#eaf0f6");
box(710, 134, 230, 96, "blob store", ["a folder: images, thumbnails,", "embeddings (CSV, float32)", "whole or not at all, synced"], "#eaf0f6");
for (const y of [51, 125, 199]) arrow(270, y, 343, 125);
arrow(635, 100, 708, 70);
arrow(635, 140, 708, 180);

writeFileSync(
  fileURLToPath(new URL("../docs/pictures/architecture.svg", import.meta.url)),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="15" fill="${ink}">
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 10 5 0 10z" fill="${ink}"/></marker></defs>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${parts.join("\n")}
</svg>
`,
);
