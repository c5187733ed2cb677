import { inspect } from "node:util";

/** The command line itself is wrong: exit code 2. The message is a sentence that says what is expected. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Something went wrong for a reason that the user can do something about: exit code 1, the message alone is shown. */
export class Problem extends Error {
  override name = "Problem";
}

/** Exit code of a command that did its work, but not for all: what was left out is named. */
export const INCOMPLETE = 3;

/** One sentence for people about anything that was thrown. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const answer = answerOf(error);
  if (answer !== undefined) return answer;
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

/** What to do about an answer of the platform, or about none. Told by name: the SDK isn't loaded for commands that don't need it. */
function answerOf(error: Error): string | undefined {
  const { status } = error as { readonly status?: number };
  if (error.name === "ConnectionError") return `The platform doesn't answer (${error.message.replace(/\.$/, "")}). Is it running? --server or WINNOW_SERVER_LOCATION say where it is, and winnow server starts one.`;
  if (error.name !== "ApiError") return undefined;
  if (status === 401) return "The platform doesn't know the token. Log in with winnow login, or set another in WINNOW_TOKEN; winnow token create makes one where the platform's data folder is.";
  if (status === 403) return `You may not do this here: ${error.message}. Whoever owns the dataset can share it with you.`;
  return undefined;
}
