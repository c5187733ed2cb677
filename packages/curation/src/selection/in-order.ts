import { distanceFromSquare } from "../kernels/distance.plain.ts";
import { yielder } from "../pool/yielder.ts";
import { plainCoverage } from "./coverage.plain.ts";
import { canGoFast, openFarthest } from "./farthest.ts";
import type { Problem } from "./problem.ts";
import { recorder } from "./recorder.ts";
import type { Selection } from "./request.ts";

/** What the walk asks: how far is this one, count it as chosen, how far is the worst. */
interface Cover {
  squareOf(ordinal: number): number;
  choose(ordinal: number): void;
  radius(): number | Promise<number>;
  rest(): boolean | Promise<boolean>;
  close(): void;
}

/**
 * Takes candidates in a given order, skipping those nearer than minDistance to a chosen sample. A skipped one stays
 * too near for ever, since distances only shrink: one walk is enough.
 */
export async function inOrder(problem: Problem, order: Uint32Array): Promise<Selection> {
  const { request, configuration, points, preselected, candidates, picksWanted, minDistance } = problem;
  const record = recorder(problem);
  const ended = (): Selection => {
    if (record.count >= picksWanted) return record.finish("count");
    return record.finish(record.count < candidates.length ? "distance" : "exhausted");
  };
  if (points === undefined || order.length === 0) {
    for (const ordinal of order) {
      if (record.count >= picksWanted) break;
      record.pick(ordinal, points === undefined ? Number.NaN : Infinity);
    }
    return ended();
  }
  const picksMax = Math.min(picksWanted, candidates.length);
  const onTurn = (): void => request.onProgress?.(record.count, picksMax);
  const cover = canGoFast(points, problem.inspection!.largest) ? await lazyCover(problem, picksMax, onTurn) : plainCover(problem, onTurn);
  try {
    for (const ordinal of preselected) cover.choose(ordinal);
    for (const ordinal of order) {
      if (record.count >= picksWanted) break;
      const pause = cover.rest();
      if (pause !== false) await pause;
      const distance = distanceFromSquare(cover.squareOf(ordinal), configuration.metric);
      if (distance < minDistance) continue;
      record.pick(ordinal, distance);
      cover.choose(ordinal);
      record.radius(await cover.radius());
    }
    return ended();
  } finally {
    cover.close();
  }
}

async function lazyCover({ request, configuration, points, query, preselected }: Problem, picksMax: number, onTurn: () => void): Promise<Cover> {
  const { metric } = configuration;
  const farthest = await openFarthest(points!, {
    metric, members: query, centresMax: preselected.length + picksMax, threads: request.threads, signal: request.signal, onTurn,
  });
  return {
    squareOf: (ordinal) => farthest.squareOf(ordinal),
    choose: (ordinal) => farthest.add(ordinal),
    radius: async () => distanceFromSquare(Math.max(0, (await farthest.largest()).square), metric),
    rest: () => farthest.session.rest(),
    close: () => farthest.close(),
  };
}

function plainCover({ request, configuration, points, query }: Problem, onTurn: () => void): Cover {
  const coverage = plainCoverage(points!, configuration.metric, query);
  const positions = new Map(Array.from(query, (ordinal, position) => [ordinal, position]));
  const pause = yielder(request.signal);
  return {
    squareOf: (ordinal) => coverage.squareAt(positions.get(ordinal)!),
    choose: (ordinal) => coverage.choose(ordinal),
    radius: () => coverage.radius(),
    rest: () => {
      const paused = pause();
      if (paused !== false) onTurn();
      return paused;
    },
    close: () => {},
  };
}
