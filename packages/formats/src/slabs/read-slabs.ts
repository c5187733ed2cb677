import { type ByteSource, indexOfByte } from "../csv-records.ts";
import { type DecimalKernel, decimalKernel } from "../decimals/decimal-kernel.ts";
import { type PlainRows, type RowLayout, type Slab, newSlab, readPlainRows } from "./plain-rows.ts";
import { AHEAD, type SharedReading, shareReading, startThreads } from "./threads.ts";

/** What is left to read record by record. */
export interface Rest {
  readonly source: ByteSource;
  /** Where it begins; undefined when nothing was read before. */
  readonly from?: { readonly line: number; readonly fileOffset: number };
}

export interface SlabReading {
  /** Bytes of a slab; a row must fit into one. */
  readonly slabBytes: number;
  /** How many threads at most, this one counted; as many as the machine offers by default. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Takes the first line, with its line feed, and says what rows look like. */
  begin(firstLine: Uint8Array): Promise<RowLayout>;
  /**
   * Takes rows, in file order; the slab is overwritten afterwards. `line` is that of the first one, `fileOffset` its place.
   * @returns false when it can't: the same rows are then left to be read record by record
   */
  take(slab: Slab, rows: PlainRows, line: number, fileOffset: number): boolean;
}

const LINE_FEED = 10;
const QUOTE = 34;

const possible = typeof SharedArrayBuffer === "function" && typeof Buffer === "function";

type Chunks = Iterator<Uint8Array> | AsyncIterator<Uint8Array>;

/** Chunks until there are so many bytes of them, or no more. */
async function firstChunks(unread: Chunks, bytes: number): Promise<{ readonly chunks: Uint8Array[]; readonly ended: boolean }> {
  const chunks: Uint8Array[] = [];
  for (let held = 0; held < bytes; held += chunks.at(-1)!.length) {
    const next = await unread.next();
    if (next.done === true) return { chunks, ended: true };
    // Whoever reads may use the same memory for the next one.
    chunks.push(next.value.slice());
  }
  return { chunks, ended: false };
}

/** Chunks that are there, and then the others. */
async function* following(early: readonly Uint8Array[], unread: Chunks): AsyncGenerator<Uint8Array, void, undefined> {
  yield* early;
  try {
    for (let next = await unread.next(); next.done !== true; next = await unread.next()) yield next.value;
  } finally {
    await unread.return?.();
  }
}

/**
 * Reads rows a slab at a time, each slab on another thread, as long as all is plain: a slab is cut behind its last line
 * feed, which ends a row for certain where the file has had no quote so far. From the first quote on, from the first row
 * that has something wrong with it, and for small files, everything is left to the caller.
 */
export async function readSlabs(source: ByteSource, { slabBytes, threads, signal, begin, take }: SlabReading): Promise<Rest> {
  if (!possible || threads === 1) return { source };
  const unread = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const early = await firstChunks(unread, slabBytes);
  // Slabs take some MiB, which a small file needn't.
  if (early.ended) return { source: early.chunks };
  const chunks = following(early.chunks, unread);
  let chunk = new Uint8Array(0);
  let ended = false;
  let slabs: Slab[] = [];
  let slab = newSlab(slabBytes);
  let held = 0;
  const free: Slab[] = [];
  /** Given out, in file order. */
  const given: { slab: Slab; length: number; rows: PlainRows | undefined; answer: Promise<PlainRows | undefined> | undefined }[] = [];
  let line = 1;
  let fileOffset = 0; // of the first byte that wasn't taken
  let layout: RowLayout | undefined;
  let shared: SharedReading | undefined;
  let kernel: DecimalKernel | undefined;

  async function fill(): Promise<void> {
    while (held < slabBytes) {
      if (chunk.length === 0) {
        const next = await chunks.next();
        if (next.done === true) {
          ended = true;
          return;
        }
        chunk = next.value as Uint8Array<ArrayBuffer>;
      }
      const part = chunk.subarray(0, slabBytes - held);
      slab.text.set(part, held);
      held += part.length;
      chunk = chunk.subarray(part.length);
    }
  }

  /** Takes what the first slab given out has brought. @returns false when it is the last one that can be taken */
  async function takeFirst(): Promise<boolean> {
    const first = given[0]!;
    while (first.rows === undefined) {
      // Instead of waiting: on a busy machine the others may not have come to theirs yet.
      const other = given.find((one) => one.rows === undefined && shared!.takeBack(slabs.indexOf(one.slab)));
      if (other === undefined) first.rows = (await first.answer) ?? readPlainRows(first.slab, first.length, layout!, kernel);
      else other.rows = readPlainRows(other.slab, other.length, layout!, kernel);
    }
    const { rows } = first;
    if (!take(first.slab, rows, line, fileOffset)) return false;
    line += rows.rows;
    fileOffset += rows.bytes;
    if (rows.bytes < first.length) {
      first.slab.text.copyWithin(0, rows.bytes, first.length);
      first.length -= rows.bytes;
      return false;
    }
    given.shift();
    free.push(first.slab);
    return true;
  }

  async function* rest(): AsyncGenerator<Uint8Array> {
    for (const { slab: left, length } of given) yield left.text.subarray(0, length);
    yield slab.text.subarray(0, held);
    yield chunk;
    try {
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  }
  const left = (): Rest => (layout === undefined ? { source: rest() } : { source: rest(), from: { line, fileOffset } });

  try {
    await fill();
    const firstLine = slab.text.subarray(0, indexOfByte(slab.text.subarray(0, held), LINE_FEED, 0) + 1);
    if (ended || firstLine.length === 0 || indexOfByte(firstLine, QUOTE, 0) !== -1) return left();
    // Not for a small file: starting them takes longer than reading it.
    const others = await startThreads(threads);
    if (others === 0) return left();
    kernel = await decimalKernel();
    slabs = [slab, ...Array.from({ length: AHEAD * others + 1 }, () => newSlab(slabBytes))];
    free.push(...slabs.slice(1));
    layout = await begin(firstLine.slice());
    shared = shareReading(slabs, layout, others);
    line = 2;
    fileOffset = firstLine.length;
    slab.text.copyWithin(0, fileOffset, held);
    held -= fileOffset;
    for (;;) {
      await fill();
      signal?.throwIfAborted();
      const text = slab.text.subarray(0, held);
      const length = text.lastIndexOf(LINE_FEED) + 1;
      if (length === 0 || indexOfByte(text, QUOTE, 0) !== -1) break;
      const answer = shared.send(slabs.indexOf(slab), length);
      const one: (typeof given)[number] = { slab, length, rows: undefined, answer };
      given.push(one);
      void answer?.then((rows) => (one.rows ??= rows));
      const next = free.pop()!;
      next.text.set(text.subarray(length));
      slab = next;
      held -= length;
      // Whoever has nothing to do reads: when all the others have enough, that is this one.
      if (answer === undefined) one.rows = readPlainRows(one.slab, length, layout, kernel);
      while (given.length > 0 && (given[0]!.rows !== undefined || free.length === 0)) {
        if (!(await takeFirst())) return left();
      }
      if (ended) break;
    }
    while (given.length > 0) {
      if (!(await takeFirst())) return left();
    }
    return left();
  } catch (error) {
    await chunks.return?.();
    throw error;
  } finally {
    shared?.close();
  }
}
