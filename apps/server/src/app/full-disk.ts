/** Whether a failure says that there is no room: of the file system, PostgreSQL or SQLite. */
export function isFull(error: unknown): boolean {
  const { code, errcode } = (error ?? {}) as { code?: string; errcode?: number };
  return code === "ENOSPC" || code === "EDQUOT" || code === "53100" || errcode === 13;
}
