import { bindKernels, kernelModule, type Kernels } from "../kernels/kernels.ts";
import { canShare } from "../kernels/arena.ts";
import type { WasmMemory } from "../kernels/webassembly.ts";
import {
  ARGUMENTS, ARGUMENTS_MAX, BLOCK_SIZE, BLOCKS, BUSY, CLOSED, CONTROL_BYTES, EPOCH, KERNEL, NEXT, runBlocks, STOP, TOTAL, WORDS,
  type BlockFunction,
} from "./control.ts";
import { inviteThreads, threadCount } from "./threads.ts";
import { yielder } from "./yielder.ts";

export interface SessionOptions {
  threads?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Called when the thread was handed over, some fifty times a second: a good moment to report progress. */
  onTurn?: () => void;
}

/** Kernels on one memory, run by this thread and helpers. */
export interface Session {
  readonly kernels: Kernels;
  /** How many threads work here at most. */
  readonly threads: number;
  /**
   * Runs a kernel on entries 0 … total − 1 in blocks. Blocks are cut by size, not by thread count, and each writes only
   * its own entries: the result is the same whoever runs them. Rejects with the signal's reason, with no block running.
   */
  run(name: keyof Kernels, total: number, blockSize: number, ...rest: number[]): Promise<void>;
  /** To be called often in long loops on this thread: lets the event loop run now and then, throws once aborted. */
  rest(): boolean | Promise<boolean>;
  close(): void;
}

/** @param memory must be shared for more than one thread */
export async function openSession(memory: WasmMemory, { threads: wanted, signal, onTurn }: SessionOptions): Promise<Session> {
  const module = await kernelModule(canShare);
  const kernels = bindKernels(module, memory);
  const blocks = kernels as unknown as Record<string, BlockFunction>;
  const names = Object.keys(blocks).sort();
  const pause = yielder(signal);
  const rest = (): boolean | Promise<boolean> => {
    const paused = pause();
    if (paused === false || onTurn === undefined) return paused;
    return Promise.resolve(paused).then((answer) => {
      onTurn();
      return answer;
    });
  };
  const threads = canShare ? await threadCount(wanted) : 1;
  const control = canShare ? new SharedArrayBuffer(CONTROL_BYTES) : new ArrayBuffer(CONTROL_BYTES);
  const words = new Int32Array(control, 0, WORDS);
  const numbers = new Float64Array(control, WORDS * 4);
  words[NEXT] = CLOSED;
  let dismiss: (() => void) | undefined;

  return {
    kernels,
    threads,
    rest,
    async run(name, total, blockSize, ...args) {
      if (args.length > ARGUMENTS_MAX) throw new RangeError(`a kernel takes at most ${ARGUMENTS_MAX} arguments, got ${args.length}`);
      words[KERNEL] = names.indexOf(name);
      words[TOTAL] = total;
      words[BLOCK_SIZE] = blockSize;
      words[ARGUMENTS] = args.length;
      numbers.set(args);
      Atomics.store(words, BLOCKS, Math.ceil(total / blockSize));
      Atomics.store(words, NEXT, 0);
      if (threads > 1 && total > blockSize) {
        dismiss ??= await inviteThreads(threads - 1, { control: control as SharedArrayBuffer, memory, module, names });
        Atomics.add(words, EPOCH, 1);
        Atomics.notify(words, EPOCH);
      }
      try {
        let paused: boolean | Promise<boolean> = false;
        const due = (): boolean => (paused = rest()) !== false;
        while (!runBlocks(words, numbers, blocks, names, due)) await paused;
      } finally {
        Atomics.store(words, NEXT, CLOSED);
        for (;;) {
          const busy = Atomics.load(words, BUSY);
          if (busy === 0) break;
          // At most one block of each helper is left.
          Atomics.wait(words, BUSY, busy, 1);
        }
      }
    },
    close() {
      Atomics.store(words, STOP, 1);
      Atomics.add(words, EPOCH, 1);
      Atomics.notify(words, EPOCH);
      dismiss?.();
    },
  };
}
