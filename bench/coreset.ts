// Coreset against NumPy with BLAS, which keeps the least squared distance per row and multiplies the matrix with each
// new centre: how people write it when they write it well. Run with `npm run bench -- coreset [options]`:
//   --n 100000 --d 512 --k 1000   rows, columns, picks          --data clustered,isotropic
//   --threads 2                   default: all                  --peer-picks 300   0: leave NumPy out
//   --quick                       20,000 × 128, 300 picks
//   --alone                       without the tenth of the rows before, whose memory would count to the peak
// NumPy needs the same time for every pick, so it makes --peer-picks of them and its time is scaled up to k. While doing
// so it follows our picks and checks each: where its float32 argmax is another row, both are compared in float64.
import { parseArgs } from "node:util";
import { selectSamples, type Matrix } from "@winnow/curation";
import { dataOf } from "./measure/data.ts";
import { python } from "./measure/python.ts";
import { report } from "./measure/report.ts";

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
print(json.dumps({"ms": busy * 1000, "same": same, "wrong": wrong, "peakMB": peak()}))
`;

function numpy(points: Matrix, picks: Uint32Array, steps: number) {
  return python({ modules: ["numpy"], script: NUMPY, args: [points.rows, points.columns, steps], files: { points: points.data, picks } })?.answer;
}

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    n: { type: "string" },
    d: { type: "string" },
    k: { type: "string" },
    data: { type: "string", default: "clustered,isotropic" },
    threads: { type: "string" },
    "peer-picks": { type: "string", default: "300" },
    rounds: { type: "string", default: "2" },
    quick: { type: "boolean", default: false },
    alone: { type: "boolean", default: false },
  },
});
const n = Number(options.n ?? (options.quick ? 20_000 : 100_000));
const d = Number(options.d ?? (options.quick ? 128 : 512));
const k = Number(options.k ?? (options.quick ? 300 : 1000));
for (const data of options.data.split(",")) {
  // A tenth first: it warms up, and shows how time grows.
  for (const size of options.alone ? [n] : [Math.ceil(n / 10), n]) {
    const points = dataOf(data, size, d);
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
    const steps = Math.min(Number(options["peer-picks"]), picks.length);
    const peer = steps > 0 ? numpy(points, picks, steps) : undefined;
    report({
      work: "coreset", data, n: size, d, k: picks.length, ms: Math.min(...times), note: "right picks",
      ...(peer && { peer: "NumPy with BLAS", peerMs: (peer["ms"]! / steps) * picks.length, agreement: peer["same"]! / (peer["same"]! + peer["wrong"]!), peerPeakMB: Math.round(peer["peakMB"]!) }),
    });
  }
}
