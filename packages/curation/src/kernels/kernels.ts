import { SHARED_KERNELS, UNSHARED_KERNELS } from "./compiled.ts";
import { wasm, type WasmMemory, type WasmModule } from "./webassembly.ts";

/** What kernels/*.ts export. Addresses are bytes in the module's memory, lengths are counts of entries. */
export interface Kernels {
  squareUpTo(x: number, y: number, columns: number, limit: number): number;
  exactSquare(x: number, y: number, columns: number): number;
  exactScaledSquare(x: number, y: number, columns: number, p: number, q: number): number;
  exactNearest(header: number, row: number): number;
  catchUp(start: number, end: number, header: number, list: number, count: number, limit: number): void;
  tryFew(start: number, end: number, header: number, list: number, count: number, limit: number, most: number): void;
  tryNearestShadows(start: number, end: number, header: number, list: number, count: number, limit: number, scratch: number): void;
  keepAtLeast(header: number, list: number, length: number, limit: number, into: number): number;
  largest(header: number, list: number, length: number): number;
  histogram(header: number, list: number, length: number, top: number, bins: number, into: number): void;
  link(start: number, end: number, header: number, from: number, to: number, limit: number): void;
  mirror(start: number, end: number, header: number, from: number): void;
  sumColumns(start: number, end: number, header: number, list: number, length: number, into: number): void;
  squaresTo(start: number, end: number, header: number, list: number, point: number, into: number): void;
  inspect(start: number, end: number, data: number, words: number, hashes: number, magnitudes: number): void;
  nearestOfAll(start: number, end: number, points: number, columns: number, rows: number, k: number, ids: number, squares: number): void;
  alongDirections(
    start: number, end: number, points: number, columns: number, members: number, nodeOf: number, directions: number, into: number,
  ): void;
  nearestInLeaves(
    start: number, end: number, points: number, columns: number, k: number, ids: number, squares: number,
    members: number, leaves: number,
  ): void;
  nearestByHops(
    start: number, end: number, points: number, columns: number, k: number, ids: number, squares: number,
    reverse: number, hops: number, newIds: number, newSquares: number, fresh: number, met: number,
  ): void;
  nearestByShadows(
    start: number, end: number, points: number, columns: number, k: number, ids: number, squares: number,
    shadows: number, slack: number, relative: number, rowOf: number, boxes: number, leaves: number, leafCount: number,
  ): void;
  boxLeaves(start: number, end: number, shadows: number, leaves: number, boxes: number): void;
  squaredLengths(start: number, end: number, points: number, columns: number, lengths: number): void;
  copyWorsts(start: number, end: number, k: number, squares: number, worsts: number): void;
  meetInTiles(
    start: number, end: number, points: number, columns: number, rows: number, k: number, ids: number, squares: number,
    lengths: number, share: number, worsts: number, blockRows: number, round: number,
  ): void;
  markFresh(start: number, end: number, k: number, before: number, now: number, fresh: number): void;
  nearestAmong(
    start: number, end: number, queries: number, points: number, columns: number, rows: number, k: number, ids: number, squares: number,
  ): void;
  pairsWithin(start: number, end: number, header: number, list: number): void;
  castShadows(start: number, end: number, header: number): void;
  buildTree(header: number): void;
  repel(start: number, end: number, header: number, forces: number, sums: number): void;
  attractAndMove(start: number, end: number, header: number, layout: number, next: number): void;
  umapEpoch(start: number, end: number, header: number, layout: number, next: number): void;
  lessen(start: number, end: number, points: number, columns: number, centre: number, least: number): void;
  centreGaps(start: number, end: number, header: number): void;
  assignCentres(start: number, end: number, header: number): void;
  meansOf(
    start: number, end: number, points: number, columns: number, list: number, members: number, starts: number,
    sums: number, centres: number,
  ): void;
}

const modules = new Map<boolean, Promise<WasmModule>>();

/** The compiled kernels for shared or ordinary memory; compiled once. */
export function kernelModule(shared: boolean): Promise<WasmModule> {
  let module = modules.get(shared);
  if (module === undefined) {
    const text = atob(shared ? SHARED_KERNELS : UNSHARED_KERNELS);
    module = wasm.compile(Uint8Array.from(text, (character) => character.charCodeAt(0)));
    modules.set(shared, module);
  }
  return module;
}

/** The kernels working on a memory. */
export function bindKernels(module: WasmModule, memory: WasmMemory): Kernels {
  const abort = (): never => {
    throw new Error("a kernel failed an assertion");
  };
  return new wasm.Instance(module, { env: { memory, abort } }).exports as Kernels;
}
