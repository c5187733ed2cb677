/** The patience of uploads and downloads: a long one must outlive a restart of the server. */
import { ApiError, ConnectionError } from "./errors.ts";
import { type RetryPolicy, pauseBefore, wait } from "./waiting.ts";

/** As the Python client has it: pauses of about 1, 2, 4 and 8 seconds. */
export const PATIENCE: RetryPolicy = { attempts: 5, pauseMs: 1_500, pauseMsMax: 32_000 };

/**
 * Repeats what failed because the server was away, busy or broken. What it refuses for good (any other 4xx) is thrown at
 * once: repeating it would only cost time.
 */
export async function patiently<Result>(policy: RetryPolicy, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const again = error instanceof ConnectionError || (error instanceof ApiError && (error.retryable || (error.status >= 500 && error.status !== 501)));
      if (!again || attempt >= policy.attempts) throw error;
      const asked = error instanceof ApiError ? error.retryAfter : undefined;
      await wait(asked === undefined ? pauseBefore(attempt + 1, policy) : asked * 1000, signal);
    }
  }
}
