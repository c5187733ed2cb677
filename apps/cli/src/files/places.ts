/** Files and folders that words of the command line name: what can be known to go wrong goes wrong before any work. */
import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Problem } from "../problems.ts";

/** Path of a file that is to be written. @throws Problem when its folder isn't there or can't be written to, naming the flag */
export function writable(cwd: string, file: string, flag: string): string {
  const path = resolve(cwd, file);
  const folder = dirname(path);
  if (!existsSync(folder)) throw new Problem(`There is no folder ${folder} for the file of ${flag}. Make it first, or choose another.`);
  if (existsSync(path) && statSync(path).isDirectory()) throw new Problem(`${path} is a folder. Give ${flag} the name of a file.`);
  accessSync(folder, constants.W_OK);
  return path;
}

/** Path of a file that is to be read. @throws Problem when there is none */
export function readable(cwd: string, file: string): string {
  const path = resolve(cwd, file);
  if (!existsSync(path)) throw new Problem(`There is no file ${path}.`);
  if (statSync(path).isDirectory()) throw new Problem(`${path} is a folder, not a file.`);
  return path;
}

/** Where a folder really is. @param flag which names it, if one does @throws Problem when there is none */
export function requireFolder(path: string, flag?: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Problem(`There is no folder ${path}${flag === undefined ? "" : `, which ${flag} names`}.`);
  if (!found.isDirectory()) throw new Problem(`${path} is a file, not a folder.`);
  return realpathSync(path);
}
