/** A WebAssembly memory; shared ones can be grown while threads use them and are never moved. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

/** A compiled module; it can be sent to a thread. */
export type WasmModule = object;

interface WasmNamespace {
  Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
  compile(bytes: Uint8Array): Promise<WasmModule>;
  Instance: new (module: WasmModule, imports: object) => { exports: object };
}

// The platform has it; Node's type package does not say so, and the browser's types can't be assumed here.
export const wasm = (globalThis as unknown as { WebAssembly: WasmNamespace }).WebAssembly;

export const PAGE_BYTES = 65536;
export const PAGES_MAX = 65536;
