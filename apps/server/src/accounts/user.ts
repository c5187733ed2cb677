export interface User {
  readonly id: string;
  /** Mail address in lower case: how others share datasets with the user. */
  readonly email: string;
  readonly createdAt: number;
}
