// How well and how fast the encoder works on a folder of class folders: npm run bench -- encoder --images PATH
//
// Accuracy: each image is classified by its 5 nearest others (cosine, after the collection's mean is taken away); most
// votes win, ties go to the larger sum of cosines. Speed: decode and resize alone, inference alone, and both together
// from files to vectors, which is `imagesPerSecond`.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { applyState, encodeFolder, fitState, loadEncoder, type Matrix } from "@winnow/embedding";
import { ImageError, listImages, type ListedImage, type Pixels } from "@winnow/media";

const USAGE = "npm run bench -- encoder --images PATH [--encoder NAME|FILE.onnx] [--threads N] [--rounds N]";
const NEIGHBOURS = 5;

interface Classified {
  readonly file: ListedImage;
  readonly label: string;
}

await main().catch((error: unknown) => {
  console.error(`bench encoder: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const options = readOptions();
  const images = await listClasses(options.images);
  const encoder = await loadEncoder(options.encoder, options.threads === undefined ? {} : { threads: options.threads });
  try {
    // Once without a clock: code gets compiled, files come into the system's cache.
    const { fileNames, vectors, broken } = await encodeFolder(encoder, options.images);
    for (const { fileName, reason } of broken) console.error(`left out: ${fileName}: ${reason}`);
    const labelOf = new Map(images.map(({ file, label }) => [file.fileName, label]));
    const kept = fileNames.flatMap((name, row) => (labelOf.has(name) ? [{ row, label: labelOf.get(name)! }] : []));
    const labels = kept.map(({ label }) => label);
    if (new Set(labels).size < 2) throw new Error("fewer than two class folders have images that can be decoded");
    const classified = rowsOf(vectors, kept.map(({ row }) => row));
    const found = vote(applyState(classified, fitState(classified, encoder.name)), labels);

    const whole = new Set(fileNames);
    const files = images.filter(({ file }) => whole.has(file.fileName)).map(({ file }) => file.path);
    const speeds = { decode: 0, inference: 0, together: 0 };
    for (let round = 0; round < options.rounds; round++) {
      const decode = await timed(async () => (await prepareAll(encoder.prepare, files)).length);
      const some = await prepareAll(encoder.prepare, files.slice(0, 64));
      const inference = await timed(async () => (await encoder.encode(some)).rows);
      const together = await timed(async () => (await encodeFolder(encoder, options.images)).fileNames.length);
      speeds.decode = Math.max(speeds.decode, decode);
      speeds.inference = Math.max(speeds.inference, inference);
      speeds.together = Math.max(speeds.together, together);
    }
    print(encoder.name, encoder.dimensions, labels, found, speeds, broken.length);
  } finally {
    await encoder.close();
  }
}

function readOptions() {
  const { values } = parseArgs({
    // The script may have been started with its own name among the arguments.
    args: process.argv.slice(2).filter((argument, i) => !(i === 0 && argument === "encoder")),
    options: {
      images: { type: "string" },
      encoder: { type: "string", default: "default" },
      threads: { type: "string" },
      rounds: { type: "string", default: "2" },
    },
  });
  if (values.images === undefined) throw new Error(`--images is missing: a folder with one sub-folder per class\nusage: ${USAGE}`);
  const whole = (name: string, text: string) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number of at least 1, got ${text}`);
    return value;
  };
  return {
    images: values.images,
    encoder: values.encoder,
    rounds: whole("rounds", values.rounds),
    threads: values.threads === undefined ? undefined : whole("threads", values.threads),
  };
}

async function listClasses(folder: string): Promise<Classified[]> {
  const images: Classified[] = [];
  let outside = 0;
  for await (const file of listImages(folder)) {
    const slash = file.fileName.indexOf("/");
    if (slash < 0) outside++;
    else images.push({ file, label: file.fileName.slice(0, slash) });
  }
  if (outside > 0) console.error(`${outside} images lie in no class folder: they are encoded, but not classified`);
  const classes = new Set(images.map(({ label }) => label));
  if (classes.size < 2) {
    throw new Error(`${folder} has ${classes.size === 0 ? "no folder" : "one folder only"} with images; accuracy needs at least two classes (class = folder)`);
  }
  return images;
}

/** Decodes all, a few at a time as the encoder's own stream does. */
async function prepareAll(prepare: (path: string) => Promise<Pixels>, files: readonly string[]): Promise<Pixels[]> {
  const out: Pixels[] = [];
  const queue = files.values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const path of queue) {
        try {
          out.push(await prepare(path));
        } catch (error) {
          if (!(error instanceof ImageError)) throw error;
        }
      }
    }),
  );
  return out;
}

/** Items per second. */
async function timed(work: () => Promise<number>): Promise<number> {
  const start = performance.now();
  const items = await work();
  return (items * 1000) / (performance.now() - start);
}

function rowsOf({ data, columns }: Matrix, rows: readonly number[]): Matrix {
  const out = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => out.set(data.subarray(row * columns, (row + 1) * columns), i * columns));
  return { data: out, rows: rows.length, columns };
}

/** What each image is taken for by its nearest others. */
function vote(vectors: Matrix, labels: readonly string[]): string[] {
  const { data, rows, columns } = vectors;
  return labels.map((_, i) => {
    const nearest: { row: number; cosine: number }[] = [];
    for (let row = 0; row < rows; row++) {
      if (row === i) continue;
      let cosine = 0;
      for (let j = 0; j < columns; j++) cosine += data[i * columns + j]! * data[row * columns + j]!;
      if (nearest.length === NEIGHBOURS && cosine <= nearest[NEIGHBOURS - 1]!.cosine) continue;
      nearest.push({ row, cosine });
      nearest.sort((a, b) => b.cosine - a.cosine || a.row - b.row);
      nearest.length = Math.min(nearest.length, NEIGHBOURS);
    }
    const votes = new Map<string, { count: number; sum: number }>();
    for (const { row, cosine } of nearest) {
      const had = votes.get(labels[row]!) ?? { count: 0, sum: 0 };
      votes.set(labels[row]!, { count: had.count + 1, sum: had.sum + cosine });
    }
    return [...votes].reduce((best, next) => (next[1].count - best[1].count || next[1].sum - best[1].sum) > 0 ? next : best)[0];
  });
}

function print(
  name: string,
  dimensions: number,
  labels: readonly string[],
  found: readonly string[],
  speeds: { decode: number; inference: number; together: number },
  broken: number,
): void {
  const round = (value: number, digits: number) => Number(value.toFixed(digits));
  const right = labels.filter((label, i) => label === found[i]).length;
  const classes = [...new Set(labels)];
  const width = Math.max(8, ...classes.map((label) => label.length));
  console.log(`encoder ${name}, ${dimensions} wide, ${labels.length} images, ${broken} left out; ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}\n`);
  console.log(`${"class".padEnd(width)}  images  accuracy  mostly taken for`);
  for (const label of classes) {
    const own = labels.flatMap((other, i) => (other === label ? [found[i]!] : []));
    const wrong = new Map<string, number>();
    for (const other of own) if (other !== label) wrong.set(other, (wrong.get(other) ?? 0) + 1);
    const [most] = [...wrong].sort((a, b) => b[1] - a[1]);
    const accuracy = own.filter((other) => other === label).length / own.length;
    console.log(`${label.padEnd(width)}  ${String(own.length).padStart(6)}  ${accuracy.toFixed(3).padStart(8)}  ${most === undefined ? "" : `${most[0]} (${most[1]})`}`);
  }
  console.log(`${"all".padEnd(width)}  ${String(labels.length).padStart(6)}  ${(right / labels.length).toFixed(3).padStart(8)}\n`);
  console.log("stage                 images per second");
  console.log(`decode and resize     ${speeds.decode.toFixed(0).padStart(17)}`);
  console.log(`inference             ${speeds.inference.toFixed(0).padStart(17)}`);
  console.log(`files to vectors      ${speeds.together.toFixed(0).padStart(17)}\n`);
  console.log(
    JSON.stringify({
      accuracy: round(right / labels.length, 4),
      imagesPerSecond: round(speeds.together, 1),
      dimensions,
      images: labels.length,
      broken,
      classes: classes.length,
      decodePerSecond: round(speeds.decode, 1),
      inferencePerSecond: round(speeds.inference, 1),
      encoder: name,
    }),
  );
}
