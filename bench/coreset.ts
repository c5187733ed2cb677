// Coreset against NumPy with BLAS, which keeps the least squared distance per row and multiplies the matrix with each
// new centre: how people write it when they write it well. Run with `npm run bench -- coreset [options]`:
//   --n 100000 --d 512 --k 1000   rows, columns, picks          --data clustered,isotropic
//   --threads 2                   default: all                  --peer-picks 300   0: leave NumPy out
// NumPy needs the same time for every pick, so it makes --peer-picks of them and its time is scaled up to k. While doing
// so it follows our picks and checks each: where its float32 argmax is another row, both are compared in float64.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { matrix, selectSamples, type Matrix } from "@winnow/curation";

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    n: { type: "string", default: "100000" },
    d: { type: "string", default: "512" },
    k: { type: "string", default: "1000" },
    data: { type: "string", default: "clustered,isotropic" },
    threads: { type: "string" },
    "peer-picks": { type: "string", default: "300" },
    rounds: { type: "string", default: "2" },
  },
});

/** A small seeded generator (mulberry32), so that every run measures the same data. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Sums of uniforms are normal enough here and quick. */
function gaussian(next: () => number): () => number {
  return () => (next() + next() + next() + next() - 2) * Math.sqrt(3);
}

/** Independent coordinates: no structure at all, the hardest case for pruning. */
function isotropic(n: number, d: number): Matrix {
  const points = matrix(n, d);
  const normal = gaussian(uniform(1));
  for (let index = 0; index < points.data.length; index++) points.data[index] = normal();
  return points;
}

/**
 * What encoders give: a few hundred groups of very different size, each stretched along a dozen directions of its own
 * with falling variance, over a little noise in all directions.
 */
function clustered(n: number, d: number): Matrix {
  const points = matrix(n, d);
  const next = uniform(2);
  const normal = gaussian(next);
  const groups = 200;
  const inner = 12;
  const centres = Float32Array.from({ length: groups * d }, normal);
  const directions = Float32Array.from({ length: groups * inner * d }, normal);
  const scales = Float32Array.from({ length: groups }, () => 0.2 + 0.6 * next());
  for (let row = 0; row < n; row++) {
    const group = Math.floor(groups * next() ** 2);
    const target = points.data.subarray(row * d, (row + 1) * d);
    for (let column = 0; column < d; column++) target[column] = centres[group * d + column]! + 0.05 * normal();
    for (let axis = 0; axis < inner; axis++) {
      const along = (scales[group]! * normal()) / (1 + 0.3 * axis);
      const start = (group * inner + axis) * d;
      for (let column = 0; column < d; column++) target[column]! += along * directions[start + column]!;
    }
  }
  return points;
}

const NUMPY = `
import sys, time, json
import numpy as np
n, d, steps = int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
x = np.fromfile(sys.argv[1] + "/points", dtype=np.float32).reshape(n, d)
picks = np.fromfile(sys.argv[1] + "/picks", dtype=np.uint32)
norms = np.einsum("ij,ij->i", x, x)
least = np.full(n, np.inf, dtype=np.float32)
busy, same, wrong = 0.0, 0, 0
def exact(row, upto):
    difference = x[picks[:upto]].astype(np.float64) - x[row].astype(np.float64)
    return np.min(np.einsum("ij,ij->i", difference, difference))
for step in range(steps):
    start = time.perf_counter()
    centre = picks[step]
    squares = norms - 2 * (x @ x[centre]) + norms[centre]
    np.minimum(least, squares, out=least)
    farthest = int(np.argmax(least))
    busy += time.perf_counter() - start
    if step + 1 < len(picks):
        if farthest == picks[step + 1]: same += 1
        elif exact(picks[step + 1], step + 1) < exact(farthest, step + 1): wrong += 1
        else: same += 1
print(json.dumps({"ms": busy * 1000, "same": same, "wrong": wrong}))
`;

interface PeerResult {
  ms: number;
  same: number;
  wrong: number;
}

function numpy(points: Matrix, picks: Uint32Array, steps: number): PeerResult | undefined {
  const folder = mkdtempSync(join(tmpdir(), "winnow-bench-"));
  try {
    writeFileSync(join(folder, "points"), points.data);
    writeFileSync(join(folder, "picks"), picks);
    const run = spawnSync("/usr/bin/env", ["python3", "-c", NUMPY, folder, String(points.rows), String(points.columns), String(steps)]);
    if (run.status !== 0) {
      console.log(`NumPy left out: ${run.stderr?.toString().trim().split("\n").pop() || "python3 does not run"}`);
      return undefined;
    }
    return JSON.parse(run.stdout.toString()) as PeerResult;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const d = Number(options.d);
const k = Number(options.k);
const n = Number(options.n);
for (const data of options.data.split(",")) {
  // A tenth first: it warms up, and shows how time grows.
  for (const size of [Math.ceil(n / 10), n]) {
    const points = data === "clustered" ? clustered(size, d) : isotropic(size, d);
    const times: number[] = [];
    let picks = new Uint32Array();
    for (let round = 0; round < Number(options.rounds); round++) {
      const start = performance.now();
      const selection = await selectSamples({
        method: "CORESET", size, points, nSamples: k, ...(options.threads === undefined ? {} : { threads: Number(options.threads) }),
      });
      times.push(performance.now() - start);
      picks = Uint32Array.from(selection.ordinals);
    }
    const ms = Math.min(...times);
    const steps = Math.min(Number(options["peer-picks"]), picks.length);
    const peer = steps > 0 ? numpy(points, picks, steps) : undefined;
    const peerMs = peer && (peer.ms / steps) * picks.length;
    const checked = peer === undefined ? 0 : peer.same + peer.wrong;
    const row = {
      work: "coreset", data, n: size, d, k: picks.length, ms: Math.round(ms), peer: peer && "NumPy with BLAS",
      peerMs: peerMs && Math.round(peerMs), ratio: peerMs && Number((peerMs / ms).toFixed(1)),
      peakMB: Math.round(process.resourceUsage().maxRSS / 1024), agreement: peer && Number((peer.same / checked).toFixed(4)),
    };
    console.log(
      `${data.padEnd(10)} ${String(size).padStart(8)} × ${d}, ${row.k} picks: ${String(row.ms).padStart(6)} ms` +
        (peer ? `; NumPy ${row.peerMs} ms: ${row.ratio} ×; ${peer.same} of ${checked} picks checked are right` : ""),
    );
    console.log(JSON.stringify(row));
  }
}
