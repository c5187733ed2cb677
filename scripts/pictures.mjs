// Draws the pictures of the README from the demo collection: a map of all its images, the selected ones framed.
// node scripts/pictures.mjs   (after npm run build)
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const enter = (path) => import(pathToFileURL(join(root, path)).href);
const sharp = createRequire(join(root, "packages/media/package.json"))("sharp");
const { drawDemoCollection } = await enter("apps/cli/dist/demo/draw.js");
const { encodeFolder, loadEncoder } = await enter("packages/embedding/dist/index.js");
const { project, selectSamples } = await enter("packages/curation/dist/index.js");

const width = 1280;
const height = 760;
const thumb = { width: 116, height: 87 };
const picks = 9;

const folder = mkdtempSync(join(tmpdir(), "winnow-pictures-"));
try {
  await drawDemoCollection(folder, { seed: 1, count: 60 });
  const encoder = await loadEncoder();
  const { fileNames, vectors } = await encodeFolder(encoder, folder);
  await encoder.close();
  const flat = await project(vectors, "UMAP", { seed: 3 });
  const selection = await selectSamples({ method: "CORESET", size: vectors.rows, points: vectors, nSamples: picks });
  const chosen = new Map([...selection.ordinals].map((ordinal, i) => [ordinal, i + 1]));
  const layers = [];
  const places = spread(flat, fileNames.length);
  const order = [...fileNames.keys()].sort((a, b) => Number(chosen.has(a)) - Number(chosen.has(b)));
  for (const i of order) {
    const size = thumb;
    const image = await sharp(join(folder, fileNames[i])).resize(size.width, size.height, { fit: "cover" }).toBuffer();
    const frame = chosen.has(i) ? 6 : 2;
    const framed = await sharp(image).extend({ top: frame, bottom: frame, left: frame, right: frame, background: chosen.has(i) ? "#e8590c" : "#ffffff" }).png().toBuffer();
    const left = Math.round(places[i].x - size.width / 2 - frame);
    const top = Math.round(places[i].y - size.height / 2 - frame);
    layers.push({ input: framed, left, top });
    if (chosen.has(i)) {
      const badge = `<svg width="34" height="34" xmlns="http://www.w3.org/2000/svg"><circle cx="17" cy="17" r="16" fill="#e8590c"/><text x="17" y="23" font-family="sans-serif" font-size="17" font-weight="700" fill="#fff" text-anchor="middle">${chosen.get(i)}</text></svg>`;
      layers.push({ input: Buffer.from(badge), left: Math.max(0, left - 10), top: Math.max(0, top - 10) });
    }
  }
  const target = join(root, "docs/pictures/map.webp");
  await sharp({ create: { width, height, channels: 3, background: "#f1f3ee" } }).composite(layers).webp({ quality: 82 }).toFile(target);
  console.log(`${target}: ${fileNames.length} images, ${picks} selected`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Places on the canvas: the map's coordinates, pushed apart until few thumbnails lie on each other. */
function spread({ data }, count) {
  const margin = 80;
  const axis = (offset) => Array.from({ length: count }, (_, i) => data[2 * i + offset]);
  const scaled = (values, length) => {
    const low = Math.min(...values);
    const high = Math.max(...values);
    return values.map((value) => margin + ((value - low) / (high - low || 1)) * (length - 2 * margin));
  };
  const xs = scaled(axis(0), width);
  const ys = scaled(axis(1), height);
  for (let round = 0; round < 1500; round++) {
    for (let i = 0; i < count; i++) {
      for (let j = i + 1; j < count; j++) {
        const dx = xs[j] - xs[i];
        const dy = ys[j] - ys[i];
        const overlap = Math.min(thumb.width + 18 - Math.abs(dx), thumb.height + 18 - Math.abs(dy));
        if (overlap <= 0) continue;
        const length = Math.hypot(dx, dy) || 1;
        const push = Math.min(4, overlap / 2);
        xs[i] -= (dx / length) * push;
        ys[i] -= (dy / length) * push;
        xs[j] += (dx / length) * push;
        ys[j] += (dy / length) * push;
      }
    }
    for (let i = 0; i < count; i++) {
      xs[i] = Math.min(width - margin, Math.max(margin, xs[i]));
      ys[i] = Math.min(height - 60, Math.max(60, ys[i]));
    }
  }
  return xs.map((x, i) => ({ x, y: ys[i] }));
}
