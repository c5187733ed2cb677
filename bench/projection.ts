// Maps: UMAP against umap-learn (seeded and not) and umap-js, t-SNE against scikit-learn, PCA against scikit-learn.
// Run with `npm run bench -- projection [options]`:
//   --n 20000 --d 64      --data clustered,isotropic      --methods UMAP,TSNE,PCA
//   --slow-rows 5000      umap-js and scikit-learn's t-SNE, whose times run into many minutes, go up to here
//   --quick               2,000 clustered rows, no peers at a tenth of them, umap-learn unseeded only
// umap-learn compiles on first use: it draws a small map first, which isn't counted; since that takes long, it runs seeded
// only at full size. Agreement is trustworthiness (k = 15),
// on 400 rows against all.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { project, type Matrix } from "@winnow/curation";
import { dataOf, uniform } from "./measure/data.ts";
import { python } from "./measure/python.ts";
import { report, timed } from "./measure/report.ts";

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    n: { type: "string" }, d: { type: "string", default: "64" }, data: { type: "string" },
    methods: { type: "string", default: "UMAP,TSNE,PCA" }, "slow-rows": { type: "string", default: "5000" }, quick: { type: "boolean", default: false },
  },
});
const slowRows = Number(options["slow-rows"]);
const NEAR = 15;
const SAMPLE = 400;

const read = (work: string): string => `
import sys, time, json
import numpy as np
n, d = int(sys.argv[2]), int(sys.argv[3])
x = np.fromfile(sys.argv[1] + "/points", dtype=np.float32).reshape(n, d)
${work}
ms = (time.perf_counter() - start) * 1000
np.ascontiguousarray(y, dtype=np.float32).tofile(sys.argv[1] + "/map")
print(json.dumps({"ms": ms, "peakMB": peak()}))
`;
const learned = (seed: string): string => read(`
import umap
umap.UMAP(${seed}).fit_transform(np.random.default_rng(1).normal(size=(5000, d)).astype(np.float32))
start = time.perf_counter()
y = umap.UMAP(${seed}).fit_transform(x)`);
const sklearn = (module: string, call: string): string => read(`
from sklearn.${module} import *
start = time.perf_counter()
y = ${call}.fit_transform(x)`);

const PEERS: Record<string, { peer: string; modules: string[]; script: string; slow?: boolean }[]> = {
  UMAP: [
    { peer: "umap-learn", modules: ["umap", "numpy"], script: learned("") },
    { peer: "umap-learn seeded", modules: ["umap", "numpy"], script: learned("random_state=1") },
  ],
  TSNE: [{ peer: "scikit-learn t-SNE", modules: ["sklearn", "numpy"], script: sklearn("manifold", 'TSNE(init="pca", learning_rate="auto", n_iter=750, n_jobs=-1)'), slow: true }],
  PCA: [{ peer: "scikit-learn PCA", modules: ["sklearn", "numpy"], script: sklearn("decomposition", "PCA(2)") }],
};

/** Trustworthiness (Venna and Kaski 2001) of a sample of rows, with ranks among all. */
function trustworthiness({ data, rows, columns }: Matrix, map: Float32Array): number {
  const there = new Float64Array(rows);
  const here = new Float64Array(rows);
  const sample = Math.min(SAMPLE, rows);
  let penalty = 0;
  for (let index = 0; index < sample; index++) {
    const row = Math.floor((index * rows) / sample);
    for (let other = 0; other < rows; other++) {
      let square = 0;
      for (let column = 0; column < columns; column++) square += (data[row * columns + column]! - data[other * columns + column]!) ** 2;
      there[other] = square;
      here[other] = (map[2 * row]! - map[2 * other]!) ** 2 + (map[2 * row + 1]! - map[2 * other + 1]!) ** 2;
    }
    there[row] = here[row] = Infinity;
    const bound = here.slice().sort()[NEAR - 1]!;
    for (let other = 0, met = 0; other < rows && met < NEAR; other++) {
      if (here[other]! > bound) continue;
      met++;
      let rank = 1;
      for (let third = 0; third < rows; third++) if (there[third]! < there[other]!) rank++;
      penalty += Math.max(0, rank - NEAR);
    }
  }
  return 1 - (2 * penalty) / (sample * NEAR * (2 * rows - 3 * NEAR - 1));
}

interface UmapJs {
  UMAP: new (parameters: { random: () => number }) => { fit(points: number[][]): number[][] };
}

async function umapJs({ data, rows, columns }: Matrix): Promise<{ ms: number; map: Float32Array } | undefined> {
  const folder = process.env["WINNOW_PEERS"] ?? join(tmpdir(), "winnow-peers");
  if (!existsSync(join(folder, "node_modules", "umap-js"))) {
    console.log("left out: umap-js is not there; sh bench/setup-peers.sh installs it");
    return undefined;
  }
  const { UMAP } = createRequire(join(folder, "package.json"))("umap-js") as UmapJs;
  const points = Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * columns, (row + 1) * columns)));
  const { ms, result } = await timed(() => new UMAP({ random: uniform(1) }).fit(points));
  return { ms, map: Float32Array.from(result.flat()) };
}

const n = Number(options.n ?? (options.quick ? 2000 : 20_000));
for (const data of (options.data ?? (options.quick ? "clustered" : "clustered,isotropic")).split(",")) {
  for (const method of options.methods.split(",") as ("UMAP" | "TSNE" | "PCA")[]) {
    for (const rows of [Math.ceil(n / 10), n]) {
      const points = dataOf(data, rows, Number(options.d));
      const { ms, result } = await timed(() => project(points, method));
      const row = { work: method, data, n: rows, d: points.columns, k: NEAR, ms, note: "trustworthiness", agreement: trustworthiness(points, result.data) };
      let alone = true;
      const withPeers = !options.quick || rows === n;
      if (withPeers && method === "UMAP" && rows <= slowRows) {
        const run = await umapJs(points);
        if (run !== undefined) report({ ...row, peer: "umap-js", peerMs: run.ms, peerAgreement: trustworthiness(points, run.map) });
        alone = run === undefined;
      }
      for (const { peer, modules, script, slow } of PEERS[method]!) {
        if (!withPeers || (slow && rows > slowRows) || (peer.endsWith(" seeded") && (options.quick || rows < n))) continue;
        const run = python({ modules, script, args: [rows, points.columns], files: { points: points.data }, results: ["map"] });
        if (run === undefined) continue;
        const bytes = run.results["map"]!;
        const map = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
        report({ ...row, peer, peerMs: run.answer["ms"]!, peerAgreement: trustworthiness(points, map), peerPeakMB: Math.round(run.answer["peakMB"]!) });
        alone = false;
      }
      if (alone) report(row);
    }
  }
}
