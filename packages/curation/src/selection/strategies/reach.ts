import type { Metric } from "../../kernels/distance.plain.ts";
import type { Matrix } from "../../matrix/matrix.ts";
import type { SessionOptions } from "../../pool/session.ts";
import { yielder } from "../../pool/yielder.ts";
import { plainCoverage } from "../coverage.plain.ts";
import { canGoFast, openFarthest } from "../farthest.ts";

export interface ReachOptions extends SessionOptions {
  metric: Metric;
  /** Ascending. */
  members: Uint32Array;
  centresMax: number;
  /** Largest magnitude among the points. */
  largest: number;
}

/** How far members are from what is chosen: exact in float64, and lazy about those that nobody asks for. */
export interface Reach {
  /** Counts a row as chosen; any row. */
  add(row: number): void;
  /** The squared distance of a member to the nearest chosen row; Infinity when there is none. */
  squareOf(member: number): number;
  /** The largest of all; something must be chosen. 0 when there are no members. */
  largestSquare(): Promise<number>;
  /** To be called often in long loops, see `Session.rest`. */
  rest(): boolean | Promise<boolean>;
  close(): void;
}

export async function openReach(points: Matrix, options: ReachOptions): Promise<Reach> {
  const { metric, members, signal, onTurn } = options;
  if (members.length > 0 && canGoFast(points, options.largest)) {
    const farthest = await openFarthest(points, options);
    return {
      add: (row) => farthest.add(row),
      squareOf: (member) => farthest.squareOf(member),
      largestSquare: async () => Math.max(0, (await farthest.largest()).square),
      rest: () => farthest.session.rest(),
      close: () => farthest.close(),
    };
  }
  const coverage = plainCoverage(points, metric, members);
  const places = new Map(Array.from(members, (member, place) => [member, place]));
  const pause = yielder(signal);
  return {
    add: (row) => coverage.choose(row),
    squareOf: (member) => coverage.squareAt(places.get(member)!),
    largestSquare: async () => {
      let most = 0;
      for (let place = 0; place < members.length; place++) most = Math.max(most, coverage.squareAt(place));
      return most;
    },
    rest: () => {
      const paused = pause();
      if (paused !== false) onTurn?.();
      return paused;
    },
    close: () => {},
  };
}
