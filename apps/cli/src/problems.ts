import { inspect } from "node:util";

/** The command line itself is wrong: exit code 2. The message is a sentence that says what is expected. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Something went wrong for a reason that the user can do something about: exit code 1, the message alone is shown. */
export class Problem extends Error {
  override name = "Problem";
}

/** One sentence for people about anything that was thrown. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  const where = path === undefined ? "" : ` ${path}`;
  switch (code) {
    case "EACCES":
    case "EPERM":
      return `Permission is denied:${where || ` ${error.message}`}. Choose another place, or change the permissions.`;
    case "EROFS":
      return `The disk is read-only:${where}. Choose another place.`;
    case "ENOSPC":
      return `The disk is full${where === "" ? "" : ` (writing${where})`}. Make room and run the same command again: it goes on where it was.`;
    case "EMFILE":
    case "ENFILE":
      return "Too many files are open. Raise the limit (ulimit -n) and run the same command again.";
    case "EEXIST":
    case "ENOTDIR":
      return path === undefined ? error.message : `A folder is needed at ${path}, but there is a file in its place. Choose another place.`;
    case "EADDRNOTAVAIL":
      return "This machine doesn't have the address given by --host. Leave it out for this machine only, or give 0.0.0.0 for all its addresses.";
    default:
      return error.message === "" ? error.name : error.message;
  }
}

/** All there is to know, for --debug. */
export function details(error: unknown): string {
  return inspect(error, { depth: 5 });
}
