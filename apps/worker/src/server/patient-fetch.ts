import { setTimeout as wait } from "node:timers/promises";
import type { Fetch } from "@winnow/client";

export interface PatienceOptions {
  /** How long a server may be away before a call is given up, in milliseconds. */
  readonly patienceMs: number;
  /** How long one attempt may take. */
  readonly attemptMs: number;
  /** Told once each time the server stops answering, and once when it answers again. */
  readonly onAway?: (why: string) => void;
  readonly onBack?: () => void;
  readonly signal: AbortSignal;
}

const PAUSE_MS = 250;
const PAUSE_MS_MAX = 5_000;
/** Answers of a server (or of a proxy before it) that is starting, stopping or busy. */
const AWAY = new Set([429, 502, 503, 504]);

/**
 * A `fetch` that waits for a server that is away: it is restarted, updated, or out of reach for a while. Every call that a
 * worker makes may be sent again: what it creates has a name or is asked for by the schedule's id.
 */
export function patientFetch({ patienceMs, attemptMs, onAway, onBack, signal }: PatienceOptions): Fetch {
  let away = false;
  return async (input, init) => {
    const ends = Date.now() + patienceMs;
    // A stream can be sent once only.
    const once = init?.body instanceof ReadableStream;
    for (let pauseMs = PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
      const limits = [signal, AbortSignal.timeout(attemptMs), ...(init?.signal ? [init.signal] : [])];
      let why: string;
      try {
        const response = await fetch(input, { ...init, signal: AbortSignal.any(limits) });
        if (!AWAY.has(response.status) || once || Date.now() > ends) {
          if (away) onBack?.();
          away = false;
          return response;
        }
        await response.body?.cancel();
        why = `it answers ${response.status}`;
      } catch (error) {
        signal.throwIfAborted();
        init?.signal?.throwIfAborted();
        if (once || Date.now() > ends) throw error;
        why = reasonOf(error);
      }
      if (!away) onAway?.(why);
      away = true;
      await wait(pauseMs, undefined, { signal: init?.signal ?? signal }).catch(() => undefined);
      signal.throwIfAborted();
      init?.signal?.throwIfAborted();
    }
  };
}

function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string } };
  return cause?.code ?? (error instanceof Error ? error.name : "no answer");
}
