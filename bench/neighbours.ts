// The k nearest other rows of every row. Run with `npm run bench -- neighbours [options]`:
//   --n 20000 --d 128 --k 15      --data clustered,isotropic      --quick   10,000 rows
// Exact against faiss IndexFlatL2 and scikit-learn's brute force, approximate against faiss IndexHNSWFlat (M = 32, efSearch
// 64, building counted) and against our own exact search. Agreement is recall: the share of the exact lists that is found.
import { parseArgs } from "node:util";
import { nearestNeighbours, type Matrix } from "@winnow/curation";
import { dataOf } from "./measure/data.ts";
import { python } from "./measure/python.ts";
import { report, timed } from "./measure/report.ts";

const { values: options } = parseArgs({
  allowPositionals: true,
  options: { n: { type: "string" }, d: { type: "string", default: "128" }, k: { type: "string", default: "15" }, data: { type: "string", default: "clustered,isotropic" }, quick: { type: "boolean", default: false } },
});

const READ = `
import sys, time, json
import numpy as np
n, d, k = (int(value) for value in sys.argv[2:5])
x = np.fromfile(sys.argv[1] + "/points", dtype=np.float32).reshape(n, d)
used = cpu()
def done(start, ids):
    ms = (time.perf_counter() - start) * 1000
    cpuMs = cpu() - used
    np.ascontiguousarray(ids, dtype=np.int64).tofile(sys.argv[1] + "/ids")
    print(json.dumps({"ms": ms, "cpuMs": cpuMs, "peakMB": peak()}))
`;
const PEERS = [
  { peer: "faiss flat", search: "exact", modules: ["faiss", "numpy"], script: `${READ}
import faiss
used = cpu()
start = time.perf_counter()
index = faiss.IndexFlatL2(d)
index.add(x)
done(start, index.search(x, k + 1)[1])
` },
  { peer: "scikit-learn brute", search: "exact", modules: ["sklearn", "numpy"], script: `${READ}
from sklearn.neighbors import NearestNeighbors
used = cpu()
start = time.perf_counter()
done(start, NearestNeighbors(n_neighbors=k + 1, algorithm="brute", n_jobs=-1).fit(x).kneighbors(x, return_distance=False))
` },
  { peer: "faiss HNSW", search: "approximate", modules: ["faiss", "numpy"], script: `${READ}
import faiss
used = cpu()
start = time.perf_counter()
index = faiss.IndexHNSWFlat(d, 32)
index.hnsw.efSearch = 64
index.add(x)
done(start, index.search(x, k + 1)[1])
` },
] as const;

/** The peers' lists hold the row itself, most often first. */
function withoutSelf(found: BigInt64Array, rows: number, k: number): Uint32Array {
  const ids = new Uint32Array(rows * k);
  for (let row = 0; row < rows; row++) {
    let place = 0;
    for (let index = row * (k + 1); index < (row + 1) * (k + 1) && place < k; index++) {
      const id = Number(found[index]!);
      if (id !== row) ids[row * k + place++] = id;
    }
  }
  return ids;
}

function recall(truth: Uint32Array, found: Uint32Array, k: number): number {
  let hits = 0;
  for (let start = 0; start < truth.length; start += k) {
    const list = truth.subarray(start, start + k);
    for (let index = start; index < start + k; index++) if (list.includes(found[index]!)) hits++;
  }
  return hits / truth.length;
}

async function compare(data: string, points: Matrix, k: number): Promise<void> {
  const { rows, columns } = points;
  const exact = await timed(() => nearestNeighbours(points, { k, search: "exact" }));
  const approximate = await timed(() => nearestNeighbours(points, { k, search: "approximate" }));
  const truth = exact.result.ids;
  const found = recall(truth, approximate.result.ids, k);
  const size = { data, n: rows, d: columns, k, note: "recall" };
  report({ ...size, work: "approximate", ms: approximate.ms, cpuMs: approximate.cpuMs, peer: "our exact", peerMs: exact.ms, peerCpuMs: exact.cpuMs, agreement: found, peerAgreement: 1 });
  console.log(`${"".padEnd(25)} recall as estimated by the search itself ${approximate.result.recall.toFixed(4)}`);
  for (const { peer, search, modules, script } of PEERS) {
    const run = python({ modules, script, args: [rows, columns, k], files: { points: points.data }, results: ["ids"] });
    if (run === undefined) continue;
    const ids = run.results["ids"]!;
    const theirs = recall(truth, withoutSelf(new BigInt64Array(ids.buffer.slice(ids.byteOffset, ids.byteOffset + ids.byteLength)), rows, k), k);
    const measured = { peer, peerMs: run.answer["ms"]!, peerCpuMs: run.answer["cpuMs"]!, peerPeakMB: Math.round(run.answer["peakMB"]!) };
    if (search === "exact") report({ ...size, ...measured, work: "exact", ms: exact.ms, cpuMs: exact.cpuMs, agreement: theirs, note: "lists in common" });
    else report({ ...size, ...measured, work: "approximate", ms: approximate.ms, cpuMs: approximate.cpuMs, agreement: found, peerAgreement: theirs });
  }
}

const n = Number(options.n ?? (options.quick ? 10_000 : 20_000));
for (const data of options.data.split(",")) {
  for (const rows of [Math.ceil(n / 10), n]) await compare(data, dataOf(data, rows, Number(options.d)), Number(options.k));
}
