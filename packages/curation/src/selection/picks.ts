import type { Selection, SelectionRequest } from "./request.ts";
import { selectSamples } from "./select-samples.ts";
import type { StrategyRequest, StrategySelection } from "./strategies/request.ts";
import { selectByStrategies } from "./strategies/select-by-strategies.ts";

/** A pick at the time it is made. */
export interface Pick {
  readonly ordinal: number;
  /** Its place, from 0. */
  readonly index: number;
}

/**
 * The picks of a selection, by one method or by strategies, as they are made. Leaving the loop stops the work within some
 * tens of milliseconds; the work does not wait for the loop. Ends with the whole result as return value.
 *
 * Throws what {@link selectSamples} or {@link selectByStrategies} rejects with.
 * @example
 * for await (const { ordinal } of picks({ method: "CORESET", size, points, nSamples: 1000 })) if (!(await show(ordinal))) break;
 */
export function picks(request: SelectionRequest): AsyncGenerator<Pick, Selection, undefined>;
export function picks(request: StrategyRequest): AsyncGenerator<Pick, StrategySelection, undefined>;
export async function* picks(request: SelectionRequest | StrategyRequest): AsyncGenerator<Pick, Selection | StrategySelection, undefined> {
  const left = new AbortController();
  const { signal } = request;
  const abort = (): void => left.abort(signal!.reason);
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort, { once: true });
  const waiting: Pick[] = [];
  let wake: (() => void) | undefined;
  let finished = false;
  const onPick = (ordinal: number, index: number): void => {
    request.onPick?.(ordinal, index);
    waiting.push({ ordinal, index });
    wake?.();
  };
  const own = { signal: left.signal, onPick };
  const result = ("method" in request ? selectSamples({ ...request, ...own }) : selectByStrategies({ ...request, ...own })).finally(() => {
    finished = true;
    wake?.();
  });
  // Whoever leaves early does not want to hear how the work ended.
  result.catch(() => undefined);
  try {
    for (let next = 0; ; ) {
      while (next < waiting.length) yield waiting[next++]!;
      waiting.length = next = 0;
      if (finished) return await result;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (finished || waiting.length > 0) resolve();
      });
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    left.abort(new DOMException("the picks are not wanted any more", "AbortError"));
  }
}
