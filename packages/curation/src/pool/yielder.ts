/**
 * Lets timers, sockets and abort events in while a long computation runs on this thread.
 * @returns a function to call often: when `everyMs` have passed since the last time it hands the thread over once and
 *   answers true (a good moment to report progress), otherwise it answers false at once; it throws the signal's reason
 *   once aborted
 */
export function yielder(signal?: AbortSignal, everyMs = 20): () => boolean | Promise<boolean> {
  let last = performance.now();
  return () => {
    const now = performance.now();
    if (now - last < everyMs) return false;
    return turn().then(() => {
      last = performance.now();
      signal?.throwIfAborted();
      return true;
    });
  };
}

/** One turn of the event loop; unlike a resolved promise it lets I/O in, unlike a timer of 0 it isn't slowed to 4 ms. */
function turn(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    // Only browsers come here; the types are Node's.
    (port1 as unknown as { onmessage: () => void }).onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}
