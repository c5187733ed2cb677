export interface User {
  readonly id: string;
  /** Mail address in lower case: how others share datasets with the user. */
  readonly email: string;
  readonly createdAt: number;
  /** Absent: everything that the user may do. */
  readonly bounds?: Bounds;
}

/** What a token allows of that which its user may do. */
export interface Bounds {
  readonly readOnly: boolean;
  /** Only these datasets. Absent: all. */
  readonly datasetIds?: readonly string[];
  /** Milliseconds since the epoch. Absent: it doesn't end. */
  readonly expiresAt?: number;
}

/** Whether a token of the user reaches a dataset, as far as it is the token that decides. */
export function reaches({ bounds }: Pick<User, "bounds">, datasetId: string): boolean {
  return bounds?.datasetIds?.includes(datasetId) ?? true;
}
