/** A part of a list, as clients ask for it. */
export interface Page {
  readonly pageSize?: number;
  readonly pageOffset?: number;
}

/** More than a statement can count to stands for "all". */
const rowsMax = 2 ** 31 - 1;

/** A page as a statement can count it; without a size all. */
export function pageOf({ pageSize = rowsMax, pageOffset = 0 }: Page): { limit: number; offset: number } {
  return { limit: Math.min(pageSize, rowsMax), offset: Math.min(pageOffset, rowsMax) };
}
