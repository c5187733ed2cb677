/** A queue of positions, the one with the highest value first, of equals the lowest position. Values are read from outside. */
export interface BestFirst {
  readonly length: number;
  /** Takes over all of a list. O(length) */
  fill(positions: Uint32Array, length: number): void;
  first(): number;
  /** The value of the first one has become lower. */
  lowered(): void;
  /** Takes the first one out. */
  shift(): void;
}

/** A binary heap (Williams 1964) over at most `capacity` positions. */
export function bestFirst(values: Float64Array, capacity: number): BestFirst {
  const heap = new Uint32Array(capacity);
  let length = 0;
  const before = (a: number, b: number): boolean => values[a]! > values[b]! || (values[a]! === values[b]! && a < b);
  const sink = (from: number): void => {
    let place = from;
    const moved = heap[place]!;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, moved)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = moved;
  };
  return {
    get length() {
      return length;
    },
    fill(positions, count) {
      heap.set(positions.subarray(0, count));
      length = count;
      for (let place = (length >> 1) - 1; place >= 0; place--) sink(place);
    },
    first: () => heap[0]!,
    lowered: () => sink(0),
    shift() {
      heap[0] = heap[--length]!;
      if (length > 0) sink(0);
    },
  };
}
