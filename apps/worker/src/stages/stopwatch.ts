import type { StageTime } from "../report/facts.ts";

/** Measures how long the stages of a run take. */
export class Stopwatch {
  readonly #stages: { name: string; seconds: number; items: number }[] = [];

  /** Times some work; `items` says how much it did. */
  async time<Result>(name: string, work: () => Promise<Result>, items: (result: Result) => number): Promise<Result> {
    const began = performance.now();
    const result = await work();
    this.add(name, (performance.now() - began) / 1000, items(result));
    return result;
  }

  add(name: string, seconds: number, items: number): void {
    const found = this.#stages.find((stage) => stage.name === name);
    if (found === undefined) this.#stages.push({ name, seconds, items });
    else {
      found.seconds += seconds;
      found.items += items;
    }
  }

  get stages(): readonly StageTime[] {
    return this.#stages;
  }
}
