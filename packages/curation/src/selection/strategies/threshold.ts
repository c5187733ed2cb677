import type { ThresholdOperation } from "./configuration.ts";

const HOLDS: Readonly<Record<ThresholdOperation, (value: number, threshold: number) => boolean>> = {
  SMALLER: (value, threshold) => value < threshold,
  SMALLER_EQUAL: (value, threshold) => value <= threshold,
  BIGGER: (value, threshold) => value > threshold,
  BIGGER_EQUAL: (value, threshold) => value >= threshold,
};

/** THRESHOLD: those of the ordinals whose number compares so; one without a number (NaN) never does. */
export function withinThreshold(ordinals: Uint32Array, numbers: Float64Array, threshold: number, operation: ThresholdOperation): Uint32Array {
  const holds = HOLDS[operation];
  return ordinals.filter((ordinal) => holds(numbers[ordinal]!, threshold));
}
