import { DECIMALS } from "./compiled.ts";

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface WebAssemblyNamespace {
  Memory: new (limits: { initial: number }) => Memory;
  compile(bytes: Uint8Array): Promise<object>;
  Instance: new (module: object, imports: object) => { exports: object };
}
// The platform has it; Node's type package does not say so, and the browser's types can't be assumed here.
const wasm = (globalThis as unknown as { WebAssembly?: WebAssemblyNamespace }).WebAssembly;

const PAGE_BYTES = 65_536;
const POWERS_AT = 16;
const WHOLE_POWERS_AT = 2352;
/** Behind the powers; aligned. */
const TEXT_AT = 4096;
/** The kernel looks at eight bytes at a time. */
const SPARE_BYTES = 32;

/** Numbers from the bytes of a text, some hundred millions of digits a second. */
export interface DecimalKernel {
  /**
   * Takes a text to read from: `bytes[from … to)`, of which the byte at `to` must exist and be a line end.
   * @param width the most numbers that are read at a time
   */
  take(bytes: Uint8Array, from: number, to: number, width: number): void;
  /**
   * Reads up to `count` numbers with commas between them into `target`, the first at `at` of the bytes that were taken;
   * `end` is where the record ends.
   * @returns how many were read: fewer where the text isn't a plain finite number, which is to be looked at another way
   */
  read(at: number, end: number, count: number, target: Float32Array, offset: number): number;
  /** Where the last number that was read ends: at a comma or the end of the record. */
  readonly stoppedAt: number;
}

let compiling: Promise<object | undefined> | undefined;

/** A kernel with a memory of its own; undefined where WebAssembly is missing or forbidden, and then JavaScript must do. */
export async function decimalKernel(): Promise<DecimalKernel | undefined> {
  compiling ??= wasm === undefined ? Promise.resolve(undefined) : wasm.compile(Uint8Array.from(atob(DECIMALS), (character) => character.charCodeAt(0))).catch(() => undefined);
  const module = await compiling;
  if (module === undefined) return undefined;
  const memory = new wasm!.Memory({ initial: 1 });
  const abort = (): never => {
    throw new Error("the kernel failed an assertion");
  };
  const { parse } = new wasm!.Instance(module, { env: { memory, abort } }).exports as { parse(at: number, end: number, count: number, into: number): number };
  new Float64Array(memory.buffer, POWERS_AT, 291).forEach((_, exponent, powers) => {
    powers[exponent] = Number(`1e${exponent}`);
  });
  new BigUint64Array(memory.buffer, WHOLE_POWERS_AT, 19).forEach((_, exponent, powers) => {
    powers[exponent] = 10n ** BigInt(exponent);
  });
  let bytes = new Uint8Array(memory.buffer);
  let words = new Uint32Array(memory.buffer, 0, 1);
  let numbers = new Float32Array(0);
  let numbersAt = 0;
  // What `take` was given at 0 lies here.
  let origin = 0;
  return {
    take(text, from, to, width) {
      numbersAt = TEXT_AT + Math.ceil((to + 1 - from + SPARE_BYTES) / 8) * 8;
      const needed = numbersAt + 4 * width + SPARE_BYTES;
      if (needed > memory.buffer.byteLength) {
        memory.grow(Math.ceil((needed - memory.buffer.byteLength) / PAGE_BYTES));
        bytes = new Uint8Array(memory.buffer);
        words = new Uint32Array(memory.buffer, 0, 1);
      }
      numbers = new Float32Array(memory.buffer, numbersAt, width);
      bytes.set(text.subarray(from, to + 1), TEXT_AT);
      origin = TEXT_AT - from;
    },
    read(at, end, count, target, offset) {
      const found = parse(origin + at, origin + end, count, numbersAt);
      target.set(found === numbers.length ? numbers : numbers.subarray(0, found), offset);
      return found;
    },
    get stoppedAt() {
      return words[0]! - origin;
    },
  };
}
