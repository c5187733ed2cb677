import { parentPort } from "node:worker_threads";
import { bindKernels } from "../kernels/kernels.ts";
import type { WasmMemory } from "../kernels/webassembly.ts";
import { BUSY, EPOCH, runBlocks, STOP, WORDS, type BlockFunction, type Invitation } from "./control.ts";

// The entry of a helper thread: joins one session after the other and sleeps in between.
parentPort?.on("message", ({ control, memory, module, names }: Invitation) => {
  const words = new Int32Array(control, 0, WORDS);
  const numbers = new Float64Array(control, WORDS * 4);
  const kernels = bindKernels(module, memory as WasmMemory) as unknown as Record<string, BlockFunction>;
  let epoch = 0;
  for (;;) {
    Atomics.wait(words, EPOCH, epoch);
    epoch = Atomics.load(words, EPOCH);
    if (Atomics.load(words, STOP) !== 0) return;
    Atomics.add(words, BUSY, 1);
    runBlocks(words, numbers, kernels, names);
    if (Atomics.sub(words, BUSY, 1) === 1) Atomics.notify(words, BUSY);
  }
});
