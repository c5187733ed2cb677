// Reading embeddings files into a matrix. Run with `npm run bench -- csv [--n 100000] [--d 128] [--quick]` (quick: 10,000 rows).
// The peer is Python's csv module with NumPy, as clients do it: rows from csv.reader, one array per file. Two kinds of text: 8
// digits, as most writers print float32, and 17, as a float32 looks when it is printed as a float64.
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readEmbeddingsCsv } from "@winnow/formats";
import { dataOf } from "./measure/data.ts";
import { python } from "./measure/python.ts";
import { report, timed } from "./measure/report.ts";

const { values: options } = parseArgs({
  allowPositionals: true,
  options: { n: { type: "string" }, d: { type: "string", default: "128" }, quick: { type: "boolean", default: false } },
});

const PYTHON = `
import sys, time, json, csv
import numpy as np
used = cpu()
start = time.perf_counter()
with open(sys.argv[2], newline="") as file:
    reader = csv.reader(file)
    header = next(reader)
    columns = [index for index, name in enumerate(header) if name.startswith("embedding_")]
    first, last = columns[0], columns[-1] + 1
    names, rows = [], []
    for row in reader:
        names.append(row[0])
        rows.append(row[first:last])
x = np.array(rows, dtype=np.float32)
ms = (time.perf_counter() - start) * 1000
cpuMs = cpu() - used
x.tofile(sys.argv[1] + "/points")
print(json.dumps({"ms": ms, "cpuMs": cpuMs, "peakMB": peak()}))
`;

const n = Number(options.n ?? (options.quick ? 10_000 : 100_000));
const d = Number(options.d);
const folder = mkdtempSync(join(tmpdir(), "winnow-bench-"));
try {
  for (const digits of [8, 17]) {
    for (const rows of [Math.ceil(n / 10), n]) {
      const points = dataOf("isotropic", rows, d);
      const path = join(folder, "embeddings.csv");
      const file = createWriteStream(path);
      file.write(`filenames,${Array.from({ length: d }, (_, column) => `embedding_${column}`).join(",")},labels\n`);
      for (let row = 0; row < rows; row++) {
        const values = Array.from(points.data.subarray(row * d, (row + 1) * d), (value) => (digits === 17 ? String(value) : value.toPrecision(8)));
        if (!file.write(`folder/image_${row}.jpg,${values.join(",")},0\n`)) await once(file, "drain");
      }
      file.end();
      await once(file, "close");
      const megabytes = statSync(path).size / 1e6;
      const { ms, cpuMs, result } = await timed(() => readEmbeddingsCsv(createReadStream(path, { highWaterMark: 1 << 20 }), { sizeInBytes: statSync(path).size }));
      const run = python({ modules: ["numpy"], script: PYTHON, args: [path], results: ["points"] });
      const same = run && Buffer.from(result.data.buffer, result.data.byteOffset, rows * d * 4).equals(run.results["points"]!);
      report({
        work: "csv", data: `${digits} digits`, n: rows, d, k: 0, ms, cpuMs,
        ...(run && { peer: "csv + NumPy", peerMs: run.answer["ms"]!, peerCpuMs: run.answer["cpuMs"]!, peerPeakMB: Math.round(run.answer["peakMB"]!), agreement: same ? 1 : 0, note: "same matrix" }),
      });
      console.log(`${"".padEnd(25)} ${megabytes.toFixed(0)} MB: ${(megabytes / ms * 1000).toFixed(0)} MB/s`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
