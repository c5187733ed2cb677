import { parentPort } from "node:worker_threads";
import { decimalKernel } from "../decimals/decimal-kernel.ts";
import { type RowLayout, type Slab, readPlainRows } from "./plain-rows.ts";
import { begin, type SlabMessage } from "./threads.ts";

// The entry of a thread: says `true` when it is up, then answers each slab with what it read, one after the other.
const kernel = await decimalKernel();
const files = new Map<number, { slabs: readonly Slab[]; layout: RowLayout; open: Int32Array }>();
parentPort?.on("message", (message: SlabMessage) => {
  if ("slabs" in message) files.set(message.file, message);
  else if ("done" in message) files.delete(message.file);
  else {
    const { slabs, layout, open } = files.get(message.file)!;
    parentPort!.postMessage(begin(open, message.slab, message.turn) ? readPlainRows(slabs[message.slab]!, message.length, layout, kernel) : undefined);
  }
});
parentPort?.postMessage(true);
