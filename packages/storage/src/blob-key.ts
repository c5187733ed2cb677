import { InvalidKeyError } from "./errors.ts";

/** Where a folder's files are written until they are complete, so that what a killed process left is found without a search. */
export const unfinishedFolder = ".unfinished";

/** The names in a key. @throws InvalidKeyError when it is empty, absolute, has `.`, `..`, empty or NUL parts, or is a file not finished yet */
export function partsOfKey(key: string): string[] {
  const parts = key.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".." || part.includes("\0") || part.includes("\\")) || parts[0] === unfinishedFolder) throw new InvalidKeyError(key);
  return parts;
}
