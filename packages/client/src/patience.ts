/** The patience of uploads: a long one must outlive a restart of the server. */
import { ApiError, ConnectionError } from "./errors.ts";
import { pauseBefore, wait } from "./waiting.ts";

const POLICY = { attempts: 5, pauseMs: 2_000, pauseMsMax: 32_000 };

/**
 * Repeats what failed because the server was away or busy, up to 5 times with pauses of about 1, 2, 4 and 8 seconds. What the
 * server refuses for good (any other 4xx) is thrown at once: repeating it would only cost time.
 */
export async function retriedLikeUploads<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const again = error instanceof ConnectionError || (error instanceof ApiError && (error.retryable || error.status >= 500 && error.status !== 501));
      if (!again || attempt >= POLICY.attempts) throw error;
      const asked = error instanceof ApiError ? error.retryAfter : undefined;
      await wait(asked === undefined ? pauseBefore(attempt + 1, POLICY) : asked * 1000, signal);
    }
  }
}
