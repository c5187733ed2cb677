import { encodeJpeg } from "@winnow/media";
import type { RunFacts } from "../report/facts.ts";

/** Deterministic numbers in [0, 1). */
export function made(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A small picture of one colour. */
export async function madeJpeg(red: number, green: number, blue: number): Promise<Uint8Array> {
  const data = new Uint8Array(40 * 30 * 3);
  for (let i = 0; i < data.length; i += 3) data.set([red, green, blue], i);
  return encodeJpeg({ width: 40, height: 30, data });
}

/** Facts of a run that looked at nothing. */
export const EMPTY_FACTS: RunFacts = {
  run: { id: "run-0", datasetId: "dataset-0", datasetName: "empty", workerName: "worker", version: "0.1.0", startedAt: Date.UTC(2026, 6, 1, 10, 20, 30), endedAt: Date.UTC(2026, 6, 1, 10, 20, 32) },
  configuration: { docker: {}, lightly: {} },
  notices: [],
  counts: { listed: 0, images: 0, videos: 0, frames: 0, corrupt: 0, duplicates: 0, missingRelevant: 0, refusedSideFiles: 0, candidates: 0, preselected: 0, selected: 0, uploaded: 0 },
  stages: [],
  items: { fileNames: [], selected: new Uint8Array(), nearestBefore: new Float64Array(), nearestAfter: new Float64Array(), projections: [] },
  selection: { method: "", stopped: "", picks: [], reasons: [], coverage: new Float64Array(), seed: 1, inputHash: "" },
  corrupt: [],
  duplicates: [],
  videos: [],
  classes: [],
  metadata: [],
  examples: [],
  pretagging: [],
};

export interface MadeOptions {
  readonly items?: number;
  readonly selected?: number;
  readonly corrupt?: number;
  readonly duplicates?: number;
  readonly nameOf?: (index: number) => string;
}

/** Facts of an invented run: every column is filled, and everything follows from the options. */
export function madeFacts({ items = 500, selected = Math.ceil(items / 10), corrupt = 3, duplicates = 7, nameOf = (i) => `folder-${i % 7}/image-${String(i).padStart(6, "0")}.jpg` }: MadeOptions = {}): RunFacts {
  const random = made(items + 1);
  const fileNames = Array.from({ length: items }, (_, i) => nameOf(i));
  const order = fileNames.map((_, i) => i).sort((a, b) => ((a * 7919) % (items + 13)) - ((b * 7919) % (items + 13)));
  const picks = order.slice(0, selected);
  const chosen = new Uint8Array(items);
  for (const pick of picks) chosen[pick] = 1;
  const points = (): Float32Array => Float32Array.from({ length: 2 * items }, () => random() + random() - 1);
  return {
    ...EMPTY_FACTS,
    run: { ...EMPTY_FACTS.run, id: "6564f1a2b3c4d5e6f7a8b9c0", datasetName: "made" },
    itemWord: "images",
    configuration: { docker: { method: "coreset", stopping_condition: { n_samples: selected, min_distance: -1 }, checkpoint: "" }, lightly: { loader: { batch_size: 16 }, seed: 1 } },
    notices: ["something to know"],
    counts: { ...EMPTY_FACTS.counts, listed: items + corrupt + duplicates, images: items + corrupt + duplicates, corrupt, duplicates, candidates: items, selected, uploaded: selected },
    stages: [
      { name: "Embedding", seconds: 12.5, items },
      { name: "Selection", seconds: 0.25, items },
    ],
    encoder: { name: "mobilenetv2-openimages", dimensions: 4 },
    items: {
      fileNames,
      selected: chosen,
      nearestBefore: Float64Array.from({ length: items }, (_, i) => (i % 50 === 49 ? 0 : 0.01 + random() ** 2)),
      nearestAfter: Float64Array.from({ length: selected }, () => 0.4 + random()),
      distanceSearch: { before: { compared: items, total: items, exact: items <= 8192 }, after: { compared: selected, total: selected, exact: true } },
      projections: items < 3 ? [] : [{ method: "PCA", coordinates: points() }, { method: "UMAP", coordinates: points() }],
    },
    selection: {
      method: "coreset",
      stopped: "the number of samples asked for was reached",
      picks,
      reasons: picks.map((_, i) => `pick ${i} lies far from all before it`),
      coverage: Float64Array.from({ length: selected }, (_, i) => 2 / (i + 1)),
      seed: 1,
      inputHash: "00ff00ff",
    },
    corrupt: Array.from({ length: corrupt }, (_, i) => ({ fileName: `broken/${i}.jpg`, reason: "the file ends before the image does" })),
    duplicates: Array.from({ length: duplicates }, (_, i) => ({ fileName: `copies/${i}.jpg`, keptFileName: fileNames[i % Math.max(1, items)] ?? "gone.jpg" })),
    classes: [{ name: "vehicles", kind: "categories", labels: ["car", "bus", "train"], before: [4321, 987, 65], after: [321, 98, 54] }],
    metadata: [{ name: "temperature", kind: "numbers", labels: [-10, 0, 10, 20], before: [40, 110, 210, 140], after: [11, 13, 15, 12] }],
  };
}
