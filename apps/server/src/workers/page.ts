/** A part of a list, as clients ask for it. */
export interface Page {
  readonly pageSize?: number;
  readonly pageOffset?: number;
}

const rowsMax = 25_000;

/** A page as a statement can count it. */
export function pageOf({ pageSize = rowsMax, pageOffset = 0 }: Page): { limit: number; offset: number } {
  return { limit: Math.min(pageSize, rowsMax), offset: Math.min(pageOffset, 2 ** 31 - 1) };
}
