// Draws docs/pictures/report.webp: the first pages of a report on the demo collection, as a run writes it.
// node scripts/report-picture.mjs   (after npm run build; needs pdftoppm)
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const enter = (path) => import(pathToFileURL(join(root, path)).href);
const sharp = createRequire(join(root, "packages/media/package.json"))("sharp");
const { drawDemoCollection } = await enter("apps/cli/dist/demo/draw.js");
const { encodeFolder, loadEncoder } = await enter("packages/embedding/dist/index.js");
const { nearestNeighbours, project, selectSamples } = await enter("packages/curation/dist/index.js");
const { nearestDistances, writeOutput } = await enter("apps/worker/dist/report/index.js");

const pages = 3;
const wanted = 20;
const folder = mkdtempSync(join(tmpdir(), "winnow-report-picture-"));
try {
  const images = join(folder, "images");
  await drawDemoCollection(images, { seed: 1, count: 160 });
  const began = performance.now();
  const encoder = await loadEncoder();
  const { fileNames, vectors } = await encodeFolder(encoder, images);
  const seconds = (performance.now() - began) / 1000;
  await encoder.close();
  const size = fileNames.length;
  const selection = await selectSamples({ method: "CORESET", size, points: vectors, nSamples: wanted });
  const picks = [...selection.ordinals];
  const selected = new Uint8Array(size);
  for (const pick of picks) selected[pick] = 1;
  const before = await nearestDistances(vectors);
  const after = await nearestDistances(vectors, { rows: picks });
  const facts = {
    run: { id: "6a4be1907d5c3f21e8b0a964", datasetId: "6a4be1907d5c3f21e8b0a900", datasetName: "Demo collection", workerName: "worker", version: "0.1.0", startedAt: Date.UTC(2026, 6, 1, 9, 30), endedAt: Date.UTC(2026, 6, 1, 9, 30, 41) },
    itemWord: "images",
    configuration: { docker: { method: "coreset", stopping_condition: { n_samples: wanted, min_distance: -1 } }, lightly: { seed: 1 } },
    notices: [],
    counts: { listed: size, images: size, videos: 0, frames: 0, corrupt: 0, duplicates: 0, missingRelevant: 0, refusedSideFiles: 0, candidates: size, preselected: 0, selected: wanted, uploaded: wanted },
    stages: [{ name: "Embedding", seconds, items: size }],
    encoder: { name: "mobilenetv2-openimages", dimensions: vectors.columns },
    items: {
      fileNames,
      selected,
      nearestBefore: before.distances,
      nearestAfter: after.distances,
      distanceSearch: { before: before.search, after: after.search },
      projections: await Promise.all(["PCA", "UMAP"].map(async (method) => ({ method, coordinates: (await project(vectors, method, { seed: 1 })).data }))),
    },
    selection: {
      method: "coreset",
      stopped: "the number of samples asked for was reached",
      picks,
      reasons: picks.map((_, i) => (i === 0 ? "the first pick" : `farthest from those before it: ${selection.distances[i].toFixed(3)}`)),
      coverage: Float64Array.from(selection.radii),
      seed: 1,
      inputHash: selection.inputHash,
    },
    corrupt: [],
    duplicates: [],
    videos: [],
    classes: [],
    metadata: [],
    examples: await examples(images, fileNames, vectors, selected),
    pretagging: [],
  };
  const { pdf } = await writeOutput({ facts, output: folder, runDirectory: "report" });
  const { status, error } = spawnSync("pdftoppm", ["-r", "80", "-l", String(pages), "-png", pdf, join(folder, "page")], { stdio: "inherit" });
  if (status !== 0) throw error ?? new Error("pdftoppm failed");
  const drawn = readdirSync(folder).filter((name) => /^page.*\.png$/.test(name)).sort();
  const { width, height } = await sharp(join(folder, drawn[0])).metadata();
  const margin = 24;
  const target = join(root, "docs/pictures/report.webp");
  await sharp({ create: { width: margin + drawn.length * (width + margin), height: height + 2 * margin, channels: 3, background: "#dfe4e0" } })
    .composite(drawn.map((name, i) => ({ input: join(folder, name), left: margin + i * (width + margin), top: margin })))
    .webp({ quality: 84 })
    .toFile(target);
  console.log(`${target}: ${drawn.length} pages, ${size} images, ${wanted} selected`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Removed images, spread over the collection, each with the selected one that is nearest. */
async function examples(images, fileNames, vectors, selected) {
  const { k, ids, distances } = await nearestNeighbours(vectors, { k: Math.min(100, fileNames.length - 1) });
  const jpeg = async (i) => new Uint8Array(await sharp(join(images, fileNames[i])).resize(320, 240, { fit: "inside" }).jpeg().toBuffer());
  const found = [];
  for (let i = 0; i < fileNames.length && found.length < 6; i += Math.ceil(fileNames.length / 7)) {
    let removed = i;
    while (selected[removed]) removed++;
    for (let rank = 0; rank < k; rank++) {
      const retained = ids[removed * k + rank];
      if (!selected[retained]) continue;
      found.push({ removed: fileNames[removed], retained: fileNames[retained], distance: distances[removed * k + rank], removedJpeg: await jpeg(removed), retainedJpeg: await jpeg(retained) });
      break;
    }
  }
  return found;
}
