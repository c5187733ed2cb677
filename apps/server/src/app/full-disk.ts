/** SQLITE_FULL, and SQLITE_IOERR_SHMSIZE: the index of the log can't grow. */
const fullCodes: ReadonlySet<number> = new Set([13, 4874]);

/** Whether a failure says that there is no room: of the file system, PostgreSQL or SQLite. */
export function isFull(error: unknown): boolean {
  const { code, errcode } = (error ?? {}) as { code?: string; errcode?: number };
  return code === "ENOSPC" || code === "EDQUOT" || code === "53100" || (errcode !== undefined && fullCodes.has(errcode));
}
