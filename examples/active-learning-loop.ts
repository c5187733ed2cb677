/**
 * Active learning, all of it: select, label, train, predict, select what the model is unsure about, again. The model is a
 * small one that is trained right here: logistic regression on the embeddings.
 *
 *     npm run example -- active-learning-loop
 *
 * It brings its own server and draws its own images, four kinds of patterns of which one is rare; whoever labels is the
 * program that drew them. With images of yours, `label` is the labelling tool and `train` your training.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ActiveLearningAgent, ApiWorkflowClient, ScorerClassification, SelectionConfig } from "@winnow/client";
import { applyState, encodeFolder, fitState, loadEncoder } from "@winnow/embedding";
import { writeEmbeddingsCsv } from "@winnow/formats";
import { encodeJpeg } from "@winnow/media";
import { startServer } from "@winnow/server";

const KINDS = ["stripes", "checks", "rings", "dots"] as const;
/** How many of each: rings are rare. */
const COUNTS = [70, 70, 12, 70];
const ROUNDS = [8, 16, 24, 32];

const own = await mkdtemp(join(tmpdir(), "winnow-loop-"));
const folder = join(own, "images");
const token = "the-token-of-this-example";
const server = await startServer({ dataFolder: join(own, "data"), port: 0, ownerToken: token, logLevel: "silent" });
const random = randomNumbers(7);

const truth = new Map<string, number>();
await mkdir(folder);
for (const [kind, count] of COUNTS.entries()) {
  for (let i = 0; i < count; i++) {
    // Names say nothing of the kind, and files of a kind don't lie together.
    const name = `${Math.floor(random() * 1e9).toString(36)}.jpg`;
    await writeFile(join(folder, name), await draw(kind));
    truth.set(name, kind);
  }
}
const label = (name: string): number => truth.get(name)!;

const encoder = await loadEncoder();
const encoded = await encodeFolder(encoder, folder);
await encoder.close();
const centred = applyState(encoded.vectors, fitState(encoded.vectors, encoder.name));
const width = centred.columns;
const vectors = new Map(encoded.fileNames.map((name, i) => [name, centred.data.subarray(i * width, (i + 1) * width)]));
const csv = join(own, "embeddings.csv");
await writeFile(csv, writeEmbeddingsCsv(encoded.fileNames.map((fileName) => ({ fileName, values: vectors.get(fileName)! }))));

// ------------------------------------------------------------------------------------------------------------------
const client = new ApiWorkflowClient({ token, serverUrl: server.url });
await client.createDataset("patterns");
await client.uploadDataset(folder, { mode: "thumbnails" });
await client.uploadEmbeddings(csv, "default");
const agent = new ActiveLearningAgent(client);
const all = await agent.querySet;

let scorer: ScorerClassification | undefined;
for (const [round, nSamples] of ROUNDS.entries()) {
  // The first round knows no model: the images that are most unlike each other. Later ones: unlike, and unclear to the model.
  await agent.query(new SelectionConfig({ method: scorer ? "CORAL" : "CORESET", nSamples, name: `round ${round + 1}` }), scorer);
  const labelled = await agent.labeledSet;
  const predict = train(labelled.map((name) => vectors.get(name)!), labelled.map(label));
  scorer = new ScorerClassification(all.map((name) => predict(vectors.get(name)!)));
  report(`round ${round + 1}: ${labelled.length} labelled`, labelled, predict);
}
// ------------------------------------------------------------------------------------------------------------------

const last = ROUNDS.at(-1)!;
const drawn = [...all].map((name) => ({ name, at: random() })).toSorted((a, b) => a.at - b.at).slice(0, last).map(({ name }) => name);
report(`at random: ${last} labelled`, drawn, train(drawn.map((name) => vectors.get(name)!), drawn.map(label)));

await server.close();
await rm(own, { recursive: true, force: true, maxRetries: 3 });

/** How well the model does on everything that isn't labelled, and whether it knows the rare kind. */
function report(title: string, labelled: readonly string[], predict: (vector: Float32Array) => number[]): void {
  const rest = all.filter((name) => !labelled.includes(name));
  const right = rest.filter((name) => largest(predict(vectors.get(name)!)) === label(name)).length;
  const kinds = KINDS.map((kind, i) => `${labelled.filter((name) => label(name) === i).length} ${kind}`).join(", ");
  console.log(`${title} (${kinds}), ${((100 * right) / rest.length).toFixed(1)} % of the others right`);
}

/** Logistic regression by gradient descent. @returns a function from a vector to a probability for each kind */
function train(rows: readonly Float32Array[], labels: readonly number[]): (vector: Float32Array) => number[] {
  const weights = KINDS.map(() => new Float64Array(width + 1));
  const predict = (vector: Float32Array): number[] => {
    const logits = weights.map((row) => vector.reduce((sum, value, i) => sum + value * row[i]!, row[width]!));
    const top = Math.max(...logits);
    const raised = logits.map((logit) => Math.exp(logit - top));
    const sum = raised.reduce((a, b) => a + b, 0);
    return raised.map((value) => value / sum);
  };
  const step = 20;
  for (let pass = 0; pass < 150; pass++) {
    const errors = rows.map((row, i) => predict(row).map((probability, kind) => probability - (labels[i] === kind ? 1 : 0)));
    for (const [kind, row] of weights.entries()) {
      for (const [i, vector] of rows.entries()) {
        const change = (step * errors[i]![kind]!) / rows.length;
        for (let j = 0; j < width; j++) row[j]! -= change * vector[j]!;
        row[width]! -= change;
      }
    }
  }
  return predict;
}

function largest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

function draw(kind: number): Promise<Uint8Array> {
  const size = 160;
  const data = new Uint8Array(size * size * 3);
  const [step, angle, shift] = [10 + 14 * random(), Math.PI * random(), size * random()];
  const colours = [0, 1].map(() => [0, 1, 2].map(() => 255 * random()));
  for (let y = 0, at = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [u, v] = [x * Math.cos(angle) + y * Math.sin(angle) + shift, y * Math.cos(angle) - x * Math.sin(angle) + shift];
      const waves = [Math.sin(u / step * 2), Math.sign(Math.sin(u / step * 2) * Math.sin(v / step * 2)), Math.sin((Math.hypot(x - size / 2, y - size / 2) / step) * 3), Math.sin(u / step * 2) + Math.sin(v / step * 2) - 1.2];
      const colour = colours[waves[kind]! > 0 ? 1 : 0]!;
      for (let c = 0; c < 3; c++) data[at++] = Math.max(0, Math.min(255, colour[c]! + 60 * (random() - 0.5)));
    }
  }
  return encodeJpeg({ width: size, height: size, data });
}

/** Numbers 0 … 1 that are the same every time (Lehmer's generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 0x7fff_ffff) / 0x7fff_ffff;
}
