import type { BlobRange } from "@winnow/storage";

/**
 * The part of a file that a Range header asks for (RFC 9110, section 14).
 * @returns undefined: everything (no header, more than one range, or one that isn't understood);
 * `unsatisfiable`: the file has nothing there
 */
export function parseRange(header: string | undefined, sizeBytes: number): BlobRange | undefined | "unsatisfiable" {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  if (match[1] === "") {
    const length = Number(match[2]);
    if (length === 0 || sizeBytes === 0) return "unsatisfiable";
    return { start: Math.max(0, sizeBytes - length), end: sizeBytes - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === "" ? sizeBytes - 1 : Math.min(Number(match[2]), sizeBytes - 1);
  if (start >= sizeBytes) return "unsatisfiable";
  return end < start ? undefined : { start, end };
}
