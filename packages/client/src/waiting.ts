import { follow } from "./following.ts";

/** @throws the signal's reason, at once when it is aborted while waiting. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      end();
      resolve();
    }, milliseconds);
    const end = follow(signal, () => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    });
  });
}

/** How failed requests are repeated. */
export interface RetryPolicy {
  /** How often a request is sent at most, the first time included. */
  readonly attempts: number;
  /** Longest pause before the second attempt, in milliseconds; doubled for each further one. */
  readonly pauseMs: number;
  /** No pause is longer, save one that the server asks for. */
  readonly pauseMsMax: number;
}

/** Pause before attempt `attempt` (the first repetition is 2): random between half and all of the doubled pause. */
export function pauseBefore(attempt: number, policy: RetryPolicy): number {
  const longest = Math.min(policy.pauseMs * 2 ** (attempt - 2), policy.pauseMsMax);
  return longest * (0.5 + 0.5 * Math.random());
}
