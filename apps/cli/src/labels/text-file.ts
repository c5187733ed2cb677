import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Problem } from "../problems.ts";

/** Most bytes of a text file that is read whole. */
const TEXT_BYTES_MAX = 500_000_000;

/** The text of a file that a word of the command line means. @throws Problem when there is none, or it is too large */
export async function requireText(cwd: string, path: string): Promise<string> {
  const file = resolve(cwd, path);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw new Problem(`There is no file ${file}.`);
  if (!found.isFile()) throw new Problem(`${file} is not a file.`);
  if (found.size > TEXT_BYTES_MAX) throw new Problem(`${file} has ${found.size} bytes; at most ${TEXT_BYTES_MAX} can be read. Cut it into several.`);
  return readFile(file, "utf8");
}
