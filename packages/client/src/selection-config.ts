import type { SamplingMethod } from "@winnow/contract";

export interface SelectionConfigOptions {
  /** `CORESET` (default), `RANDOM`, `ACTIVE_LEARNING` or `CORAL`. */
  readonly method?: SamplingMethod;
  /** How many samples the new tag is to hold, the preselected ones counted; below 1: a share of all. Default 32; -1: no limit. */
  readonly nSamples?: number;
  /** Stop before a sample would be chosen that is nearer than this to another one. Default -1: no limit. */
  readonly minDistance?: number;
  /** Name of the new tag; default made of method, numbers and local time. */
  readonly name?: string;
  /** Which scores to use for ACTIVE_LEARNING and CORAL; by default the server chooses. An addition of ours. */
  readonly scoreType?: string;
  /** Makes random choices repeatable; the server's default is 0. An addition of ours. */
  readonly seed?: number;
}

/**
 * What to select.
 * @example
 * await client.selection(new SelectionConfig({ nSamples: 100, name: "first hundred" }));
 */
export class SelectionConfig {
  readonly method: SamplingMethod;
  readonly nSamples: number;
  readonly minDistance: number;
  readonly name: string;
  readonly scoreType: string | undefined;
  readonly seed: number | undefined;

  constructor(options: SelectionConfigOptions = {}) {
    this.method = options.method ?? "CORESET";
    this.nSamples = options.nSamples ?? 32;
    this.minDistance = options.minDistance ?? -1;
    this.name = options.name ?? `${this.method}_${this.nSamples}_${this.minDistance}_${timeInName(new Date())}`;
    this.scoreType = options.scoreType;
    this.seed = options.seed;
  }
}

/** Month, day, year and time, as selections have always been named. */
export function timeInName(time: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(time.getMonth() + 1)}_${two(time.getDate())}_${time.getFullYear()}__${two(time.getHours())}_${two(time.getMinutes())}_${two(time.getSeconds())}`;
}
