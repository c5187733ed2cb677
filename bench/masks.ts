// Tags as bit masks. Run with `npm run bench -- masks [--bits 1000000] [--quick]`. The peer is Python with NumPy, as a client
// would do it: int(hex, 16) for reading, | and & on such integers, unpackbits and flatnonzero for ordinals.
import { parseArgs } from "node:util";
import { BitMask } from "@winnow/curation";
import { uniform } from "./measure/data.ts";
import { python } from "./measure/python.ts";
import { least, report } from "./measure/report.ts";

const { values: options } = parseArgs({ allowPositionals: true, options: { bits: { type: "string", default: "1000000" }, quick: { type: "boolean", default: false } } });

const PYTHON = `
import sys, time, json
import numpy as np
a, b = open(sys.argv[1] + "/masks").read().split()
rounds = int(sys.argv[2])
size = 4 * (len(a) - 2)
def least(work):
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best * 1000
x, y = int(a, 16), int(b, 16)
def ordinals():
    return np.flatnonzero(np.unpackbits(np.frombuffer(x.to_bytes(size // 8 + 1, "little"), dtype=np.uint8), bitorder="little"))
print(json.dumps({"from hex": least(lambda: int(a, 16)), "to hex": least(lambda: hex(x)), "union": least(lambda: x | y),
  "intersection": least(lambda: x & y), "to ordinals": least(ordinals), "count": least(lambda: bin(x).count("1")), "ones": len(ordinals())}))
`;

const bits = Number(options.bits);
const rounds = options.quick ? 5 : 50;
for (const [data, share] of [["half", 0.5], ["sparse", 0.01]] as const) {
  // A tenth first, to show how time grows.
  for (const size of [Math.ceil(bits / 10), bits]) {
    const next = uniform(size);
    const random = (): BitMask => BitMask.fromOrdinals(Array.from({ length: size }, (_, ordinal) => ordinal).filter((ordinal) => ordinal === size - 1 || next() < share), size);
    const [a, b] = [random(), random()];
    const hex = a.toHex();
    const peer = python({ modules: ["numpy"], script: PYTHON, args: [rounds], files: { masks: `${hex} ${b.toHex()}` } })?.answer;
    const works: Record<string, () => unknown> = {
      "from hex": () => BitMask.fromHex(hex, size), "to hex": () => a.toHex(), union: () => a.union(b), intersection: () => a.intersection(b),
      "to ordinals": () => a.ordinals(), count: () => a.count,
    };
    for (const [work, run] of Object.entries(works)) {
      const ms = await least(rounds, run);
      report({ work, data, n: size, d: 1, k: 0, ms, ...(peer && { peer: "Python", peerMs: peer[work]!, agreement: peer["ones"] === a.ordinals().length ? 1 : 0, note: "same ordinals" }) });
    }
  }
}
