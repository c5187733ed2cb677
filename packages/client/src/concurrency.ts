/**
 * Runs `work` for each item, at most `workers` at a time. Items are taken only when someone is free, so that an endless
 * source needs no memory. The first error stops taking items; those begun are waited for, then it is thrown.
 * @throws the signal's reason when aborted
 */
export async function forEachConcurrently<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  workers: number,
  work: (item: Item) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const item of items) {
      signal?.throwIfAborted();
      const task: Promise<void> = work(item).then(
        () => void running.delete(task),
        (error: unknown) => {
          running.delete(task);
          failure ??= { error };
        },
      );
      running.add(task);
      if (running.size >= workers) await Promise.race(running);
      if (failure !== undefined) throw failure.error;
    }
  } finally {
    await Promise.all(running);
  }
  signal?.throwIfAborted();
  if (failure !== undefined) throw (failure as { readonly error: unknown }).error;
}
