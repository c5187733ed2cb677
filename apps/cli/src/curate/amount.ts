import { UsageError } from "../problems.ts";

/** @throws UsageError unless it is a whole number from 1 on, or a share between 0 and 1 */
export function parseSelect(text: string): number {
  const value = /^\d+(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) / 100 : /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  const sensible = value >= 1 ? Number.isSafeInteger(value) : value > 0;
  if (!sensible) throw new UsageError(`--select must be a number of images such as 100, or a share of them such as 0.1, not ${JSON.stringify(text)}.`);
  // "100%" is all of them, not one.
  return text.endsWith("%") && value >= 1 ? Number.MAX_SAFE_INTEGER : value;
}

/** How many of `count` images are meant: a share of them, at least one; or a count, as far as there are so many. */
export function amountOf(select: number, count: number): number {
  if (count === 0) return 0;
  return Math.min(count, select < 1 ? Math.max(1, Math.round(select * count)) : select);
}
