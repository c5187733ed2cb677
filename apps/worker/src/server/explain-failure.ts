import { ApiError, ConnectionError } from "@winnow/client";
import { RunFailure } from "../run/context.ts";
import { sentence } from "../stages/listing.ts";

/** What went wrong with a run, in a sentence that says what to do. */
export function explainFailure(error: unknown): string {
  if (!(error instanceof Error)) return `Something unexpected went wrong: ${String(error)}`;
  if (error instanceof RunFailure) return error.message;
  const { code, path } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return `The worker's disk is full${path === undefined ? "" : ` (writing ${path})`}. Make room there, or start the worker with another --work folder, and schedule the run again.`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `The worker may not write${path === undefined ? "" : ` ${path}`} (${code}). Change the permissions, or give it other folders, and schedule the run again.`;
    case "EMFILE":
    case "ENFILE":
      return "Too many files are open on the worker's machine. Raise the limit (ulimit -n) and schedule the run again.";
    default:
  }
  if (error instanceof ApiError) return error.status >= 500 ? `The server could not do what the run asked of it: ${sentence(error)} Look into the server's log and schedule the run again.` : `The server refused what the run asked of it: ${sentence(error)}`;
  if (error instanceof ConnectionError) return `The server could not be reached for too long: ${error.message}. Schedule the run again when it is back.`;
  return `Something unexpected went wrong (${error.name}: ${error.message}). The log of the run says more.`;
}
