import { nearestName } from "../selection/strategies/nearest-name.ts";

/** Settings of `object_frequency`. */
export interface ObjectDetectionConfig {
  /** What each further box of a class counts, 0 … 1; the first counts 1. Default 0.25. */
  readonly frequencyPenalty: number;
  /** The score 0 … 1 of the samples with the least; those with the most get 1. Default 0.9. */
  readonly minScore: number;
}

const DEFAULTS: ObjectDetectionConfig = { frequencyPenalty: 0.25, minScore: 0.9 };
const KEYS = new Map<string, keyof ObjectDetectionConfig>([
  ["frequency_penalty", "frequencyPenalty"],
  ["frequencyPenalty", "frequencyPenalty"],
  ["min_score", "minScore"],
  ["minScore", "minScore"],
]);

/** With defaults filled in. @throws RangeError naming the key that is unknown, given twice, not a number or outside 0 … 1 */
export function objectDetectionConfig(given: Readonly<Record<string, unknown>> = {}): ObjectDetectionConfig {
  const config = { ...DEFAULTS };
  const seen = new Map<string, string>();
  for (const [written, value] of Object.entries(given)) {
    const key = KEYS.get(written);
    if (key === undefined) throw new RangeError(`scorer configuration: there is no key ${written}; did you mean ${nearestName(written, KEYS.keys())}?`);
    if (seen.has(key)) throw new RangeError(`scorer configuration: ${seen.get(key)} and ${written} are the same key; give one of them`);
    seen.set(key, written);
    if (typeof value !== "number") throw new RangeError(`scorer configuration: ${written} must be a number, got ${value === null ? "null" : typeof value}`);
    if (!(value >= 0 && value <= 1)) throw new RangeError(`scorer configuration: ${written} must be in 0 … 1, got ${value}`);
    config[key] = value;
  }
  return config;
}
