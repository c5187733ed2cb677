// Groups of near-duplicates at a cosine distance. Run with `npm run bench -- duplicates [options]`:
//   --n 100000 --d 128 --threshold 0.001       --data clustered,isotropic      --quick   50,000 rows
//   (a million clustered rows took five minutes)
//   --peer-rows 30000                          faiss goes up to here: it compares all pairs
// One row in twenty is a copy of another with a little noise. The peer is faiss' range search over all pairs of rows
// scaled to length 1; agreement is the share of rows about which both say the same (has a near-duplicate or not).
import { parseArgs } from "node:util";
import { nearDuplicates, type Matrix } from "@winnow/curation";
import { dataOf, gaussian, uniform } from "./measure/data.ts";
import { python } from "./measure/python.ts";
import { report, timed } from "./measure/report.ts";

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    n: { type: "string" }, d: { type: "string", default: "128" }, threshold: { type: "string", default: "0.001" },
    data: { type: "string", default: "clustered,isotropic" }, "peer-rows": { type: "string", default: "30000" }, quick: { type: "boolean", default: false },
  },
});

const FAISS = `
import sys, time, json
import numpy as np, faiss
n, d, threshold = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
x = np.fromfile(sys.argv[1] + "/points", dtype=np.float32).reshape(n, d)
start = time.perf_counter()
faiss.normalize_L2(x)
index = faiss.IndexFlatL2(d)
index.add(x)
limits, _, _ = index.range_search(x, 2 * threshold)
ms = (time.perf_counter() - start) * 1000
(np.diff(limits) > 1).astype(np.uint8).tofile(sys.argv[1] + "/found")
print(json.dumps({"ms": ms, "peakMB": peak()}))
`;

function withCopies(points: Matrix): Matrix {
  const { data, rows, columns } = points;
  const next = uniform(3);
  const normal = gaussian(next);
  for (let row = 0; row < rows; row += 20) {
    const original = Math.floor(next() * rows);
    for (let column = 0; column < columns; column++) data[row * columns + column] = data[original * columns + column]! + 0.01 * normal();
  }
  return points;
}

const threshold = Number(options.threshold);
const n = Number(options.n ?? (options.quick ? 50_000 : 100_000));
const peerRows = Number(options["peer-rows"]);
for (const data of options.data.split(",")) {
  // Where the peer can follow, then a tenth, then all.
  const sizes = new Set([Math.min(peerRows, Math.ceil(n / 10)), Math.ceil(n / 10), n]);
  for (const rows of sizes) {
    const points = withCopies(dataOf(data, rows, Number(options.d)));
    const { ms, result } = await timed(() => nearDuplicates(points, { threshold }));
    const size = { work: "duplicates", data, n: rows, d: points.columns, k: 0, ms };
    const run = rows > peerRows ? undefined : python({ modules: ["faiss", "numpy"], script: FAISS, args: [rows, points.columns, threshold], files: { points: points.data }, results: ["found"] });
    if (run === undefined) {
      report(size);
      continue;
    }
    const ours = new Uint8Array(rows);
    for (const group of result) for (const row of group) ours[row] = 1;
    const agreement = ours.reduce((sum, flag, row) => sum + (flag === run.results["found"]![row] ? 1 : 0), 0) / rows;
    report({ ...size, peer: "faiss range", peerMs: run.answer["ms"]!, agreement, note: "same rows", peerPeakMB: Math.round(run.answer["peakMB"]!) });
  }
}
