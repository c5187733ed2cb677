import type { Worker } from "node:worker_threads";
import type { PlainRows, RowLayout, Slab } from "./plain-rows.ts";

/** What a thread is sent: a file's slabs before the first of them is to be read, at last that they aren't needed any more. */
export type SlabMessage =
  | { readonly file: number; readonly slabs: readonly Slab[]; readonly layout: RowLayout; readonly open: Int32Array }
  | { readonly file: number; readonly slab: number; readonly length: number; readonly turn: number }
  | { readonly file: number; readonly done: true };

interface Started {
  readonly worker: Worker;
  up: boolean;
  /** Files whose slabs it knows. */
  readonly files: Set<number>;
  /** In the order in which they were sent; undefined: it didn't read it, because somebody else does or it died. */
  readonly waiting: ((rows: PlainRows | undefined) => void)[];
}

// Starting a thread takes tens of milliseconds, so they are kept for the next file. They never keep the process alive,
// unless somebody waits for one.
const started: Started[] = [];
const THREADS_MAX = 15;
/** Each has one slab to work on and some to go on with while this thread reads one itself. */
export const AHEAD = 3;

const onNode = typeof process === "object" && typeof process.versions?.node === "string";

/**
 * Starts threads so that there are as many, this one counted, unless they are there already. Nobody waits until they
 * are up.
 * @returns how many others there are; 0 where threads can't be had
 */
export async function startThreads(threads: number | undefined): Promise<number> {
  if (!onNode || threads === 1) return 0;
  const { availableParallelism } = await import("node:os");
  const others = Math.min((threads ?? availableParallelism()) - 1, THREADS_MAX);
  // The engine is only loaded where it is needed.
  const url = others > started.length ? await (await import("@winnow/curation")).threadFile(import.meta.url, "./worker.js") : undefined;
  if (url !== undefined) {
    const { Worker } = await import("node:worker_threads");
    while (started.length < others) started.push(start(new Worker(url)));
  }
  return Math.min(others, started.length);
}

function start(worker: Worker): Started {
  const thread: Started = { worker, up: false, files: new Set(), waiting: [] };
  worker.unref();
  worker.on("message", (message: PlainRows | undefined | true) => {
    if (message === true) thread.up = true;
    else thread.waiting.shift()?.(message);
    if (thread.waiting.length === 0) worker.unref();
  });
  // One that fails is only a slower run: what it was to do is done by who waits for it.
  worker.on("error", () => {});
  worker.on("exit", () => {
    started.splice(started.indexOf(thread), 1);
    for (const answer of thread.waiting.splice(0)) answer(undefined);
  });
  return thread;
}

/** A file that is read by several threads. */
export interface SharedReading {
  /** Gives the slab at this place to a thread. @returns what it reads, or undefined when all have enough to do */
  send(slab: number, length: number): Promise<PlainRows | undefined> | undefined;
  /** Takes back a slab that was given away. @returns false when somebody has begun with it */
  takeBack(slab: number): boolean;
  close(): void;
}

let files = 0;
/** What a slab that nobody is to begin with any more has instead of its turn. */
const TAKEN = 0;

/** Whoever gets true is the one to read the slab. */
export function begin(open: Int32Array, slab: number, turn: number): boolean {
  return Atomics.compareExchange(open, slab, turn, TAKEN) === turn;
}

/** @param others how many threads may be used beside this one */
export function shareReading(slabs: readonly Slab[], layout: RowLayout, others: number): SharedReading {
  const file = files++;
  // Which turn of each slab may be begun with: a thread may come to a message about a slab that has other rows by then.
  const open = new Int32Array(new SharedArrayBuffer(4 * slabs.length));
  let turns = 0;
  return {
    takeBack: (slab) => open[slab] !== TAKEN && begin(open, slab, open[slab]!),
    send(slab, length) {
      let least: Started | undefined;
      for (const thread of started.slice(0, others)) {
        if (thread.up && thread.waiting.length < (least?.waiting.length ?? AHEAD)) least = thread;
      }
      if (least === undefined) return undefined;
      const { worker, waiting } = least;
      worker.ref();
      if (!least.files.has(file)) post(worker, { file, slabs, layout, open });
      least.files.add(file);
      const turn = ++turns;
      Atomics.store(open, slab, turn);
      post(worker, { file, slab, length, turn });
      return new Promise((resolve) => void waiting.push(resolve));
    },
    close() {
      for (const thread of started) if (thread.files.delete(file)) post(thread.worker, { file, done: true });
    },
  };
}

function post(worker: Worker, message: SlabMessage): void {
  worker.postMessage(message);
}
