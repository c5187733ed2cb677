/** What is to happen when a signal is aborted. */
const followers = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `run` when the signal is aborted, at once if it is. One listener serves all: a long upload has thousands of
 * requests that follow the same signal, where the platform warns of a leak at eleven listeners, and `AbortSignal.any`
 * has one.
 * @returns ends it; to be called when the work is done
 */
export function follow(signal: AbortSignal | undefined, run: () => void): () => void {
  if (signal === undefined) return () => undefined;
  if (signal.aborted) {
    run();
    return () => undefined;
  }
  let all = followers.get(signal);
  if (all === undefined) {
    const added = new Set<() => void>();
    signal.addEventListener("abort", () => added.forEach((follower) => follower()), { once: true });
    followers.set(signal, added);
    all = added;
  }
  // A function of its own, so that two may follow with the same one.
  const follower = () => run();
  all.add(follower);
  return () => void all.delete(follower);
}
