/**
 * Works on all items, so many at a time. The first error stops the rest; it is thrown when nothing is under way any more,
 * so that the caller may close what the work uses.
 */
export async function concurrently<Item>(items: readonly Item[], width: number, work: (item: Item) => Promise<void>, signal: AbortSignal): Promise<void> {
  let next = 0;
  let failed = false;
  const worker = async () => {
    while (next < items.length && !failed) {
      try {
        signal.throwIfAborted();
        await work(items[next++]!);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, worker));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}
