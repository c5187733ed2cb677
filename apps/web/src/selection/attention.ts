import { useSyncExternalStore } from "react";

/** The sample that the pointer is on, wherever it is shown. Outside of React's state, because it changes with every movement. */
export class Attention {
  #ordinal: number | undefined;
  readonly #listeners = new Set<() => void>();

  get ordinal(): number | undefined {
    return this.#ordinal;
  }

  turnTo(ordinal: number | undefined): void {
    if (ordinal === this.#ordinal) return;
    this.#ordinal = ordinal;
    for (const listener of this.#listeners) listener();
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** What `of` makes of the sample that is looked at; draws again only when that changes. */
export function useAttention<Value>(attention: Attention, of: (ordinal: number | undefined) => Value): Value {
  return useSyncExternalStore(attention.listen, () => of(attention.ordinal));
}
