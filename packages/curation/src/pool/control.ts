// How the thread that owns a job and its helpers talk: one small shared block of words and numbers.

/** Positions in the Int32Array. */
export const EPOCH = 0; // raised with every job
export const NEXT = 1; // the next block to be claimed
export const BLOCKS = 2; // how many blocks the job has
export const BUSY = 3; // helpers between noticing a job and having left it
export const STOP = 4; // the session is over
export const KERNEL = 5; // index of the kernel in the list both sides have
export const TOTAL = 6; // entries of the job
export const BLOCK_SIZE = 7; // entries per block
export const ARGUMENTS = 8; // how many arguments follow the block's start and end
export const WORDS = 16;

/** Arguments are float64 behind the words. */
export const ARGUMENTS_MAX = 12;
export const CONTROL_BYTES = WORDS * 4 + ARGUMENTS_MAX * 8;

/**
 * What NEXT holds between jobs: whoever claims then gets a number beyond every job. A helper raises BUSY before it
 * claims, the owner closes before it looks at BUSY: so no helper can claim a block of one job with the arguments of
 * another.
 */
export const CLOSED = 1 << 30;

/** What a helper is sent to join a session. */
export interface Invitation {
  readonly control: SharedArrayBuffer;
  readonly memory: object;
  readonly module: object;
  readonly names: readonly string[];
}

export type BlockFunction = (start: number, end: number, ...rest: number[]) => unknown;

/** Runs blocks of the current job until none is left to claim, or `pause` says to come back later. True when none is left. */
export function runBlocks(
  words: Int32Array,
  numbers: Float64Array,
  kernels: Record<string, BlockFunction>,
  names: readonly string[],
  pause?: () => boolean,
): boolean {
  for (;;) {
    const block = Atomics.add(words, NEXT, 1);
    if (block >= Atomics.load(words, BLOCKS)) return true;
    const size = words[BLOCK_SIZE]!;
    const start = block * size;
    const end = Math.min(start + size, words[TOTAL]!);
    kernels[names[words[KERNEL]!]!]!(start, end, ...numbers.subarray(0, words[ARGUMENTS]!));
    if (pause?.()) return false;
  }
}
