// What a selection in two rounds over shards costs in coverage. Run with `npm run bench -- shards [--n 100000] [--d 64] [--k 1000]
// [--shards 2,4,16,64] [--data clustered,isotropic]`. The peer is the same selection over everything at once; agreement is its radius
// over ours: 1 covers as well, 0.5 leaves the worst sample twice as far. Shards are cut as the server does, one after the other here.
import { parseArgs } from "node:util";
import { matrix, selectSamples, type Matrix } from "@winnow/curation";
import { dataOf } from "./measure/data.ts";
import { report } from "./measure/report.ts";

const { values: options } = parseArgs({
  allowPositionals: true,
  options: { n: { type: "string", default: "100000" }, d: { type: "string", default: "64" }, k: { type: "string", default: "1000" }, shards: { type: "string", default: "2,4,16,64" }, data: { type: "string", default: "clustered,isotropic" } },
});
const [n, d, k] = [Number(options.n), Number(options.d), Number(options.k)];

const select = (points: Matrix, nSamples: number, preselected?: Uint32Array) => selectSamples({ method: "CORESET", size: points.rows, points, nSamples, ...(preselected && { preselected }) });

function rowsOf(points: Matrix, rows: Uint32Array): Matrix {
  const some = matrix(rows.length, d);
  rows.forEach((row, at) => some.data.set(points.data.subarray(row * d, (row + 1) * d), at * d));
  return some;
}

/** How far the worst sample is from a chosen one: the distance of the pick that would be next. */
const radiusOf = async (points: Matrix, picks: Uint32Array) => (await select(points, picks.length + 1, picks)).distances[0]!;

for (const data of options.data.split(",")) {
  const points = dataOf(data, n, d);
  const began = performance.now();
  const whole = await select(points, k);
  const wholeMs = performance.now() - began;
  const best = await radiusOf(points, whole.ordinals);
  for (const shards of options.shards.split(",").map(Number)) {
    const started = performance.now();
    const bound = (part: number) => Math.floor((n * part) / shards);
    const kept: number[] = [];
    let farthest = 0;
    for (let part = 0; part < shards; part++) {
      const [from, to] = [bound(part), bound(part + 1)];
      const shard = matrix(to - from, d);
      shard.data.set(points.data.subarray(from * d, to * d));
      const selection = await select(shard, k);
      farthest = Math.max(farthest, selection.radii.at(-1)!);
      kept.push(...selection.ordinals.map((row) => row + from).toSorted());
    }
    const union = Uint32Array.from(kept);
    const second = await select(rowsOf(points, union), k);
    const ms = performance.now() - started;
    const radius = await radiusOf(points, second.ordinals.map((at) => union[at]!));
    report({ work: `${shards} shards`, data, n, d, k, ms, peer: "at once", peerMs: wholeMs, agreement: best / radius, note: `radius ${radius.toFixed(3)}, said to be at most ${(second.radii.at(-1)! + farthest).toFixed(3)}, at once ${best.toFixed(3)}: ratio` });
  }
}
