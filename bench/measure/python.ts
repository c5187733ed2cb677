/** Peers in Python: a fresh process each, files in a folder of its own, one line of JSON as the answer. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

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
  /** What the script printed last; `ms`, `cpuMs` and `peakMB` by convention. */
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

const MEMORY = "\nimport resource as _r\ndef peak(): return _r.getrusage(_r.RUSAGE_SELF).ru_maxrss / 1024\ndef cpu(): return sum(_r.getrusage(_r.RUSAGE_SELF)[:2]) * 1000\n";

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
