// Does selecting help? A folder of classes (class = folder) is embedded; each method selects 5, 10 and 20 % of it, and a
// 5-NN and a logistic-regression classifier that know the labels of the selection only are asked about all other images.
//   npm run bench -- quality --images PATH [--encoder NAME|FILE.onnx] [--seeds 20] [--repeats 8] [--duplicate 0.5]
// Vectors are those that the platform selects by: the encoder's, without their mean, of unit length. RANDOM is drawn with
// --seeds seeds. CORAL and ACTIVE_LEARNING need scores, which nobody has before the first labels: half of each selection is
// drawn at random (the same seeds), a classifier is trained on it, and the other half is selected by its margins.
// A second table is of the same images as videos or bursts show them: some once, some many times (up to --repeats), each
// repetition slightly changed; accuracy there is that on the images behind, each counted once.
// A duplicate pair are two picks nearer than --duplicate (euclidean, 0 … 2).
import { parseArgs } from "node:util";
import { BitMask, matrix, type Matrix, ScorerClassification, selectByStrategies, selectSamples } from "@winnow/curation";
import { applyState, encodeFolder, fitState, loadEncoder } from "@winnow/embedding";
import { accuracyOnRest, cosines, type Lesson, logisticRegression, nearestVote } from "./measure/classifiers.ts";
import { gaussian, uniform } from "./measure/data.ts";
import { peakMB } from "./measure/report.ts";

const SHARES = [0.05, 0.1, 0.2];

/** Samples to select from: images, or repetitions of them. */
interface Collection {
  readonly title: string;
  readonly points: Matrix;
  /** Distances between all, by cosine; see {@link cosines}. */
  readonly table: Float64Array;
  readonly labels: Uint32Array;
  readonly classes: number;
  /** The image behind each sample. */
  readonly imageOf: Uint32Array;
}

interface Method {
  readonly name: string;
  /** Whether chance has a part, so that it is done with many seeds. */
  readonly drawn: boolean;
  select(collection: Collection, count: number, seed: number): Promise<Uint32Array>;
}

const byMethod = (method: "RANDOM" | "CORESET"): Method => ({
  name: method,
  drawn: method === "RANDOM",
  select: async ({ points }, nSamples, seed) => (await selectSamples({ method, size: points.rows, points, nSamples, seed })).ordinals,
});

/** Half at random, the other half by what a classifier trained on it is unsure of. */
const byScores = (method: "CORAL" | "ACTIVE_LEARNING"): Method => ({
  name: method,
  drawn: true,
  async select(collection, nSamples, seed) {
    const { points, classes } = collection;
    const first = (await selectSamples({ method: "RANDOM", size: points.rows, nSamples: Math.ceil(nSamples / 2), seed })).ordinals;
    const likely = logisticRegression(lessonOf(collection, first));
    const rows = Array.from({ length: points.rows }, (_, row) => Array.from(likely.subarray(row * classes, (row + 1) * classes)));
    const { uncertainty_margin: margins } = await new ScorerClassification(rows).calculateScores();
    const { ordinals } = await selectSamples({ method, size: points.rows, points, scores: Float64Array.from(margins!), preselected: first, nSamples });
    return Uint32Array.of(...first, ...ordinals);
  },
});

const byStrategies = (name: string, strategies: readonly object[]): Method => ({
  name,
  drawn: false,
  select: async ({ points }, nSamples) =>
    (await selectByStrategies({ size: points.rows, selection: { nSamples, strategies: strategies.map((strategy) => ({ input: { type: "EMBEDDINGS" }, strategy })) }, values: strategies.map(() => ({ points })) })).ordinals,
});

const typicality = { type: "TYPICALITY", numNearestNeighbors: 10 };
const METHODS: readonly Method[] = [
  byMethod("RANDOM"),
  byMethod("CORESET"),
  byScores("CORAL"),
  byScores("ACTIVE_LEARNING"),
  byStrategies("TYPICALITY", [typicality]),
  byStrategies("DIVERSITY + TYPICALITY", [{ type: "DIVERSITY" }, typicality]),
];

function lessonOf({ points, table, labels, classes }: Collection, picked: Uint32Array): Lesson {
  return { rows: points.rows, table, labels, classes, picked };
}

interface Quality {
  readonly covered: number;
  readonly radius: number;
  readonly duplicates: number;
  readonly nearest: number;
  readonly regression: number;
}

/** @param images the collection of the images themselves, which is asked about */
function qualityOf(collection: Collection, images: Collection, picked: Uint32Array, duplicate: number): Quality {
  const { points: { rows }, table, labels, imageOf } = collection;
  const distance = (a: number, b: number): number => Math.sqrt(Math.max(0, 2 - 2 * table[a * rows + b]!));
  let radius = 0;
  for (let row = 0; row < rows; row++) radius = Math.max(radius, picked.reduce((least, one) => Math.min(least, distance(row, one)), Infinity));
  let duplicates = 0;
  picked.forEach((one, at) => picked.subarray(at + 1).forEach((other) => (duplicates += distance(one, other) < duplicate ? 1 : 0)));
  const known = lessonOf(images, BitMask.fromOrdinals(picked.map((one) => imageOf[one]!), images.points.rows).ordinals());
  return { covered: new Set(picked.map((one) => labels[one]!)).size, radius, duplicates, nearest: nearestVote(known), regression: accuracyOnRest(logisticRegression(known), known) };
}

function collectionOf(title: string, points: Matrix, labels: Uint32Array, classes: number, imageOf = Uint32Array.from(labels, (_, row) => row)): Collection {
  return { title, points, table: cosines(points), labels, classes, imageOf };
}

/** The images as bursts show them: how often each comes falls off as in most collections, each time a little different. */
function repeated({ title, points, labels, classes }: Collection, most: number): Collection {
  const next = uniform(4);
  const normal = gaussian(next);
  const imageOf: number[] = [];
  for (let image = 0; image < points.rows; image++) for (let time = Math.ceil(most * next() ** 4); time > 0; time--) imageOf.push(image);
  const { columns } = points;
  const all = matrix(imageOf.length, columns);
  imageOf.forEach((image, row) => {
    const target = all.data.subarray(row * columns, (row + 1) * columns);
    // Some 0.1 away from the image.
    for (let column = 0; column < columns; column++) target[column] = points.data[image * columns + column]! + (0.1 / Math.sqrt(columns)) * normal();
    const length = Math.hypot(...target);
    for (let column = 0; column < columns; column++) target[column]! /= length;
  });
  return collectionOf(`${title}, repeated`, all, Uint32Array.from(imageOf, (image) => labels[image]!), classes, Uint32Array.from(imageOf));
}

async function measured(collection: Collection, images: Collection, seeds: number, duplicate: number): Promise<void> {
  const { title, points, classes } = collection;
  console.log(`\n${title}: ${points.rows} samples of ${images.points.rows} images, ${points.columns} wide, ${classes} classes; ${seeds} seeds, mean ± standard deviation\n`);
  console.log(`${"picks".padStart(6)}  ${"method".padEnd(24)}${["classes", "radius", "duplicate pairs", "5-NN", "log. regression"].map((name) => name.padStart(17)).join("")}`);
  for (const share of SHARES) {
    const count = Math.max(1, Math.round(share * points.rows));
    for (const method of METHODS) {
      const start = performance.now();
      const found: Quality[] = [];
      for (let seed = 0; seed < (method.drawn ? seeds : 1); seed++) found.push(qualityOf(collection, images, await method.select(collection, count, seed), duplicate));
      const of = (name: keyof Quality): { mean: number; deviation: number } => {
        const values = found.map((one) => one[name]);
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        return { mean, deviation: values.length < 2 ? 0 : Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) };
      };
      const shown = (name: keyof Quality, digits: number): string => {
        const { mean, deviation } = of(name);
        return (method.drawn ? `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}` : mean.toFixed(digits)).padStart(17);
      };
      console.log(`${String(count).padStart(6)}  ${method.name.padEnd(24)}${shown("covered", 1)}${shown("radius", 3)}${shown("duplicates", 1)}${shown("nearest", 3)}${shown("regression", 3)}`);
      const means = Object.fromEntries((["covered", "radius", "duplicates", "nearest", "regression"] as const).map((name) => [name, Number(of(name).mean.toFixed(4))]));
      console.log(JSON.stringify({ work: `quality ${method.name}`, data: title, n: points.rows, d: points.columns, k: count, ms: Math.round(performance.now() - start), peer: null, peerMs: null, ratio: null, peakMB: peakMB(), agreement: null, seeds: found.length, ...means }));
    }
  }
}

const { values: options } = parseArgs({
  allowPositionals: true,
  options: { images: { type: "string" }, encoder: { type: "string", default: "default" }, seeds: { type: "string", default: "20" }, repeats: { type: "string", default: "8" }, duplicate: { type: "string", default: "0.5" } },
});
if (options.images === undefined) {
  console.error("bench quality: --images is missing: a folder with one sub-folder per class\nusage: npm run bench -- quality --images PATH [--encoder NAME] [--seeds 20] [--repeats 8] [--duplicate 0.5]");
  process.exit(2);
}
const encoder = await loadEncoder(options.encoder);
const { fileNames, vectors, broken } = await encodeFolder(encoder, options.images);
await encoder.close();
for (const { fileName, reason } of broken) console.error(`left out: ${fileName}: ${reason}`);
const kept = fileNames.flatMap((name, row) => (name.includes("/") ? [row] : []));
if (kept.length < fileNames.length) console.error(`${fileNames.length - kept.length} images lie in no class folder and are left out`);
const names = kept.map((row) => fileNames[row]!.slice(0, fileNames[row]!.indexOf("/")));
const classNames = [...new Set(names)];
if (classNames.length < 2) {
  console.error(`bench quality: ${options.images} must have at least two folders with images that can be read`);
  process.exit(2);
}
const chosen = matrix(kept.length, vectors.columns);
kept.forEach((row, at) => chosen.data.set(vectors.data.subarray(row * vectors.columns, (row + 1) * vectors.columns), at * vectors.columns));
const points = matrix(chosen.rows, chosen.columns);
points.data.set(applyState(chosen, fitState(chosen, encoder.name)).data);
const images = collectionOf("images", points, Uint32Array.from(names, (name) => classNames.indexOf(name)), classNames.length);
console.log(`encoder ${encoder.name}; ${classNames.map((name) => `${name} ${names.filter((one) => one === name).length}`).join(", ")}`);
await measured(images, images, Number(options.seeds), Number(options.duplicate));
if (Number(options.repeats) > 1) await measured(repeated(images, Number(options.repeats)), images, Number(options.seeds), Number(options.duplicate));
