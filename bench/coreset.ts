// Coreset against NumPy with BLAS, which keeps the least squared distance per row and multiplies the matrix with each
// new centre: how people write it when they write it well. Run with `npm run bench -- coreset [options]`:
//   --n 100000 --d 512 --k 1000   rows, columns, picks          --data clustered,isotropic
//   --threads 2                   default: all                  --peer-picks 300   0: leave NumPy out
//   --quick                       20,000 × 128, 300 picks
// NumPy needs the same time for every pick, so it makes --peer-picks of them and its time is scaled up to k. While doing
// so it follows our picks and checks each: where its float32 argmax is another row, both are compared in float64.
// The other benchmarks take their data, their peers in Python and their report from this file; importing it runs nothing.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { matrix, selectSamples, type Matrix } from "@winnow/curation";

// ---- The benchmark --------------------------------------------------------------------------------------------

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

async function coreset(): Promise<void> {
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
    },
  });
  const n = Number(options.n ?? (options.quick ? 20_000 : 100_000));
  const d = Number(options.d ?? (options.quick ? 128 : 512));
  const k = Number(options.k ?? (options.quick ? 300 : 1000));
  for (const data of options.data.split(",")) {
    // A tenth first: it warms up, and shows how time grows.
    for (const size of [Math.ceil(n / 10), n]) {
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
}

// ---- Data ------------------------------------------------------------------------------------------------

// Seeded data that every benchmark shares: the same on every machine.

export type DataKind = "clustered" | "isotropic";

/** A small seeded generator (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Sums of uniforms are normal enough here and quick. */
export function gaussian(next: () => number): () => number {
  return () => (next() + next() + next() + next() - 2) * Math.sqrt(3);
}

export function dataOf(kind: string, n: number, d: number): Matrix {
  if (kind === "clustered") return clustered(n, d);
  if (kind === "isotropic") return isotropic(n, d);
  throw new RangeError(`--data takes clustered and isotropic, got ${kind}`);
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

// ---- Peers in Python -------------------------------------------------------------------------------------

// Peers in Python: a fresh process each, files in a folder of its own, one line of JSON as the answer.

export interface PythonRun {
  /** Modules that the script imports; where no Python has them all, the peer is left out with a note. */
  readonly modules: readonly string[];
  readonly script: string;
  /** Becomes sys.argv[2 …]; sys.argv[1] is the folder. */
  readonly args?: readonly (string | number)[];
  /** Written into the folder before. */
  readonly files?: Readonly<Record<string, Uint8Array | Float32Array | Uint32Array | string>>;
  /** Read from the folder afterwards. */
  readonly results?: readonly string[];
}

export interface PythonAnswer {
  /** What the script printed last; `ms` and `peakMB` by convention. */
  readonly answer: Record<string, number>;
  readonly results: Readonly<Record<string, Buffer>>;
}

const interpreters = new Map<string, string | undefined>();

/** The first Python that can import the modules: WINNOW_PYTHON, the one in the path, the system's own. */
function pythonWith(modules: readonly string[]): string | undefined {
  const key = modules.join(", ");
  if (!interpreters.has(key)) {
    const candidates = [process.env["WINNOW_PYTHON"], "python3", "/usr/bin/python3"].filter((name) => name !== undefined);
    const found = candidates.find((name) => spawnSync(name, ["-c", `import ${key}`]).status === 0);
    interpreters.set(key, found);
    if (found === undefined) console.log(`left out: no Python here has ${key}; sh bench/setup-peers.sh installs what is missing`);
  }
  return interpreters.get(key);
}

const MEMORY = "\nimport resource as _r\ndef peak(): return _r.getrusage(_r.RUSAGE_SELF).ru_maxrss / 1024\n";

export function python({ modules, script, args = [], files = {}, results = [] }: PythonRun): PythonAnswer | undefined {
  const interpreter = pythonWith(modules);
  if (interpreter === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "winnow-bench-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const run = spawnSync(interpreter, ["-W", "ignore", "-c", MEMORY + script, folder, ...args.map(String)], { maxBuffer: 1 << 26 });
    if (run.status !== 0) {
      console.log(`left out: ${run.stderr?.toString().trim().split("\n").pop() || `${interpreter} ended with ${run.status}`}`);
      return undefined;
    }
    const answer = JSON.parse(run.stdout.toString().trim().split("\n").pop()!) as Record<string, number>;
    return { answer, results: Object.fromEntries(results.map((name) => [name, readFileSync(join(folder, name))])) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// ---- Report ----------------------------------------------------------------------------------------------

// The rows that every benchmark prints: a line to read and a line of JSON.

export interface Row {
  readonly work: string;
  readonly data: string;
  readonly n: number;
  readonly d: number;
  readonly k: number;
  readonly ms: number;
  readonly peer?: string | undefined;
  readonly peerMs?: number | undefined;
  /** How far our answer and the peer's agree, 0 … 1: picks, recall, trustworthiness; what it is stands in the printed line. */
  readonly agreement?: number | undefined;
  readonly peerAgreement?: number | undefined;
  readonly peerPeakMB?: number | undefined;
  /** What `agreement` measures. */
  readonly note?: string | undefined;
}

const smallest = new Map<string, { n: number; ms: number }>();

export function report({ note, ...row }: Row): void {
  const ratio = row.peerMs === undefined ? undefined : Number((row.peerMs / row.ms).toPrecision(3));
  const key = `${row.work} ${row.data}`;
  const before = smallest.get(key);
  if (before === undefined) smallest.set(key, row);
  const growth = before !== undefined && row.n > before.n ? `; × ${(row.ms / before.ms).toFixed(1)} for × ${(row.n / before.n).toFixed(0)} rows` : "";
  const size = `${row.n} × ${row.d}${row.k > 0 ? `, ${row.k}` : ""}`;
  const peer = row.peer === undefined ? "" : `; ${row.peer} ${shown(row.peerMs)} ms: ${ratio} ×`;
  const agreement = row.agreement === undefined ? "" : `; ${note ?? "agreement"} ${row.agreement.toFixed(4)}${row.peerAgreement === undefined ? "" : ` (theirs ${row.peerAgreement.toFixed(4)})`}`;
  console.log(`${row.work.padEnd(14)} ${row.data.padEnd(10)} ${size.padStart(20)} ${shown(row.ms).padStart(8)} ms${peer}${agreement}${growth}`);
  console.log(JSON.stringify({ ...row, ms: rounded(row.ms), peerMs: rounded(row.peerMs), ratio, peakMB: Math.round(process.resourceUsage().maxRSS / 1024), load: Number(loadavg()[0]!.toFixed(1)) }));
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Number(ms.toPrecision(4));
}

function shown(ms: number | undefined): string {
  return ms === undefined ? "?" : ms < 100 ? ms.toPrecision(3) : ms.toFixed(0);
}

/** Milliseconds of a piece of work, and what it gave. */
export async function timed<T>(work: () => T | Promise<T>): Promise<{ ms: number; result: T }> {
  const start = performance.now();
  const result = await work();
  return { ms: performance.now() - start, result };
}

/** The least time of several repetitions. */
export async function least(rounds: number, work: () => unknown): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) best = Math.min(best, (await timed(work)).ms);
  return best;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await coreset();
