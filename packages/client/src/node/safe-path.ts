/** File names from a server are not to be trusted with the paths of this machine. */
import { lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ValueError } from "../errors.ts";

/**
 * The parts of a file name, none of which leads out of a folder.
 * @throws ValueError for an absolute name, a drive letter, `..`, an empty part, a NUL
 */
export function safeParts(fileName: string): string[] {
  const refuse = (why: string) => new ValueError(`the file name ${why}; it was not written`);
  if (fileName === "") throw refuse("is empty");
  if (fileName.includes("\0")) throw refuse("holds a NUL character");
  if (/^[a-z]:/i.test(fileName)) throw refuse("begins with a drive letter");
  if (/^[/\\]/.test(fileName)) throw refuse("is an absolute path");
  // A backslash separates on some systems; what it separates must be harmless on all.
  if (fileName.split(/[/\\]/).some((part) => part === "..")) throw refuse("leads out of the folder");
  const parts = fileName.split(process.platform === "win32" ? /[/\\]/ : "/");
  if (parts.some((part) => part === "" || part === ".")) throw refuse("has an empty part");
  if (process.platform === "win32" && fileName.includes(":")) throw refuse("holds a colon");
  return parts;
}

/** Makes the folders that files go into, and refuses those that lead elsewhere by a symbolic link. */
export class SafeFolder {
  readonly #root: string;
  readonly #checked = new Set<string>();

  /** @param root the folder; it may itself be a link */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Path for a file name, its folder made.
   * @throws ValueError when the name leads out of the folder, by itself or by a link
   */
  async path(fileName: string): Promise<string> {
    const parts = safeParts(fileName);
    let folder = this.#root;
    for (const part of parts.slice(0, -1)) {
      folder = join(folder, part);
      if (this.#checked.has(folder)) continue;
      await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
      const found = await lstat(folder);
      if (found.isSymbolicLink()) throw new ValueError(`the folder ${folder} is a symbolic link; nothing is written through it`);
      if (!found.isDirectory()) throw new ValueError(`${folder} is a file, but files are to be put below it`);
      if (this.#checked.size < 100_000) this.#checked.add(folder);
    }
    return join(folder, parts.at(-1)!);
  }
}
