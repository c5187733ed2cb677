import { PAGE_BYTES, PAGES_MAX, wasm, type WasmMemory } from "./webassembly.ts";

/** Whether threads can share memory here. */
export const canShare = typeof SharedArrayBuffer === "function";

/** Room in a WebAssembly memory that is handed out from the front and given back all at once. */
export interface Arena {
  readonly memory: WasmMemory;
  /** Address of fresh zeros, aligned to 64 bytes. @throws RangeError when 4 GiB are not enough */
  take(bytes: number): number;
  /** Gives everything back; no view into the arena may be used afterwards. */
  release(): void;
}

// The memory behind matrices made by `matrix()`: kernels work on them in place, with their working space behind.
interface Home {
  readonly memory: WasmMemory;
  readonly dataBytes: number;
  busy: boolean;
}
const homes = new WeakMap<object, Home>();

// Every memory reserves gigabytes of address space, so small problems take turns on one.
const SPARE_BYTES_MAX = 16 << 20;
let spare: WasmMemory | undefined;

/** A buffer that kernels can work on in place. */
export function homeBuffer(bytes: number): ArrayBufferLike {
  const memory = newMemory(bytes);
  const buffer = memory.buffer;
  homes.set(buffer, { memory, dataBytes: bytes, busy: false });
  return buffer;
}

/** An arena behind the data of a buffer made by `homeBuffer`, or undefined when it is none or in use. */
export function arenaBehind(buffer: ArrayBufferLike): Arena | undefined {
  const home = homes.get(buffer);
  if (home === undefined || home.busy) return undefined;
  home.busy = true;
  return arenaIn(home.memory, home.dataBytes, () => {
    home.busy = false;
  });
}

/** An arena of its own. */
export function freshArena(): Arena {
  const memory = spare ?? newMemory(PAGE_BYTES);
  spare = undefined;
  return arenaIn(memory, 0, () => {
    if (memory.buffer.byteLength <= SPARE_BYTES_MAX) spare = memory;
  });
}

function newMemory(bytes: number): WasmMemory {
  const initial = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
  if (initial > PAGES_MAX) throw new RangeError(`${bytes} bytes do not fit the 4 GiB of a WebAssembly memory`);
  return canShare ? new wasm.Memory({ initial, maximum: PAGES_MAX, shared: true }) : new wasm.Memory({ initial, maximum: PAGES_MAX });
}

function arenaIn(memory: WasmMemory, from: number, released: () => void): Arena {
  // Address 0 is left out: kernels take it for "not given". Whatever earlier use left behind must read as zero.
  let next = Math.max(64, from);
  const used = memory.buffer.byteLength;
  return {
    memory,
    take(bytes) {
      const address = Math.ceil(next / 64) * 64;
      next = address + bytes;
      const missing = Math.ceil((next - memory.buffer.byteLength) / PAGE_BYTES);
      if (missing > 0) {
        try {
          memory.grow(missing);
        } catch {
          throw new RangeError(`a working space of ${next} bytes does not fit the 4 GiB of a WebAssembly memory`);
        }
      }
      const dirty = Math.min(next, used);
      if (dirty > address) new Uint8Array(memory.buffer, address, dirty - address).fill(0);
      return address;
    },
    release: released,
  };
}
